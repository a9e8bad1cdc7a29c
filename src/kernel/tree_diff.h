// What merging source into destination would show, path by path: the three-dot diff. With the
// destination as base it is the two-way diff from destination to source. engine.md 10.2, 10.3.
//
// Compares range ids before records: ranges both sides share are skipped unopened, as are ranges
// that only the destination changed, and the base is opened only where two sides differ and neither
// stands in the base's own range. Inside ranges that differ, runs of records that both have are
// skipped unread. Cost grows with what differs.
//
// One task at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "kernel/merge_table.h"
#include "kernel/tree_side.h"

namespace varve::kernel {

struct DiffStep {
  enum class Kind : std::uint8_t {
    Need,  // enter `range` of `tree`, or leave it out if it is lone; then call again
    Row,
    End,
  };
  Kind kind = Kind::End;
  // Of Need.
  TreeName tree = TreeName::Source;
  const model::RangeInfo* range = nullptr;
  // Every record of the range would be a row and it shares keys with nothing else, so whoever does
  // not care for its records may skip it.
  bool is_lone = false;
  // Of Row: until the next call. The record is the source's, or, of Removed and of a conflict that
  // the source removed, the destination's.
  Shown shown = Shown::Nothing;
  const Record* record = nullptr;
};

class DiffWalk {
 public:
  DiffWalk(RangeSpan base, RangeSpan source, RangeSpan destination)
      : base_(base), source_(source), destination_(destination) {}

  base::Result<DiffStep> next();

  // Answers Need.
  base::Result<void> enter(TreeName tree, std::unique_ptr<RecordCursor> cursor);
  void skip(TreeName tree);  // a lone range

  // To the first row with a path >= `key`; forward only.
  base::Result<void> seek_ge(std::string_view key);

  // Rows at or beyond `key` are not wanted; empty: all are.
  void stop_at(std::string key) { until_ = std::move(key); }

 private:
  bool is_over() const;
  base::Result<void> leave_row();
  bool skip_ranges();             // whether some were skipped without a row
  base::Result<DiffStep> meet();  // where no range can be skipped
  DiffStep need(TreeName tree, bool is_lone) const;

  BaseSide base_;
  TreeSide source_;
  TreeSide destination_;
  std::string until_;
  bool is_source_shown_ = false;  // the last row's record is still stood at
  bool is_destination_shown_ = false;
};

}  // namespace varve::kernel
