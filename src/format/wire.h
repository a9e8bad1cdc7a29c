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
// map keys ascend.  [I-2]  What reads it is in wire_reader.h. Plain values on the stack of one
// function.
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

}  // namespace varve::format
