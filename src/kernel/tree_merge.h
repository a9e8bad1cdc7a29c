// Three-way merge of trees on range level: which ranges are copied unopened, which records are
// written, where it conflicts. engine.md 10.5, 10.6, with the fixes of 17 (Q1, Q2: the base's
// record counts only at the same path).
//
// The order of copies and writes decides where the result's ranges break, so the result has the ids
// lakeFS gives it: a copy ends the range being written, and "enter both" opens both ranges even
// where one of them could be copied a step later.
//
// One task at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "kernel/merge_table.h"
#include "kernel/tree_side.h"

namespace varve::kernel {

struct MergeStep {
  enum class Kind : std::uint8_t {
    Need,      // enter `range` of `tree` and call again
    Copy,      // `range` as a whole
    Write,     // `record`, until the next call
    WriteRun,  // the run that `cursor` and `twin` both stand at: write it, move both past it
    Conflict,  // at `record`'s path; the walk is over
    End,
  };
  Kind kind = Kind::End;
  TreeName tree = TreeName::Source;
  const model::RangeInfo* range = nullptr;
  const Record* record = nullptr;
  // Of WriteRun. Whoever moves them may go as far as the runs that follow are the same, too, and
  // may stop anywhere, as long as both stand at the same record then.
  RecordCursor* cursor = nullptr;
  RecordCursor* twin = nullptr;
};

struct MergeOptions {
  MergeStrategy strategy = MergeStrategy::None;
  // The destination counts as if no path of it started with one of these (an import replaces what
  // is below its destinations). Ascending.
  std::vector<std::string> destination_without;
};

class MergeWalk {
 public:
  MergeWalk(RangeSpan base, RangeSpan source, RangeSpan destination, MergeOptions options)
      : base_(base), source_(source), destination_(destination), options_(std::move(options)) {}

  base::Result<MergeStep> next();
  base::Result<void> enter(TreeName tree, std::unique_ptr<RecordCursor> cursor);

 private:
  // What became of a range or a record: a step to answer, or nothing (it was dropped, or is to be
  // entered), and the walk goes on.
  using Outcome = std::optional<MergeStep>;

  base::Result<void> leave_record();
  base::Result<void> drop_unwanted();  // of the destination, by options_.destination_without
  bool may_copy_destination() const;
  Outcome copy_or_drop(TreeSide& side, TreeName name);
  Outcome at_headers();
  Outcome at_header_of(TreeSide& side, TreeName name, bool may_copy, std::string_view other_key,
                       bool& is_record_first);
  base::Result<Outcome> at_records();
  base::Result<Outcome> dispatch();
  Outcome enter_both();
  MergeStep need(TreeName tree) const;

  BaseSide base_;
  TreeSide source_;
  TreeSide destination_;
  MergeOptions options_;
  bool is_entering_source_ = false;  // decided; the caller has not supplied the cursor yet
  bool is_entering_destination_ = false;
  bool is_source_done_ = false;  // the record stood at was dealt with
  bool is_destination_done_ = false;
  bool is_run_written_ = false;  // the caller has moved both cursors
};

}  // namespace varve::kernel
