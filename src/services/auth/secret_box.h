// How a secret is kept at rest: under a key that is derived from the installation's own
// (auth.encrypt.secret_key) and a salt of its own.
//
//   offset  bytes  what
//   0       8      salt    random
//   8       24     nonce   random
//   32      16     tag     Poly1305
//   48      n      secret  XSalsa20
//
// key = scrypt(secret_key, salt, N = 512, r = 8, p = 1, 32 bytes). lakeFS reads and writes the same
// bytes (auth.md 10), so users keep their keys when an installation moves.
//
// Both functions take about a millisecond on purpose: call them from base/offload. Thread-safe.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/rng.h"

namespace varve::services {

base::Bytes seal_secret(std::string_view secret_key, std::string_view secret, base::Rng& rng);
//   Corruption  too short, or sealed under another key, or damaged
base::Result<base::Bytes> open_secret(std::string_view secret_key, std::string_view sealed);

}  // namespace varve::services
