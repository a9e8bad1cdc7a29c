// Protobuf's wire form, by hand: what the messages of this folder are read and written with.
//
//   message  = { field }
//   field    = uvarint(number << 3 | type) payload
//   payload  = uvarint                      type 0: integers, booleans, enumerations
//            | u64le                        type 1: skipped, no message of ours has one
//            | uvarint(size) octets[size]   type 2: strings, bytes, messages, maps' entries
//            | u32le                        type 5: skipped likewise
//   uvarint  = base 128, least significant group first, the top bit says "more"; at most 10 octets
//
// A writer's output is canonical when fields are put in ascending order: defaults are left out and
// map keys ascend.  [I-2]  A reader takes fields in any order, skips unknown ones, and refuses the
// rest: a truncated field, a varint over 64 bits, group types, a known field of another type, a
// `string` that is not UTF-8. Both are plain values on the stack of one function.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "model/records.h"

namespace varve::format {

void put_uvarint(base::Bytes& out, std::uint64_t value);
void put_svarint(base::Bytes& out,
                 std::int64_t value);  // zig-zag: 0, -1, 1, -2, ... are 0, 1, 2, 3
std::size_t uvarint_size(std::uint64_t value);

// Takes a number off the front of `in`. False, with `in` unspecified: truncated or over 64 bits.
bool take_uvarint(std::string_view& in, std::uint64_t& value);
bool take_svarint(std::string_view& in, std::int64_t& value);

// Appends one message. Only finish() says whether every string was valid.
class WireWriter {
 public:
  WireWriter() = default;

  void reserve(std::size_t octets) { out_.reserve(octets); }

  void number(int field, std::int64_t value);      // int32, int64, uint64, enums; 0 is left out
  void boolean(int field, bool value);             // false is left out
  void string(int field, std::string_view value);  // empty is left out
  void string_present(int field, std::string_view value);  // written even if empty: `optional`
  void bytes(int field, std::string_view value);           // as string, any octets
  void message(int field, std::string_view encoded);       // always written
  void timestamp(int field, base::Timestamp value);        // always written
  void map_entry(int field, std::string_view key, std::string_view value);  // map<string, string>
  void map_entry(int field, std::string_view key, std::int64_t value);      // map<string, int>
  void string_map(int field, const model::Metadata& map);
  template <class Strings>
  void strings(int field, const Strings& values) {  // repeated: empty elements are written
    for (const auto& value : values) string_present(field, text_of(value));
  }

  // A nested message whose validity counts here too.
  void nested(int field, WireWriter inner);

  // InvalidArgument: a `string` is not UTF-8.
  base::Result<base::Bytes> finish() &&;

 private:
  static std::string_view text_of(const std::string& value) { return value; }
  template <class Id>
  static std::string_view text_of(const Id& id) {
    return id.view();
  }
  void tag(int field, unsigned type);
  void check_utf8(int field, std::string_view value);

  base::Bytes out_;
  int invalid_field_ = 0;
};

// Walks the fields of one message:
//
//   WireReader in(bytes, "TagData");
//   while (in.next()) {
//     switch (in.field()) {
//       case 1: tag.id = model::TagId(in.string()); break;
//       default: break;                                      // unknown: skipped
//     }
//   }
//   VARVE_CHECK(in.finish());
//
// Accessors give the field's value, or a default and a remembered failure. Views are into `bytes`.
class WireReader {
 public:
  WireReader(std::string_view bytes, const char* message) : rest_(bytes), message_(message) {}

  bool next() { return take_short() || take_any(); }
  int field() const { return field_; }

  bool is_number() const {
    return type_ == 0;
  }  // or else of type 2: a repeated field may be either
  std::uint64_t number();
  std::int64_t signed_number() { return static_cast<std::int64_t>(number()); }
  std::int32_t int32() { return static_cast<std::int32_t>(number()); }  // truncates, as protobuf
  bool boolean() { return number() != 0; }
  std::string_view view();         // bytes or a nested message
  std::string_view string_view();  // a string: must be UTF-8
  std::string string() { return std::string(string_view()); }
  base::Bytes bytes() { return base::Bytes(view()); }
  base::Timestamp timestamp();
  void into_map(
      model::Metadata& map);  // one entry of a map<string, string>; the last of a key wins

  // An enumeration value outside [0, last] cannot be understood: that is a failure too.
  std::uint8_t enumeration(std::uint8_t last);

  // Remembers a failure of the caller's own, for a nested message.
  void fail(std::string why);
  template <class T>
  T take(base::Result<T> nested) {
    if (nested.has_value()) return *std::move(nested);
    fail(nested.error().message());
    return T{};
  }

  // Corruption: "<message>: <what>".
  base::Result<void> finish();

 private:
  // Nearly every field: one octet of tag, one of number or length.
  bool take_short() {
    if (rest_.size() < 2 || !failure_.empty()) return false;
    const auto tag = static_cast<unsigned char>(rest_[0]);
    const auto value = static_cast<unsigned char>(rest_[1]);
    if (tag < 8 || tag >= 0x80 || value >= 0x80) return false;
    std::size_t size = 2;
    if ((tag & 7U) == LengthType) {
      if (value > rest_.size() - size) return false;
      payload_ = rest_.substr(size, value);
      size += value;
    } else if ((tag & 7U) != VarintType) {
      return false;
    }
    number_ = value;
    field_ = tag >> 3U;
    type_ = tag & 7U;
    rest_.remove_prefix(size);
    return true;
  }
  bool take_any();
  bool skip_payload();

  static constexpr unsigned VarintType = 0;
  static constexpr unsigned LengthType = 2;

  std::string_view rest_;
  const char* message_;
  int field_ = 0;
  unsigned type_ = 0;
  std::uint64_t number_ = 0;
  std::string_view payload_;
  std::string failure_;
};

}  // namespace varve::format
