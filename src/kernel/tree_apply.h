// Applying staged changes to a tree: which ranges stay as they are, and what the others become.
// engine.md 8.6.
//
// A range is rewritten exactly if a change falls into it or into the gap before it; all others are
// copied unopened. Rewritten stretches of the key space between copied ranges are independent of
// each other, so they may be built at the same time. Where every range must end because of the key
// alone (engine.md 4.4), a stretch may be cut in two as well.
//
//   ApplyPlan   reads the changes' paths in order and says what to copy, what to open, and where a
//               stretch ends
//   ApplyRun    one stretch: merges the records of its ranges with its changes
//
// Each belongs to one task at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "kernel/tree_side.h"

namespace varve::kernel {

struct StagedChange {
  std::string_view path;
  std::string_view identity;  // empty: a tombstone
  std::string_view data;
  bool is_tombstone() const { return identity.empty(); }
};

struct PlanStep {
  enum class Kind : std::uint8_t {
    EndStretch,  // the open stretch gets nothing more
    Copy,        // `range` as a whole; no stretch is open
    Open,        // `range` belongs to the open stretch (one is opened if need be)
    Take,        // so does the change
    End,         // of finish()
  };
  Kind kind = Kind::End;
  std::size_t range = 0;
  // Of EndStretch: cut at the change taken last; the rest of its range belongs to the next stretch,
  // which opens it again.
  bool is_cut = false;
};

// For every change, in ascending order of paths: next() until it says Take. Then finish() until it
// says End.
class ApplyPlan {
 public:
  // A range ends after any key whose hash `raggedness` divides; 0: not because of the key alone.
  ApplyPlan(RangeSpan ranges, std::uint64_t raggedness)
      : ranges_(ranges), raggedness_(raggedness) {}

  PlanStep next(const StagedChange& change);
  PlanStep finish();

 private:
  bool ends_range(std::string_view key) const;
  std::optional<PlanStep> before(const std::string_view* path);
  PlanStep end_stretch(bool is_cut);
  PlanStep open();

  RangeSpan ranges_;
  std::uint64_t raggedness_;
  std::size_t index_ = 0;        // the first range that has not been passed
  bool is_open_ = false;         // it is part of the open stretch
  bool is_max_removed_ = false;  // its last key was changed to nothing
  bool is_in_stretch_ = false;
  bool is_cut_due_ = false;  // the change taken last ends its range
  bool is_reopen_due_ = false;
};

struct ApplyCounts {
  std::int64_t added = 0;
  std::int64_t changed = 0;
  std::int64_t removed = 0;
};

// Where the records of a stretch go.
class RecordSink {
 public:
  virtual ~RecordSink() = default;
  virtual base::Result<void> carry(const Record& record) = 0;  // verbatim
  // The same for the cursor's records from where it is to the first with a key >= `until` (nullptr:
  // for all), at which it is left. Where runs of records may be carried as a whole, they are.
  virtual base::Result<void> carry_until(RecordCursor& cursor, const std::string_view* until);
  virtual base::Result<void> put(const StagedChange& change) = 0;
};

class ApplyRun {
 public:
  // `sink` outlives the run.
  explicit ApplyRun(RecordSink& sink) : sink_(sink) {}

  // The stretch's next range, open. All ranges that start before a change come before it. Records
  // up to and including `after` belong to an earlier stretch.
  base::Result<void> open(std::unique_ptr<RecordCursor> cursor, std::string_view after);

  base::Result<void> take(std::span<const StagedChange> changes);

  // The rest of the ranges. Not to be called for a stretch that was cut.
  base::Result<void> finish();

  const ApplyCounts& counts() const { return counts_; }

 private:
  const Record* record() const { return ranges_.empty() ? nullptr : &ranges_.front()->record(); }
  base::Result<void> carry_until(const std::string_view* path);
  base::Result<void> leave_record();
  base::Result<void> take_one(const StagedChange& change);

  RecordSink& sink_;
  std::deque<std::unique_ptr<RecordCursor>> ranges_;  // each at a record
  ApplyCounts counts_;
};

}  // namespace varve::kernel
