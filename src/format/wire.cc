#include "format/wire.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::format {
namespace {

constexpr unsigned Varint = 0;
constexpr unsigned Length = 2;

std::uint64_t zigzag(std::int64_t value) {
  return static_cast<std::uint64_t>(value) << 1U ^ static_cast<std::uint64_t>(value >> 63U);
}

std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1U ^ (~(value & 1U) + 1));
}

}  // namespace

void put_uvarint(base::Bytes& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80U));
    value >>= 7U;
  }
  out.push_back(static_cast<char>(value));
}

void put_svarint(base::Bytes& out, std::int64_t value) { put_uvarint(out, zigzag(value)); }

std::size_t uvarint_size(std::uint64_t value) {
  std::size_t size = 1;
  for (; value >= 0x80; value >>= 7U) ++size;
  return size;
}

bool take_uvarint(std::string_view& in, std::uint64_t& value) {
  value = 0;
  for (std::size_t i = 0; i < in.size() && i < 10; ++i) {
    const auto octet = static_cast<unsigned char>(in[i]);
    if (i == 9 && octet > 1) return false;  // the tenth octet holds bit 63 alone
    value |= static_cast<std::uint64_t>(octet & 0x7fU) << (7 * i);
    if (octet < 0x80) {
      in.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

bool take_svarint(std::string_view& in, std::int64_t& value) {
  std::uint64_t raw = 0;
  if (!take_uvarint(in, raw)) return false;
  value = unzigzag(raw);
  return true;
}

void WireWriter::tag(int field, unsigned type) {
  put_uvarint(out_, static_cast<std::uint64_t>(field) << 3U | type);
}

void WireWriter::check_utf8(int field, std::string_view value) {
  if (invalid_field_ == 0 && !model::is_valid_utf8(value)) invalid_field_ = field;
}

void WireWriter::number(int field, std::int64_t value) {
  if (value == 0) return;
  tag(field, Varint);
  put_uvarint(out_, static_cast<std::uint64_t>(value));
}

void WireWriter::boolean(int field, bool value) { number(field, value ? 1 : 0); }

void WireWriter::string(int field, std::string_view value) {
  if (!value.empty()) string_present(field, value);
}

void WireWriter::string_present(int field, std::string_view value) {
  check_utf8(field, value);
  message(field, value);
}

void WireWriter::bytes(int field, std::string_view value) {
  if (!value.empty()) message(field, value);
}

void WireWriter::message(int field, std::string_view encoded) {
  tag(field, Length);
  put_uvarint(out_, encoded.size());
  out_.append(encoded);
}

// Timestamp {1: int64 seconds, 2: int32 nanos}.
void WireWriter::timestamp(int field, base::Timestamp value) {
  WireWriter inner;
  inner.number(1, value.seconds);
  inner.number(2, value.nanos);
  message(field, inner.out_);
}

void WireWriter::map_entry(int field, std::string_view key, std::string_view value) {
  const std::size_t size =
      2 + uvarint_size(key.size()) + key.size() + uvarint_size(value.size()) + value.size();
  tag(field, Length);
  put_uvarint(out_, size);
  string_present(1, key);  // a map's entry has both, even when empty
  string_present(2, value);
}

void WireWriter::map_entry(int field, std::string_view key, std::int64_t value) {
  WireWriter inner;
  inner.string_present(1, key);
  inner.tag(2, Varint);
  put_uvarint(inner.out_, static_cast<std::uint64_t>(value));
  nested(field, std::move(inner));
}

void WireWriter::string_map(int field, const model::Metadata& map) {
  for (const auto& [key, value] : map) map_entry(field, key, value);
}

void WireWriter::nested(int field, WireWriter inner) {
  if (invalid_field_ == 0 && inner.invalid_field_ != 0) invalid_field_ = field;
  message(field, inner.out_);
}

base::Result<base::Bytes> WireWriter::finish() && {
  if (invalid_field_ != 0) {
    return base::Error(base::Code::InvalidArgument,
                       "string field " + std::to_string(invalid_field_) + " is not valid UTF-8");
  }
  return std::move(out_);
}

}  // namespace varve::format
