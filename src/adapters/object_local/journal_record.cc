#include "adapters/object_local/journal_record.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "base/assert.h"
#include "base/hash.h"

namespace varve::adapters {
namespace {

constexpr std::size_t HeaderBytes = 12;
constexpr std::size_t CrcBytes = 4;
constexpr std::size_t SegmentDigits = 16;

void append_integer(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xffU));
}

std::uint64_t read_integer(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) {
    value = value << 8U | static_cast<unsigned char>(bytes[i - 1]);
  }
  return value;
}

std::string crc_of(std::uint64_t segment, std::string_view body) {
  std::string number;
  append_integer(number, segment, 8);
  base::Hasher hasher(base::HashKind::Crc32c);
  hasher.update(number);
  hasher.update(body);
  const std::string big_endian = hasher.finish();
  return {big_endian.rbegin(), big_endian.rend()};
}

}  // namespace

std::size_t bytes_of(const JournalRecord& record) {
  return HeaderBytes + record.path.size() + record.content.size();
}

void append_record(std::string& out, std::uint64_t segment, const JournalRecord& record) {
  VARVE_ASSERT(record.path.size() <= UINT16_MAX);
  VARVE_ASSERT(record.content.size() <= UINT32_MAX);
  const std::size_t start = out.size();
  out.append(CrcBytes, '\0');
  append_integer(out, record.content.size(), 4);
  append_integer(out, record.path.size(), 2);
  append_integer(out, static_cast<std::uint64_t>(record.kind), 2);
  out.append(record.path).append(record.content);
  out.replace(start, CrcBytes, crc_of(segment, std::string_view(out).substr(start + CrcBytes)));
}

std::optional<JournalRecord> take_record(std::string_view& rest, std::uint64_t segment) {
  if (rest.size() < HeaderBytes) return std::nullopt;
  const std::size_t content_bytes = read_integer(rest.substr(4, 4));
  const std::size_t path_bytes = read_integer(rest.substr(8, 2));
  const std::uint64_t kind = read_integer(rest.substr(10, 2));
  const std::size_t bytes = HeaderBytes + path_bytes + content_bytes;
  if (rest.size() < bytes || kind < 1 || kind > 4) return std::nullopt;
  if (crc_of(segment, rest.substr(CrcBytes, bytes - CrcBytes)) != rest.substr(0, CrcBytes)) {
    return std::nullopt;
  }
  JournalRecord record{static_cast<JournalRecord::Kind>(kind), rest.substr(HeaderBytes, path_bytes),
                       rest.substr(HeaderBytes + path_bytes, content_bytes)};
  rest.remove_prefix(bytes);
  return record;
}

std::string segment_name(std::uint64_t segment) {
  constexpr std::string_view Digits = "0123456789abcdef";
  std::string name(SegmentDigits, '0');
  for (std::size_t i = SegmentDigits; i > 0; segment >>= 4U) name[--i] = Digits[segment & 15U];
  return name;
}

std::optional<std::uint64_t> segment_number(std::string_view name) {
  std::uint64_t number = 0;
  const char* const begin = name.data();
  const char* const end = begin + name.size();
  const auto [parsed, failure] = std::from_chars(begin, end, number, 16);
  if (name.size() != SegmentDigits || failure != std::errc() || parsed != end) return std::nullopt;
  return number;
}

}  // namespace varve::adapters
