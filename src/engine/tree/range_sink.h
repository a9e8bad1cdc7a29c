// Writes records into ranges, breaking them where the rule says. Belongs to one task at a time.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "engine/tree/range_cursor.h"
#include "format/range_writer.h"
#include "kernel/tree_apply.h"

namespace varve::engine {

class RangeSink final : public kernel::RecordSink {
 public:
  explicit RangeSink(format::RangeParams params) : params_(params) {}

  base::Result<void> carry(const kernel::Record& record) override {
    VARVE_CHECK(writer().add_framed(record.key, record.value));
    return after_record();
  }
  base::Result<void> put(const kernel::StagedChange& change) override {
    VARVE_CHECK(writer().add(change.path, change.identity, change.data));
    return after_record();
  }

  // Blocks that come out the same are taken over as they are stored.
  base::Result<void> carry_until(kernel::RecordCursor& cursor,
                                 const std::string_view* until) override {
    auto& range = static_cast<RangeCursor&>(cursor);
    std::optional<std::string_view> limit;
    if (until != nullptr) limit = *until;
    for (;;) {
      VARVE_TRY(const CopyEnd end, writer().copy_from(range.table_cursor(), limit));
      if (end != CopyEnd::RangeFull) break;
      end_range();
    }
    return range.look();
  }
  // The run at which both cursors stand.
  base::Result<void> carry_same(kernel::RecordCursor& cursor, kernel::RecordCursor& twin) {
    auto& range = static_cast<RangeCursor&>(cursor);
    auto& other = static_cast<RangeCursor&>(twin);
    VARVE_TRY(const CopyEnd end, writer().copy_same(range.table_cursor(), other.table_cursor()));
    if (end == CopyEnd::RangeFull) end_range();
    VARVE_CHECK(range.look());
    return other.look();
  }

  // Ends the range being written, if one is.
  void end_range() {
    if (!writer_.has_value() || writer_->empty()) return;
    done_bytes_ += writer_->estimated_size();
    done_.push_back(writer_->finish());
    writer_.reset();
  }

  // The ranges that are complete, to be stored.
  std::vector<format::EncodedRange> take_done() {
    done_bytes_ = 0;
    return std::exchange(done_, {});
  }
  std::size_t done_bytes() const { return done_bytes_; }

 private:
  using CopyEnd = format::RangeWriter::CopyEnd;

  format::RangeWriter& writer() {
    if (!writer_.has_value()) writer_.emplace(params_);
    return *writer_;
  }
  base::Result<void> after_record() {
    if (writer_->should_break()) end_range();
    return {};
  }

  format::RangeParams params_;
  std::optional<format::RangeWriter> writer_;
  std::vector<format::EncodedRange> done_;
  std::size_t done_bytes_ = 0;
};

}  // namespace varve::engine
