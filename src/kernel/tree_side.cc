#include "kernel/tree_side.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "base/result.h"
#include "model/records.h"

namespace varve::kernel {
namespace {

// Records stepped over before a seek is worth its cost: about what a block of a range holds.
constexpr int StepsBeforeSeek = 16;

std::size_t first_reaching(RangeSpan ranges, std::size_t from, std::string_view key) {
  if (from == ranges.size() || std::string_view(ranges[from].max_key) >= key) return from;
  const auto found = std::partition_point(
      ranges.begin() + static_cast<std::ptrdiff_t>(from), ranges.end(),
      [key](const model::RangeInfo& range) { return std::string_view(range.max_key) < key; });
  return static_cast<std::size_t>(found - ranges.begin());
}

base::Error ends_early(const model::RangeInfo& range) {
  return {base::Code::Corruption, "range " + range.id.str() + " ends before its last key"};
}

}  // namespace

// Reached only by what says that it has the same run, and nothing says so that cannot skip it.
base::Result<void> RecordCursor::skip_same_runs(RecordCursor& /*other*/) {
  VARVE_ASSERT(!is_at_run_);
  return {};
}

std::string_view TreeSide::key() const {
  if (cursor_ != nullptr) return cursor_->record().key;
  const std::string_view min = ranges_[index_].min_key;
  return std::max(min, std::string_view(from_));
}

base::Result<void> TreeSide::enter(std::unique_ptr<RecordCursor> cursor) {
  VARVE_ASSERT(is_at_header() && cursor != nullptr);
  if (from_ <= range().min_key) {
    VARVE_CHECK(cursor->seek_first());
  } else {
    VARVE_CHECK(cursor->seek_ge(from_));
  }
  from_.clear();
  if (!cursor->is_valid()) return ends_early(range());
  cursor_ = std::move(cursor);
  return {};
}

base::Result<void> TreeSide::next() {
  VARVE_DASSERT(is_at_record());
  VARVE_CHECK(cursor_->next());
  settle();
  return {};
}

void TreeSide::settle() {
  if (!cursor_->is_valid()) skip_range();
}

bool TreeSide::has_same_run(const TreeSide& other) const {
  return is_at_record() && other.is_at_record() && cursor_->is_at_run() &&
         other.cursor_->is_at_run() && cursor_->has_same_run(*other.cursor_);
}

base::Result<void> TreeSide::skip_same_runs(TreeSide& other) {
  VARVE_CHECK(cursor_->skip_same_runs(*other.cursor_));
  settle();
  other.settle();
  return {};
}

void TreeSide::skip_range() {
  VARVE_DASSERT(!is_at_end());
  cursor_.reset();
  from_.clear();
  ++index_;
}

base::Result<void> TreeSide::seek_ge(std::string_view key) {
  if (is_at_end() || this->key() >= key) return {};
  const std::size_t index = first_reaching(ranges_, index_, key);
  if (index != index_) {
    cursor_.reset();
    index_ = index;
  }
  if (is_at_end()) {
    from_.clear();
  } else if (cursor_ == nullptr) {
    from_ = key;
  } else {
    VARVE_CHECK(cursor_->seek_ge(key));
    if (!cursor_->is_valid()) return ends_early(range());
  }
  return {};
}

void BaseSide::advance(std::string_view key) {
  const std::size_t index = first_reaching(ranges_, index_, key);
  if (index == index_) return;
  index_ = index;
  cursor_.reset();
}

const model::RangeInfo* BaseSide::overlap(std::string_view min, std::string_view max) {
  advance(min);
  if (index_ == ranges_.size() || std::string_view(ranges_[index_].min_key) > max) return nullptr;
  return &ranges_[index_];
}

base::Result<void> BaseSide::enter(std::unique_ptr<RecordCursor> cursor) {
  VARVE_ASSERT(index_ < ranges_.size() && cursor_ == nullptr);
  VARVE_CHECK(cursor->seek_first());
  if (!cursor->is_valid()) return ends_early(ranges_[index_]);
  cursor_ = std::move(cursor);
  return {};
}

base::Result<BaseSide::Lookup> BaseSide::find(std::string_view key, const TreeSide& source,
                                              const TreeSide& destination) {
  advance(key);
  if (index_ == ranges_.size()) return Lookup{};
  const model::RangeInfo& range = ranges_[index_];
  if (std::string_view(range.min_key) > key) return Lookup{};
  // A side that is inside this very range stands at its first record >= key: it is the answer, and
  // the base need not be opened.
  for (const TreeSide* side : {&source, &destination}) {
    if (!side->is_at_record() || side->range().id != range.id) continue;
    Lookup found;
    if (side->record().key == key) found.identity = side->record().identity;
    return found;
  }
  if (cursor_ == nullptr) return Lookup{true, {}};
  for (int steps = 0; cursor_->record().key < key; ++steps) {
    if (steps < StepsBeforeSeek) {
      VARVE_CHECK(cursor_->next());
    } else {
      VARVE_CHECK(cursor_->seek_ge(key));
    }
    if (!cursor_->is_valid()) return ends_early(range);
  }
  Lookup found;
  if (cursor_->record().key == key) found.identity = cursor_->record().identity;
  return found;
}

}  // namespace varve::kernel
