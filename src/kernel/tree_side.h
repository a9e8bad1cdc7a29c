// One side of a walk over committed trees: a position in an array of ranges, of which the one stood
// in may be open. What diff, compare, merge and apply are made of.
//
// A position is before a range (at its header, the range not open) or at a record of an open one.
// Walks never open a range: they ask for it, the caller enters it with a cursor over its records.
// The ranges outlive the side.
//
// Whoever supplies cursors has verified that a range begins and ends with the keys its descriptor
// names, and that keys ascend.  [I-5]
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "kernel/merge_table.h"
#include "model/records.h"

namespace varve::kernel {

// A record as it stands in a range: views that the cursor's next move ends.
struct Record {
  std::string_view key;
  std::string_view identity;
  std::string_view data;
  std::string_view value;  // identity and data as framed in the file, to be carried verbatim
};

// The records of one open range, ascending.
class RecordCursor {
 public:
  virtual ~RecordCursor() = default;
  bool is_valid() const { return is_valid_; }
  const Record& record() const { return record_; }
  // A move that fails leaves the cursor not valid.
  virtual base::Result<void> seek_first() = 0;
  virtual base::Result<void> seek_ge(std::string_view key) = 0;
  virtual base::Result<void> next() = 0;

  // Records are stored in runs, and the same run may be in many ranges, which can be told without
  // reading its records. All cursors of a walk are of one kind, so each knows what the other is.
  bool is_at_run() const { return is_at_run_; }
  // Whether `other` is at the start of a run of the same records. May say no though it is.
  virtual bool has_same_run(const RecordCursor& /*other*/) const { return false; }
  // Moves both past that run, and past those after it as long as they are the same.
  virtual base::Result<void> skip_same_runs(RecordCursor& other);

 protected:
  Record record_;
  bool is_valid_ = false;
  bool is_at_run_ = false;  // valid, and at the first record of one
};

using RangeSpan = std::span<const model::RangeInfo>;

class TreeSide {
 public:
  explicit TreeSide(RangeSpan ranges) : ranges_(ranges) {}

  bool is_at_end() const { return index_ == ranges_.size(); }
  // Not at the end: before a range that is not open.
  bool is_at_header() const { return cursor_ == nullptr && !is_at_end(); }
  bool is_at_record() const { return cursor_ != nullptr; }

  const model::RangeInfo& range() const { return ranges_[index_]; }
  const Record& record() const { return cursor_->record(); }
  RecordCursor& cursor() { return *cursor_; }
  // The record's key; of a header the least key that may come next.
  std::string_view key() const;
  std::string_view max_key() const { return ranges_[index_].max_key; }

  // Opens the range stood before.
  base::Result<void> enter(std::unique_ptr<RecordCursor> cursor);
  // To the next record, or the next range's header. Needs a record.
  base::Result<void> next();
  // To the next range's header, from wherever in this one.
  void skip_range();
  // Whether both sides are at the start of the same run of records.
  bool has_same_run(const TreeSide& other) const;
  base::Result<void> skip_same_runs(TreeSide& other);
  // After somebody moved cursor(): to the next range's header if it is at its end.
  void settle();
  // To the first record >= `key`, forward only, without opening anything: where it lies inside a
  // range that is not open, entering that range goes there.
  base::Result<void> seek_ge(std::string_view key);

 private:
  RangeSpan ranges_;
  std::size_t index_ = 0;
  std::unique_ptr<RecordCursor> cursor_;
  base::Bytes from_;  // where to start in the range stood before; empty: at its first record
};

// The base of a comparison: asked for ranges and records by key. Only moves forward, so keys are
// asked for in ascending order.
class BaseSide {
 public:
  explicit BaseSide(RangeSpan ranges) : ranges_(ranges) {}

  // The base range that shares keys with [min, max], nullptr if none does: the first whose max is
  // >= `min`, if it starts at or before `max`.
  const model::RangeInfo* overlap(std::string_view min, std::string_view max);

  // What the base has at `key`.
  struct Lookup {
    bool needs_range = false;  // open range() and ask again
    Side identity;
  };
  base::Result<Lookup> find(std::string_view key, const TreeSide& source,
                            const TreeSide& destination);

  const model::RangeInfo& range() const { return ranges_[index_]; }
  base::Result<void> enter(std::unique_ptr<RecordCursor> cursor);

 private:
  void advance(std::string_view key);

  RangeSpan ranges_;
  std::size_t index_ = 0;  // the first range whose max is >= what was asked for last
  std::unique_ptr<RecordCursor> cursor_;
};

// Which tree a step speaks of. Of a two-way walk, left is Destination and right is Source.
enum class TreeName : std::uint8_t { Base, Source, Destination };

}  // namespace varve::kernel
