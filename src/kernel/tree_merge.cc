#include "kernel/tree_merge.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "kernel/merge_table.h"
#include "kernel/tree_side.h"
#include "model/records.h"

namespace varve::kernel {
namespace {

MergeStep copy(TreeName tree, const model::RangeInfo& range) {
  MergeStep step;
  step.kind = MergeStep::Kind::Copy;
  step.tree = tree;
  step.range = &range;
  return step;
}

bool has_same_bounds(const model::RangeInfo& a, const model::RangeInfo& b) {
  return a.min_key == b.min_key && a.max_key == b.max_key;
}

}  // namespace

MergeStep MergeWalk::need(TreeName tree) const {
  MergeStep step;
  step.kind = MergeStep::Kind::Need;
  step.tree = tree;
  step.range = tree == TreeName::Source        ? &source_.range()
               : tree == TreeName::Destination ? &destination_.range()
                                               : &base_.range();
  return step;
}

base::Result<void> MergeWalk::leave_record() {
  if (std::exchange(is_source_done_, false)) VARVE_CHECK(source_.next());
  if (std::exchange(is_destination_done_, false)) VARVE_CHECK(destination_.next());
  if (std::exchange(is_run_written_, false)) {
    source_.settle();
    destination_.settle();
  }
  return {};
}

base::Result<void> MergeWalk::drop_unwanted() {
  if (options_.destination_without.empty()) return {};
  const auto is_unwanted = [this](std::string_view first, std::string_view last) {
    for (const std::string& prefix : options_.destination_without) {
      if (first.starts_with(prefix) && last.starts_with(prefix)) return true;
    }
    return false;
  };
  while (!destination_.is_at_end()) {
    if (destination_.is_at_header()) {
      if (!is_unwanted(destination_.key(), destination_.max_key())) break;
      destination_.skip_range();
    } else {
      if (!is_unwanted(destination_.key(), destination_.key())) break;
      VARVE_CHECK(destination_.next());
    }
  }
  return {};
}

// Whether no path of the range stood before is unwanted.
bool MergeWalk::may_copy_destination() const {
  const std::string_view min = destination_.key();
  for (const std::string& prefix : options_.destination_without) {
    if (min.starts_with(prefix)) return false;
    if (min < prefix && std::string_view(prefix) <= destination_.max_key()) return false;
  }
  return true;
}

MergeWalk::Outcome MergeWalk::enter_both() {
  is_entering_source_ = true;
  is_entering_destination_ = true;
  return std::nullopt;
}

// A range that meets nothing on the other side: new, or removed there, or to be looked into.
MergeWalk::Outcome MergeWalk::copy_or_drop(TreeSide& side, TreeName name) {
  const model::RangeInfo& range = side.range();
  const model::RangeInfo* base = base_.overlap(range.min_key, range.max_key);
  if (base != nullptr && base->id != range.id) {
    (name == TreeName::Source ? is_entering_source_ : is_entering_destination_) = true;
    return std::nullopt;
  }
  side.skip_range();
  if (base == nullptr) return copy(name, range);
  return std::nullopt;
}

MergeWalk::Outcome MergeWalk::at_headers() {
  const model::RangeInfo& source = source_.range();
  const model::RangeInfo& destination = destination_.range();
  const bool may_copy = may_copy_destination();
  if (source.id == destination.id) {
    source_.skip_range();
    destination_.skip_range();
    return copy(TreeName::Source, source);
  }
  if (has_same_bounds(source, destination)) {
    const model::RangeInfo* base = base_.overlap(source.min_key, source.max_key);
    const bool is_source = base != nullptr && base->id == destination.id;
    const bool is_destination = base != nullptr && base->id == source.id;
    if (!may_copy || !(is_source || is_destination)) return enter_both();
    source_.skip_range();
    destination_.skip_range();
    return is_source ? copy(TreeName::Source, source) : copy(TreeName::Destination, destination);
  }
  const bool is_source_before = source.max_key < destination.min_key;
  const bool is_destination_before = destination.max_key < source.min_key;
  if (!is_source_before && !(is_destination_before && may_copy)) return enter_both();
  const Outcome outcome = is_source_before ? copy_or_drop(source_, TreeName::Source)
                                           : copy_or_drop(destination_, TreeName::Destination);
  // What has to be looked into takes the other side's range with it.
  if (is_entering_source_ || is_entering_destination_) return enter_both();
  return outcome;
}

// `side` stands before a range while the other is at a record.
MergeWalk::Outcome MergeWalk::at_header_of(TreeSide& side, TreeName name, bool may_copy,
                                           std::string_view other_key, bool& is_record_first) {
  const model::RangeInfo& range = side.range();
  is_record_first = std::string_view(range.min_key) > other_key;
  if (is_record_first) return std::nullopt;
  if (may_copy && std::string_view(range.max_key) < other_key) return copy_or_drop(side, name);
  (name == TreeName::Source ? is_entering_source_ : is_entering_destination_) = true;
  return std::nullopt;
}

// The smaller record alone, or both of one path. A side that is at a header or at its end is later.
base::Result<MergeWalk::Outcome> MergeWalk::at_records() {
  const int order = !source_.is_at_record()        ? 1
                    : !destination_.is_at_record() ? -1
                                                   : source_.key().compare(destination_.key());
  Side source;
  Side destination;
  if (order <= 0) source = source_.record().identity;
  if (order >= 0) destination = destination_.record().identity;
  Take take = Take::Convergent;
  if (source != destination) {
    const std::string_view key = order <= 0 ? source_.key() : destination_.key();
    VARVE_TRY(const BaseSide::Lookup base, base_.find(key, source_, destination_));
    if (base.needs_range) return Outcome(need(TreeName::Base));
    take = decide_merge(base.identity, source, destination, options_.strategy);
  }
  MergeStep step;
  step.kind = MergeStep::Kind::Write;
  if (take == Take::Conflict) {
    step.kind = MergeStep::Kind::Conflict;
    step.record = order <= 0 ? &source_.record() : &destination_.record();
    return Outcome(step);
  }
  is_source_done_ = order <= 0;
  is_destination_done_ = order >= 0;
  const bool is_of_destination = take == Take::Destination;
  if (!(is_of_destination ? destination : source).has_value()) return Outcome();
  step.tree = is_of_destination ? TreeName::Destination : TreeName::Source;
  step.record = is_of_destination ? &destination_.record() : &source_.record();
  return Outcome(step);
}

base::Result<MergeWalk::Outcome> MergeWalk::dispatch() {
  // What both sides have is the answer, whatever the base has.
  if (options_.destination_without.empty() && source_.has_same_run(destination_)) {
    MergeStep step;
    step.kind = MergeStep::Kind::WriteRun;
    step.cursor = &source_.cursor();
    step.twin = &destination_.cursor();
    is_run_written_ = true;
    return Outcome(step);
  }
  if (source_.is_at_header() && destination_.is_at_header()) return at_headers();
  if (source_.is_at_header()) {
    if (destination_.is_at_end()) return copy_or_drop(source_, TreeName::Source);
    bool is_record_first = false;
    Outcome outcome =
        at_header_of(source_, TreeName::Source, true, destination_.key(), is_record_first);
    if (!is_record_first) return outcome;
  } else if (destination_.is_at_header()) {
    const bool may_copy = may_copy_destination();
    if (source_.is_at_end()) {
      if (may_copy) return copy_or_drop(destination_, TreeName::Destination);
      is_entering_destination_ = true;
      return Outcome();
    }
    bool is_record_first = false;
    Outcome outcome =
        at_header_of(destination_, TreeName::Destination, may_copy, source_.key(), is_record_first);
    if (!is_record_first) return outcome;
  }
  return at_records();
}

base::Result<MergeStep> MergeWalk::next() {
  for (;;) {
    VARVE_CHECK(leave_record());
    VARVE_CHECK(drop_unwanted());
    if (is_entering_source_) return need(TreeName::Source);
    if (is_entering_destination_ && !destination_.is_at_header()) is_entering_destination_ = false;
    if (is_entering_destination_) return need(TreeName::Destination);
    if (source_.is_at_end() && destination_.is_at_end()) return MergeStep();
    VARVE_TRY(const Outcome outcome, dispatch());
    if (outcome.has_value()) return *outcome;
  }
}

base::Result<void> MergeWalk::enter(TreeName tree, std::unique_ptr<RecordCursor> cursor) {
  switch (tree) {
    case TreeName::Base:
      return base_.enter(std::move(cursor));
    case TreeName::Source:
      is_entering_source_ = false;
      return source_.enter(std::move(cursor));
    case TreeName::Destination:
      is_entering_destination_ = false;
      return destination_.enter(std::move(cursor));
  }
  return {};
}

}  // namespace varve::kernel
