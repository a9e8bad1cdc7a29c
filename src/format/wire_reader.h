// WireReader: walks the fields of one message in protobuf's wire form (wire.h has the grammar).
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
// It takes fields in any order, skips unknown ones, and refuses the rest: a truncated field, a
// varint over 64 bits, group types, a known field of another type, a `string` that is not UTF-8. An
// accessor gives the field's value, or a default and a remembered failure. Views are into `bytes`.
// A plain value on the stack of one function.
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
  void into_map(model::Metadata& map);  // an entry of a map<string, string>; the last of a key wins

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
  static constexpr unsigned Fixed64Type = 1;
  static constexpr unsigned LengthType = 2;
  static constexpr unsigned Fixed32Type = 5;

  std::string_view rest_;
  const char* message_;
  int field_ = 0;
  unsigned type_ = 0;
  std::uint64_t number_ = 0;
  std::string_view payload_;
  std::string failure_;
};

}  // namespace varve::format
