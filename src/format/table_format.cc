#include "format/table_format.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/bytes.h"
#include "base/hash.h"
#include "format/wire.h"
#include "format/xxhash64.h"

namespace varve::format {

static_assert(std::endian::native == std::endian::little, "loads and stores are plain copies");

void put_handle(base::Bytes& out, BlockHandle handle) {
  put_uvarint(out, handle.offset);
  put_uvarint(out, handle.size);
}

bool take_handle(std::string_view& in, BlockHandle& handle) {
  return take_uvarint(in, handle.offset) && take_uvarint(in, handle.size);
}

void put_u32le(base::Bytes& out, std::uint32_t value) {
  char octets[4];
  std::memcpy(octets, &value, sizeof(octets));
  out.append(octets, sizeof(octets));
}

void put_u64le(base::Bytes& out, std::uint64_t value) {
  char octets[8];
  std::memcpy(octets, &value, sizeof(octets));
  out.append(octets, sizeof(octets));
}

std::uint32_t load_u32le(const char* at) {
  std::uint32_t value = 0;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

std::uint64_t load_u64le(const char* at) {
  std::uint64_t value = 0;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

std::uint32_t block_checksum(ChecksumKind kind, std::string_view payload_and_type) {
  switch (kind) {
    case ChecksumKind::Crc32c:
      return std::rotr(base::crc32c(payload_and_type), 15) + 0xa282ead8U;
    case ChecksumKind::XxHash64:
      return static_cast<std::uint32_t>(xxhash64(payload_and_type));
  }
  return 0;
}

}  // namespace varve::format
