#include "kernel/tree_diff.h"

#include <memory>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "kernel/merge_table.h"
#include "kernel/tree_side.h"
#include "model/records.h"

namespace varve::kernel {
namespace {

// Whether `side` stands before a range that ends before anything `other` still has.
bool is_range_alone(const TreeSide& side, const TreeSide& other) {
  return side.is_at_header() && (other.is_at_end() || side.max_key() < other.key());
}

bool has_same_bounds(const model::RangeInfo& a, const model::RangeInfo& b) {
  return a.min_key == b.min_key && a.max_key == b.max_key;
}

}  // namespace

base::Result<void> DiffWalk::leave_row() {
  if (std::exchange(is_source_shown_, false)) VARVE_CHECK(source_.next());
  if (std::exchange(is_destination_shown_, false)) VARVE_CHECK(destination_.next());
  return {};
}

DiffStep DiffWalk::need(TreeName tree, bool is_lone) const {
  DiffStep step;
  step.kind = DiffStep::Kind::Need;
  step.tree = tree;
  step.is_lone = is_lone;
  step.range = tree == TreeName::Source        ? &source_.range()
               : tree == TreeName::Destination ? &destination_.range()
                                               : &base_.range();
  return step;
}

bool DiffWalk::skip_ranges() {
  if (is_range_alone(source_, destination_)) {
    const auto* base = base_.overlap(source_.key(), source_.max_key());
    if (base == nullptr || base->id != source_.range().id) return false;
    source_.skip_range();  // the destination removed what the source left alone
    return true;
  }
  if (is_range_alone(destination_, source_)) {
    if (base_.overlap(destination_.key(), destination_.max_key()) != nullptr) return false;
    destination_.skip_range();  // the destination added it
    return true;
  }
  if (!source_.is_at_header() || !destination_.is_at_header()) return false;
  const model::RangeInfo& source = source_.range();
  const model::RangeInfo& destination = destination_.range();
  if (source.id != destination.id) {
    if (!has_same_bounds(source, destination)) return false;
    const auto* base = base_.overlap(source_.key(), source_.max_key());
    if (base == nullptr || base->id != source.id) return false;
  }
  source_.skip_range();
  destination_.skip_range();
  return true;
}

base::Result<DiffStep> DiffWalk::meet() {
  if (is_range_alone(source_, destination_)) {
    const auto* base = base_.overlap(source_.key(), source_.max_key());
    return need(TreeName::Source, base == nullptr);
  }
  if (is_range_alone(destination_, source_)) {
    const auto* base = base_.overlap(destination_.key(), destination_.max_key());
    return need(TreeName::Destination, base != nullptr && base->id == destination_.range().id);
  }
  const int order = source_.is_at_end()        ? 1
                    : destination_.is_at_end() ? -1
                                               : source_.key().compare(destination_.key());
  if (order <= 0 && source_.is_at_header()) return need(TreeName::Source, false);
  if (order >= 0 && destination_.is_at_header()) return need(TreeName::Destination, false);
  Side source;
  Side destination;
  if (order <= 0) source = source_.record().identity;
  if (order >= 0) destination = destination_.record().identity;
  DiffStep step;
  step.kind = DiffStep::Kind::Row;
  if (source != destination) {
    const Record& record = order <= 0 ? source_.record() : destination_.record();
    VARVE_TRY(const BaseSide::Lookup base, base_.find(record.key, source_, destination_));
    if (base.needs_range) return need(TreeName::Base, false);
    step.shown = decide_shown(base.identity, source, destination);
    step.record = &record;
  }
  is_source_shown_ = order <= 0;
  is_destination_shown_ = order >= 0;
  return step;
}

bool DiffWalk::is_over() const {
  const auto is_done = [this](const TreeSide& side) {
    return side.is_at_end() || (!until_.empty() && side.key() >= until_);
  };
  return is_done(source_) && is_done(destination_);
}

base::Result<DiffStep> DiffWalk::next() {
  for (;;) {
    VARVE_CHECK(leave_row());
    if (is_over()) return DiffStep();
    if (skip_ranges()) continue;
    if (source_.has_same_run(destination_)) {
      VARVE_CHECK(source_.skip_same_runs(destination_));
      continue;
    }
    VARVE_TRY(DiffStep step, meet());
    if (step.kind == DiffStep::Kind::Row && step.shown == Shown::Nothing) continue;
    return step;
  }
}

base::Result<void> DiffWalk::enter(TreeName tree, std::unique_ptr<RecordCursor> cursor) {
  switch (tree) {
    case TreeName::Base:
      return base_.enter(std::move(cursor));
    case TreeName::Source:
      return source_.enter(std::move(cursor));
    case TreeName::Destination:
      return destination_.enter(std::move(cursor));
  }
  return {};
}

void DiffWalk::skip(TreeName tree) {
  (tree == TreeName::Source ? source_ : destination_).skip_range();
}

base::Result<void> DiffWalk::seek_ge(std::string_view key) {
  VARVE_CHECK(leave_row());
  VARVE_CHECK(source_.seek_ge(key));
  return destination_.seek_ge(key);
}

}  // namespace varve::kernel
