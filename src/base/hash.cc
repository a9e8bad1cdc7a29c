#include "base/hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/crc64nvme.h"
#include "isa-l/crc.h"

namespace varve::base {
namespace {

struct MdContextFree {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using MdContext = std::unique_ptr<EVP_MD_CTX, MdContextFree>;

// Fetching an algorithm takes OpenSSL's locks and string look-ups, so it happens once a process.
const EVP_MD* digest_of(HashKind kind) {
  static const EVP_MD* const Md5 = EVP_MD_fetch(nullptr, "MD5", nullptr);
  static const EVP_MD* const Sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  static const EVP_MD* const Sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  switch (kind) {
    case HashKind::Md5:
      return Md5;
    case HashKind::Sha1:
      return Sha1;
    case HashKind::Sha256:
      return Sha256;
    case HashKind::Crc32:
    case HashKind::Crc32c:
    case HashKind::Crc64Nvme:
      break;
  }
  return nullptr;
}

void start(EVP_MD_CTX* context, HashKind kind) {
  VARVE_ASSERT(EVP_DigestInit_ex2(context, digest_of(kind), nullptr) == 1);
}

Bytes end(EVP_MD_CTX* context) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  VARVE_ASSERT(EVP_DigestFinal_ex(context, digest.data(), &size) == 1);
  return {digest.begin(), digest.begin() + size};
}

// One context a thread: making one costs more than hashing a short message.
EVP_MD_CTX* scratch_context() {
  thread_local const MdContext Context(EVP_MD_CTX_new());
  VARVE_ASSERT(Context != nullptr);
  return Context.get();
}

Bytes digest(HashKind kind, std::string_view bytes) {
  EVP_MD_CTX* context = scratch_context();
  start(context, kind);
  EVP_DigestUpdate(context, bytes.data(), bytes.size());
  return end(context);
}

// RFC 2104. OpenSSL's own HMAC fetches its algorithm on every call; a signature needs five.
Bytes hmac(HashKind kind, std::string_view key, std::string_view bytes) {
  constexpr std::size_t BlockBytes = 64;  // of SHA-1 and SHA-256
  Bytes block(key.size() > BlockBytes ? digest(kind, key) : Bytes(key));
  block.resize(BlockBytes, '\0');
  EVP_MD_CTX* context = scratch_context();
  for (char& c : block) c = static_cast<char>(c ^ 0x36);
  start(context, kind);
  EVP_DigestUpdate(context, block.data(), block.size());
  EVP_DigestUpdate(context, bytes.data(), bytes.size());
  const Bytes inner = end(context);
  for (char& c : block) c = static_cast<char>(c ^ 0x36 ^ 0x5c);
  start(context, kind);
  EVP_DigestUpdate(context, block.data(), block.size());
  EVP_DigestUpdate(context, inner.data(), inner.size());
  return end(context);
}

// For the algorithms that are rarely asked for.
Bytes library_hmac(const EVP_MD* algorithm, std::string_view key, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  VARVE_ASSERT(HMAC(algorithm, key.data(), static_cast<int>(key.size()), data, bytes.size(),
                    digest.data(), &size) != nullptr);
  return {digest.begin(), digest.begin() + size};
}

constexpr std::size_t CrcStepBytesMax = std::size_t{1} << 30U;  // isa-l counts in int

std::uint32_t crc32_update(std::uint32_t crc, std::string_view bytes) {
  return crc32_gzip_refl(crc, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

// `state` is the register, which starts and ends inverted.
std::uint32_t crc32c_update(std::uint32_t state, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view step = bytes.substr(0, CrcStepBytesMax);
    // isa-l's signature lacks the const; it only reads.
    auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(step.data()));
    state = crc32_iscsi(data, static_cast<int>(step.size()), state);
    bytes.remove_prefix(step.size());
  }
  return state;
}

template <class T>
Bytes big_endian(T value) {
  Bytes out(sizeof(T), '\0');
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    out[i] = static_cast<char>(value >> (8 * (sizeof(T) - 1 - i)) & 255U);
  }
  return out;
}

}  // namespace

struct Hasher::Impl {
  HashKind kind;
  MdContext context;
  std::uint32_t crc = 0;
  std::uint64_t crc64 = ~std::uint64_t{0};
};

