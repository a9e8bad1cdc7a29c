// Trees as the tests of the walks see them: a map a side, its ranges and their files in memory.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "kernel/merge_table.h"
#include "kernel/tree_side.h"
#include "model/records.h"

namespace varve::kernel {

using Map = std::map<std::string, std::string>;  // path -> identity
inline constexpr std::uint64_t Raggedness = 3;

inline bool is_lucky(const std::string& key) { return base::fnv1a64(key) % Raggedness == 0; }

// Records of a range, by its id.
using Files = std::map<std::string, Map>;

class MapCursor final : public RecordCursor {
 public:
  explicit MapCursor(const Map& map) : map_(map) {}
  base::Result<void> seek_first() override { return stand(map_.begin()); }
  base::Result<void> seek_ge(std::string_view key) override {
    return stand(map_.lower_bound(std::string(key)));
  }
  base::Result<void> next() override {
    ++moves_;
    return stand(std::next(at_));
  }

  bool has_same_run(const RecordCursor& other) const override {
    const auto& twin = static_cast<const MapCursor&>(other);
    const auto end = run_end();
    return std::equal(at_, end, twin.at_, twin.run_end());
  }
  base::Result<void> skip_same_runs(RecordCursor& other) override {
    auto& twin = static_cast<MapCursor&>(other);
    while (is_at_run_ && twin.is_at_run_ && has_same_run(other)) {
      EXPECT_TRUE(stand(run_end()).has_value());
      EXPECT_TRUE(twin.stand(twin.run_end()).has_value());
    }
    return {};
  }

  int moves() const { return moves_; }  // from record to record

 private:
  static bool ends_run(const std::string& key) { return base::fnv1a64(key) % 5 < 2; }
  Map::const_iterator run_end() const {
    auto end = at_;
    while (end != map_.end() && !ends_run(end->first)) ++end;
    return end == map_.end() ? end : std::next(end);
  }

  base::Result<void> stand(Map::const_iterator at) {
    at_ = at;
    is_valid_ = at != map_.end();
    is_at_run_ = is_valid_ && (at == map_.begin() || ends_run(std::prev(at)->first));
    if (is_valid_) record_ = {at->first, at->second, at->second, at->second};
    return {};
  }
  const Map& map_;
  Map::const_iterator at_;
  int moves_ = 0;
};

// Collects ranges as a writer of trees does: a copy ends the range being written.
class Ranges {
 public:
  explicit Ranges(Files& files) : files_(files) {}

  void write(const std::string& key, const std::string& identity) {
    ASSERT_TRUE(open_.empty() || open_.rbegin()->first < key);
    open_[key] = identity;
    if (is_lucky(key)) end();
  }
  void end() {
    if (open_.empty()) return;
    model::RangeInfo info;
    std::string content;
    for (const auto& [key, identity] : open_) content += key + "=" + identity + ";";
    info.id = model::RangeId(content);
    info.min_key = open_.begin()->first;
    info.max_key = open_.rbegin()->first;
    // Not over what is there: a cursor may stand in it.
    files_.try_emplace(content, std::exchange(open_, {}));
    infos_.push_back(info);
  }
  void copy(const model::RangeInfo& range) {
    end();
    infos_.push_back(range);
  }
  const std::vector<model::RangeInfo>& infos() const { return infos_; }
  Map content() const {
    Map all;
    for (const auto& range : infos_) {
      const Map& records = files_.at(range.id.str());
      EXPECT_TRUE(all.empty() || all.rbegin()->first < range.min_key) << "ranges out of order";
      all.insert(records.begin(), records.end());
    }
    return all;
  }

 private:
  Files& files_;
  Map open_;
  std::vector<model::RangeInfo> infos_;
};

inline Side at(const Map& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? Side() : Side(found->second);
}

}  // namespace varve::kernel
