#include "kernel/tree_apply.h"

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/hash.h"
#include "base/result.h"
#include "kernel/tree_side.h"

namespace varve::kernel {

bool ApplyPlan::ends_range(std::string_view key) const {
  return raggedness_ != 0 && base::fnv1a64(key) % raggedness_ == 0;
}

PlanStep ApplyPlan::end_stretch(bool is_cut) {
  is_in_stretch_ = false;
  PlanStep step;
  step.kind = PlanStep::Kind::EndStretch;
  step.is_cut = is_cut;
  return step;
}

PlanStep ApplyPlan::open() {
  is_open_ = true;
  is_in_stretch_ = true;
  PlanStep step;
  step.kind = PlanStep::Kind::Open;
  step.range = index_;
  return step;
}

// What has to be said before a change at `path` (nullptr: the end) can be taken.
std::optional<PlanStep> ApplyPlan::before(const std::string_view* path) {
  if (std::exchange(is_cut_due_, false)) {
    is_reopen_due_ = std::exchange(is_open_, false);
    return end_stretch(true);
  }
  if (std::exchange(is_reopen_due_, false)) return open();
  while (index_ < ranges_.size()) {
    const std::string_view max = ranges_[index_].max_key;
    if (path != nullptr && max >= *path) break;
    if (!is_open_) {
      if (is_in_stretch_) return end_stretch(false);
      PlanStep step;
      step.kind = PlanStep::Kind::Copy;
      step.range = index_++;
      return step;
    }
    is_open_ = false;
    ++index_;
    const bool is_max_written = !std::exchange(is_max_removed_, false);
    if (is_max_written && ends_range(max)) return end_stretch(false);
  }
  return std::nullopt;
}

PlanStep ApplyPlan::next(const StagedChange& change) {
  if (const auto step = before(&change.path)) return *step;
  const bool is_in_range = index_ < ranges_.size();
  if (is_in_range && !is_open_) return open();
  is_in_stretch_ = true;
  const bool is_last = is_in_range && change.path == ranges_[index_].max_key;
  if (change.is_tombstone()) {
    is_max_removed_ = is_last;
  } else if (ends_range(change.path)) {
    is_cut_due_ = true;
    if (is_last) {  // nothing of the range is left for the next stretch
      is_open_ = false;
      ++index_;
    }
  }
  PlanStep step;
  step.kind = PlanStep::Kind::Take;
  return step;
}

PlanStep ApplyPlan::finish() {
  if (const auto step = before(nullptr)) return *step;
  if (is_in_stretch_) return end_stretch(false);
  return {};
}

base::Result<void> ApplyRun::open(std::unique_ptr<RecordCursor> cursor, std::string_view after) {
  if (after.empty()) {
    VARVE_CHECK(cursor->seek_first());
  } else {
    VARVE_CHECK(cursor->seek_ge(after));
    if (cursor->is_valid() && cursor->record().key == after) VARVE_CHECK(cursor->next());
  }
  if (cursor->is_valid()) ranges_.push_back(std::move(cursor));
  return {};
}

base::Result<void> RecordSink::carry_until(RecordCursor& cursor, const std::string_view* until) {
  while (cursor.is_valid() && (until == nullptr || cursor.record().key < *until)) {
    VARVE_CHECK(carry(cursor.record()));
    VARVE_CHECK(cursor.next());
  }
  return {};
}

// All records below `path`; nullptr: all.
base::Result<void> ApplyRun::carry_until(const std::string_view* path) {
  while (record() != nullptr && (path == nullptr || record()->key < *path)) {
    VARVE_CHECK(sink_.carry_until(*ranges_.front(), path));
    if (!ranges_.front()->is_valid()) ranges_.pop_front();
  }
  return {};
}

base::Result<void> ApplyRun::leave_record() {
  VARVE_CHECK(ranges_.front()->next());
  if (!ranges_.front()->is_valid()) ranges_.pop_front();
  return {};
}

base::Result<void> ApplyRun::take_one(const StagedChange& change) {
  VARVE_CHECK(carry_until(&change.path));
  if (record() == nullptr || record()->key != change.path) {
    if (change.is_tombstone()) return {};
    ++counts_.added;
    return sink_.put(change);
  }
  if (change.is_tombstone()) {
    ++counts_.removed;
  } else if (change.identity == record()->identity) {
    VARVE_CHECK(sink_.carry(*record()));
  } else {
    ++counts_.changed;
    VARVE_CHECK(sink_.put(change));
  }
  return leave_record();
}

base::Result<void> ApplyRun::take(std::span<const StagedChange> changes) {
  for (const StagedChange& change : changes) VARVE_CHECK(take_one(change));
  return {};
}

base::Result<void> ApplyRun::finish() { return carry_until(nullptr); }

}  // namespace varve::kernel
