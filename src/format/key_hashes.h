// FNV-1a of one key after another: what says which keys end a range (engine.md 4.4). What a key
// shares with the one before is not hashed again. Private to the writers of ranges.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/hash.h"

namespace varve::format {

class KeyHashes {
 public:
  // `shared`: octets that `key` and the key before begin with, or fewer.
  std::uint64_t next(std::string_view key, std::size_t shared) {
    if (after_.size() <= key.size()) after_.resize(key.size() + 1, base::fnv1a64({}));
    std::size_t i = std::min({shared, key.size(), size_});
    size_ = key.size();
    std::uint64_t hash = after_[i];
    for (; i < key.size(); ++i) {
      hash = (hash ^ static_cast<unsigned char>(key[i])) * Prime;
      after_[i + 1] = hash;
    }
    return hash;
  }
  void forget() { size_ = 0; }

 private:
  static constexpr std::uint64_t Prime = 0x100000001b3ULL;

  std::vector<std::uint64_t> after_;  // so many octets of the key before
  std::size_t size_ = 0;              // of the key before
};

}  // namespace varve::format
