// SigningKeys: derived SigV4 keys by access key, day, region and service, for deriving one costs
// four HMACs and clients use the same all day.
//
// An entry holds for the secret it was made from only, so a replaced key pair needs no eviction.
// Any thread may call.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/bytes.h"
#include "kernel/sigv4.h"

namespace varve::s3 {

class SigningKeys {
 public:
  base::Bytes get(std::string_view access_key_id, std::string_view secret,
                  const kernel::SigV4Scope& scope);

 private:
  // Scopes are chosen by clients; reaching this drops everything, which costs four HMACs each.
  static constexpr std::size_t EntriesMax = 4096;

  struct Entry {
    std::string secret;
    base::Bytes key;
  };
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;  // guarded by mutex_
};

}  // namespace varve::s3
