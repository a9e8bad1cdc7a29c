// Digests and checksums. Cryptographic ones are OpenSSL's, fetched once per process; CRC32 and
// CRC32C are isa-l's; CRC64NVME is our own (no library on the system has it).
//
// All functions are thread-safe; a Hasher belongs to one task.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/bytes.h"

namespace varve::base {

enum class HashKind : std::uint8_t { Md5, Sha1, Sha256, Crc32, Crc32c, Crc64Nvme };

// Incremental. finish() gives the raw digest (CRCs big-endian, as S3 writes them) and ends it.
class Hasher {
 public:
  explicit Hasher(HashKind kind);
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  ~Hasher();

  // One in the same state, to go on from there another way.
  Hasher copy() const;

  void update(std::string_view bytes);
  Bytes finish();

 private:
  struct Impl;
  explicit Hasher(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

Bytes sha256(std::string_view bytes);  // 32 raw bytes
Bytes sha1(std::string_view bytes);    // 20
Bytes md5(std::string_view bytes);     // 16
Bytes hmac_sha256(std::string_view key, std::string_view bytes);
Bytes hmac_sha1(std::string_view key, std::string_view bytes);
Bytes hmac_sha384(std::string_view key, std::string_view bytes);  // 48; tokens made elsewhere
Bytes hmac_sha512(std::string_view key, std::string_view bytes);  // 64

// 16 raw bytes, by a key of 32. Several times faster than a digest. Who knows neither key nor
// results cannot make other bytes with the same result; a key whose results are told is good for
// one.
Bytes poly1305(std::string_view key, std::string_view bytes);

std::uint32_t crc32(std::string_view bytes);      // zlib's: "123456789" -> cbf43926
std::uint32_t crc32c(std::string_view bytes);     // Castagnoli: "123456789" -> e3069283
std::uint64_t crc64nvme(std::string_view bytes);  // "123456789" -> ae8b14860a799888

std::uint64_t fnv1a64(std::string_view bytes);  // engine.md 4.4

}  // namespace varve::base
