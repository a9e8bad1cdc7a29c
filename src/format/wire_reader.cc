#include "format/wire_reader.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/time.h"
#include "format/wire.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::format {

bool WireReader::take_any() {
  if (!failure_.empty() || rest_.empty()) return false;
  std::uint64_t tag = 0;
  if (!take_uvarint(rest_, tag) || tag >> 3U == 0 || tag >> 3U > 0x1fffffff) {
    fail("bad field tag");
    return false;
  }
  field_ = static_cast<int>(tag >> 3U);
  type_ = static_cast<unsigned>(tag & 7U);
  if (!skip_payload()) {
    fail("bad or truncated field " + std::to_string(field_));
    return false;
  }
  return true;
}

// Leaves the payload in number_ or payload_.
bool WireReader::skip_payload() {
  std::uint64_t size = 0;
  switch (type_) {
    case VarintType:
      return take_uvarint(rest_, number_);
    case Fixed64Type:
      size = 8;
      break;
    case Fixed32Type:
      size = 4;
      break;
    case LengthType:
      if (!take_uvarint(rest_, size)) return false;
      break;
    default:
      return false;
  }
  if (size > rest_.size()) return false;
  payload_ = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return true;
}

std::uint64_t WireReader::number() {
  if (type_ != VarintType) {
    fail("field " + std::to_string(field_) + " is not a number");
    return 0;
  }
  return number_;
}

std::uint8_t WireReader::enumeration(std::uint8_t last) {
  const std::uint64_t value = number();
  if (value <= last) return static_cast<std::uint8_t>(value);
  fail("field " + std::to_string(field_) + " has the unknown value " + std::to_string(value));
  return 0;
}

std::string_view WireReader::view() {
  if (type_ != LengthType) {
    fail("field " + std::to_string(field_) + " is a number");
    return {};
  }
  return payload_;
}

std::string_view WireReader::string_view() {
  const std::string_view text = view();
  if (!model::is_valid_utf8(text)) {
    fail("string field " + std::to_string(field_) + " is not valid UTF-8");
  }
  return text;
}

base::Timestamp WireReader::timestamp() {
  base::Timestamp time;
  WireReader in(view(), "Timestamp");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        time.seconds = in.signed_number();
        break;
      case 2:
        time.nanos = in.int32();
        break;
      default:
        break;
    }
  }
  if (time.nanos < 0 || time.nanos > 999999999) in.fail("nanos out of range");
  if (auto done = in.finish(); !done.has_value()) fail(done.error().message());
  return time;
}

void WireReader::into_map(model::Metadata& map) {
  std::string key;
  std::string value;
  WireReader in(view(), "map entry");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        key = in.string();
        break;
      case 2:
        value = in.string();
        break;
      default:
        break;
    }
  }
  if (auto done = in.finish(); !done.has_value()) fail(done.error().message());
  map.insert_or_assign(std::move(key), std::move(value));
}

void WireReader::fail(std::string why) {
  if (failure_.empty()) failure_ = std::move(why);
}

base::Result<void> WireReader::finish() {
  if (failure_.empty()) return {};
  return base::Error(base::Code::Corruption, std::string(message_) + ": " + failure_);
}

}  // namespace varve::format