Hasher::Hasher(HashKind kind) : impl_(std::make_unique<Impl>(Impl{kind, nullptr})) {
  if (digest_of(kind) != nullptr) {
    impl_->context.reset(EVP_MD_CTX_new());
    VARVE_ASSERT(impl_->context != nullptr);
    start(impl_->context.get(), kind);
  } else if (kind == HashKind::Crc32c) {
    impl_->crc = ~std::uint32_t{0};
  }
}

Hasher::Hasher(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Hasher Hasher::copy() const {
  VARVE_ASSERT(impl_ != nullptr);
  auto twin = std::make_unique<Impl>(Impl{impl_->kind, nullptr, impl_->crc, impl_->crc64});
  if (impl_->context != nullptr) {
    twin->context.reset(EVP_MD_CTX_new());
    VARVE_ASSERT(twin->context != nullptr);
    VARVE_ASSERT(EVP_MD_CTX_copy_ex(twin->context.get(), impl_->context.get()) == 1);
  }
  return Hasher(std::move(twin));
}

Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::~Hasher() = default;

void Hasher::update(std::string_view bytes) {
  VARVE_ASSERT(impl_ != nullptr);
  switch (impl_->kind) {
    case HashKind::Md5:
    case HashKind::Sha1:
    case HashKind::Sha256:
      EVP_DigestUpdate(impl_->context.get(), bytes.data(), bytes.size());
      break;
    case HashKind::Crc32:
      impl_->crc = crc32_update(impl_->crc, bytes);
      break;
    case HashKind::Crc32c:
      impl_->crc = crc32c_update(impl_->crc, bytes);
      break;
    case HashKind::Crc64Nvme:
      impl_->crc64 = crc64nvme_update(impl_->crc64, bytes);
      break;
  }
}

Bytes Hasher::finish() {
  VARVE_ASSERT(impl_ != nullptr);
  const std::unique_ptr<Impl> ended = std::exchange(impl_, nullptr);
  switch (ended->kind) {
    case HashKind::Md5:
    case HashKind::Sha1:
    case HashKind::Sha256:
      break;
    case HashKind::Crc32:
      return big_endian(ended->crc);
    case HashKind::Crc32c:
      return big_endian(~ended->crc);
    case HashKind::Crc64Nvme:
      return big_endian(~ended->crc64);
  }
  return end(ended->context.get());
}

Bytes sha256(std::string_view bytes) { return digest(HashKind::Sha256, bytes); }
Bytes sha1(std::string_view bytes) { return digest(HashKind::Sha1, bytes); }
Bytes md5(std::string_view bytes) { return digest(HashKind::Md5, bytes); }

Bytes hmac_sha256(std::string_view key, std::string_view bytes) {
  return hmac(HashKind::Sha256, key, bytes);
}

Bytes hmac_sha1(std::string_view key, std::string_view bytes) {
  return hmac(HashKind::Sha1, key, bytes);
}

Bytes hmac_sha384(std::string_view key, std::string_view bytes) {
  return library_hmac(EVP_sha384(), key, bytes);
}

Bytes hmac_sha512(std::string_view key, std::string_view bytes) {
  return library_hmac(EVP_sha512(), key, bytes);
}

Bytes poly1305(std::string_view key, std::string_view bytes) {
  struct MacContextFree {
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
  };
  static EVP_MAC* const Poly1305 = EVP_MAC_fetch(nullptr, "POLY1305", nullptr);
  const std::unique_ptr<EVP_MAC_CTX, MacContextFree> context(EVP_MAC_CTX_new(Poly1305));
  VARVE_ASSERT(context != nullptr);
  const auto* secret = reinterpret_cast<const unsigned char*>(key.data());
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  std::array<unsigned char, 16> result{};
  std::size_t size = 0;
  VARVE_ASSERT(EVP_MAC_init(context.get(), secret, key.size(), nullptr) == 1);
  VARVE_ASSERT(EVP_MAC_update(context.get(), data, bytes.size()) == 1);
  VARVE_ASSERT(EVP_MAC_final(context.get(), result.data(), &size, result.size()) == 1);
  return {result.begin(), result.end()};
}

std::uint32_t crc32(std::string_view bytes) { return crc32_update(0, bytes); }

std::uint32_t crc32c(std::string_view bytes) { return ~crc32c_update(~std::uint32_t{0}, bytes); }

std::uint64_t crc64nvme(std::string_view bytes) {
  return ~crc64nvme_update(~std::uint64_t{0}, bytes);
}

std::uint64_t fnv1a64(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : bytes) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  return hash;
}

}  // namespace varve::base
