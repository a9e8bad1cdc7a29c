#include "services/auth/secret_box.h"

#include <sodium.h>  // IWYU pragma: keep: all names are in headers it includes

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/result.h"
#include "base/rng.h"

namespace varve::services {
namespace {

constexpr std::size_t SaltBytes = 8;
constexpr std::size_t NonceBytes = crypto_secretbox_NONCEBYTES;
constexpr std::size_t TagBytes = crypto_secretbox_MACBYTES;
constexpr std::size_t OverheadBytes = SaltBytes + NonceBytes + TagBytes;
constexpr std::uint64_t ScryptN = 512;
constexpr std::uint32_t ScryptR = 8;
constexpr std::uint32_t ScryptP = 1;

const unsigned char* octets(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// Wiped when it goes out of scope.
class BoxKey {
 public:
  BoxKey(std::string_view secret_key, std::string_view salt) {
    static const int Ready = sodium_init();  // picks the fastest code for this processor, once
    VARVE_ASSERT(Ready >= 0);
    const int failed = crypto_pwhash_scryptsalsa208sha256_ll(
        octets(secret_key), secret_key.size(), octets(salt), salt.size(), ScryptN, ScryptR, ScryptP,
        key_.data(), key_.size());
    VARVE_ASSERT(failed == 0);
  }
  BoxKey(const BoxKey&) = delete;
  BoxKey& operator=(const BoxKey&) = delete;
  ~BoxKey() { sodium_memzero(key_.data(), key_.size()); }

  const unsigned char* data() const { return key_.data(); }

 private:
  std::array<unsigned char, crypto_secretbox_KEYBYTES> key_{};
};

}  // namespace

base::Bytes seal_secret(std::string_view secret_key, std::string_view secret, base::Rng& rng) {
  base::Bytes sealed = rng.bytes(SaltBytes + NonceBytes);
  const BoxKey key(secret_key, std::string_view(sealed).substr(0, SaltBytes));
  sealed.resize(OverheadBytes + secret.size());
  auto* out = reinterpret_cast<unsigned char*>(sealed.data());
  crypto_secretbox_easy(out + SaltBytes + NonceBytes, octets(secret), secret.size(),
                        out + SaltBytes, key.data());
  return sealed;
}

base::Result<base::Bytes> open_secret(std::string_view secret_key, std::string_view sealed) {
  if (sealed.size() < OverheadBytes) {
    return base::Error(base::Code::Corruption, "stored secret: too short");
  }
  const BoxKey key(secret_key, sealed.substr(0, SaltBytes));
  const std::string_view nonce = sealed.substr(SaltBytes, NonceBytes);
  const std::string_view box = sealed.substr(SaltBytes + NonceBytes);
  base::Bytes secret(box.size() - TagBytes, '\0');
  auto* out = reinterpret_cast<unsigned char*>(secret.data());
  if (crypto_secretbox_open_easy(out, octets(box), box.size(), octets(nonce), key.data()) != 0) {
    return base::Error(base::Code::Corruption,
                       "stored secret: damaged, or auth.encrypt.secret_key has changed");
  }
  return secret;
}

}  // namespace varve::services
