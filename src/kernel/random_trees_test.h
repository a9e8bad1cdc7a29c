// A world of random small trees: maps, what editing makes of them, and their ranges.
// VARVE_WALK_ROUNDS raises the number of rounds (a night's run: 1000000).
#pragma once

#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "kernel/map_trees_test.h"

namespace varve::kernel {

inline int rounds() {
  const char* wanted = std::getenv("VARVE_WALK_ROUNDS");
  return wanted == nullptr ? 5000 : std::atoi(wanted);
}

struct Tree {
  Map map;
  std::vector<model::RangeInfo> ranges;
};

class World {
 public:
  explicit World(std::uint64_t seed) : rng_(seed) {}

  // Ranges as a commit breaks them, and now and then in unexpected places too.
  Tree tree_of(const Map& map) {
    Ranges ranges(files_);
    const bool is_odd = rng_.below(4) == 0;
    for (const auto& [key, identity] : map) {
      ranges.write(key, identity);
      if (is_odd && rng_.below(4) == 0) ranges.end();
    }
    ranges.end();
    return {map, ranges.infos()};
  }

  std::string key() {
    std::string key;
    const std::uint64_t size = 1 + rng_.below(2);
    for (std::uint64_t i = 0; i < size; ++i) key += static_cast<char>('a' + rng_.below(6));
    return key;
  }
  std::string identity() { return std::string(1, static_cast<char>('A' + rng_.below(3))); }

  Map random_map() {
    Map map;
    for (std::uint64_t left = rng_.below(14); left > 0; --left) {
      const std::string k = key();
      map[k] = identity();
    }
    return map;
  }
  Map edited(Map map) {
    for (std::uint64_t left = rng_.below(5); left > 0; --left) {
      const std::string k = key();
      if (rng_.below(3) == 0) {
        map.erase(k);
      } else {
        map[k] = identity();
      }
    }
    return map;
  }

  std::unique_ptr<RecordCursor> open(const model::RangeInfo& range) {
    ++opened_[range.id.str()];
    return std::make_unique<MapCursor>(files_.at(range.id.str()));
  }
  bool was_opened(const model::RangeInfo& range) const { return opened_.contains(range.id.str()); }

  Files& files() { return files_; }
  base::SeededRng& rng() { return rng_; }

 private:
  base::SeededRng rng_;
  Files files_;
  std::map<std::string, int> opened_;
};

}  // namespace varve::kernel
