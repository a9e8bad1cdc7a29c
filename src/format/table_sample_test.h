// Records for tests of tables.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "base/rng.h"

namespace varve::format {

using Records = std::map<std::string, std::string>;

// Enough for many blocks; from some 4,000 records on the index has two levels.
inline Records sample(int count) {
  Records records;
  base::SeededRng rng(21);
  for (int i = 0; i < count; ++i) {
    std::string key = "day=" + std::to_string(i % 40) + "/part-" + std::to_string(i);
    std::string value = rng.bytes(20 + rng.below(90));
    records.emplace(std::move(key), std::move(value));
  }
  return records;
}

}  // namespace varve::format
