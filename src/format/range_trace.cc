#include "format/range_trace.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/hash.h"
#include "base/result.h"
#include "format/block_builder.h"
#include "format/content_id.h"
#include "format/key_hashes.h"
#include "format/range_writer.h"
#include "format/table_cursor_impl.h"
#include "format/table_format.h"
#include "format/table_reader.h"
#include "format/table_writer.h"
#include "model/ids.h"

namespace varve::format {
namespace {

// A range whose blocks take this much less than a range may is surely below the limit: its index is
// a fiftieth of them or less.
bool is_surely_small(std::uint64_t data_bytes, const RangeParams& params) {
  constexpr std::uint64_t Slack = 64U << 10U;
  return data_bytes + data_bytes / 8 + Slack < params.bytes_max;
}

}  // namespace

// Goes through a range once. Points are kept as long as the file is what our writer would have
// made of its records, as far as they tell.
class RangeTracer {
 public:
  RangeTracer(const Table& table, const RangeParams& params)
      : cursor_(table.cursor(Table::Caching::Bypass)), hasher_(ContentKind::Range) {
    trace_.params = params;
    // With a least size, whether a key ends a range depends on more than the key.
    is_ours_ = params.bytes_min == 0 && cursor_.impl_->inside().has_our_blocks;
  }

  base::Result<RangeTrace> run(std::string_view id, const Properties& properties) {
    VARVE_CHECK(cursor_.seek_first());
    while (cursor_.valid()) {
      if (cursor_.is_at_block_start()) VARVE_CHECK(begin_block());
      if (is_ours_) look_at_record();
      hasher_.record(cursor_.key(), cursor_.value());
      VARVE_CHECK(cursor_.next());
    }
    VARVE_CHECK(end_blocks());
    const std::string actual = hasher_.finish(properties);
    if (actual != id) return another_id(id, actual);
    return std::move(trace_);
  }

 private:
  void look_at_record() {
    const TableCursor::Impl& at = *cursor_.impl_;
    const std::string_view key = cursor_.key();
    const std::size_t restarts = (count_ + DataRestartInterval - 1) / DataRestartInterval;
    const bool is_cut = should_cut_block(count_, at.data.offset() + 4 * restarts + 4,
                                         count_ % DataRestartInterval == 0,
                                         key.size() + SuffixBytes, cursor_.value().size());
    // The key before ends a range only if it is the last.
    is_ours_ = is_ours_ && !is_cut && !is_lucky_;
    ++count_;
    is_lucky_ = hashes_.next(key, at.data.shared()) % trace_.params.raggedness == 0;
    progress_.key_bytes += key.size() + SuffixBytes;
    progress_.value_bytes += cursor_.value().size();
    ++progress_.records;
  }

  // The id says nothing about the index, and who looks a key up believes it: a block that it leads
  // past would be a record that is not there.
  base::Result<void> begin_block() {
    const TableCursor::Impl& at = *cursor_.impl_;
    const std::string_view key = cursor_.key();
    if (blocks_ > 0) {
      if (last_key() > block_end_ || block_end_ >= key) return astray();
      if (at.partition != partition_) {
        const std::string_view end = at.inside().index[partition_].last_key;
        if (last_key() > end || end >= key) return astray();
      }
    }
    if (is_ours_) look_at_block();
    ++blocks_;
    partition_ = at.partition;
    block_end_ = at.block_end();
    return {};
  }

  base::Result<void> end_blocks() const {
    if (blocks_ == 0) return {};
    if (last_key() > block_end_ || blocks_ != cursor_.impl_->blocks_opened) return astray();
    return {};
  }

  base::Error astray() const {
    return cursor_.impl_->inside().corrupt("an index that leads past records");
  }

  void look_at_block() {
    const TableCursor::Impl& at = *cursor_.impl_;
    const std::string_view key = cursor_.key();
    if (count_ > 0) {
      const bool is_cut =
          should_cut_block(count_, payload_bytes_, count_ % DataRestartInterval == 0,
                           key.size() + SuffixBytes, cursor_.value().size());
      is_ours_ = is_cut && !is_lucky_;
    }
    progress_.offset = at.block_handle.offset;
    if (is_ours_ && hasher_.bytes() >= next_point_bytes_ &&
        is_surely_small(progress_.offset, trace_.params)) {
      auto state = std::make_shared<const base::Hasher>(hasher_.state());
      trace_.points.push_back({progress_, hasher_.bytes(), std::move(state)});
      next_point_bytes_ = hasher_.bytes() + RangeTrace::StepBytes;
    }
    count_ = 0;
    payload_bytes_ = at.block.payload.size();
  }

  std::string_view last_key() const { return cursor_.impl_->previous; }

  TableCursor cursor_;
  ContentHasher hasher_;
  RangeTrace trace_;
  KeyHashes hashes_;
  TableProgress progress_;
  std::uint64_t next_point_bytes_ = RangeTrace::StepBytes;
  bool is_ours_;
  bool is_lucky_ = false;  // the last key
  // Of the block that the cursor is in.
  std::size_t count_ = 0;
  std::size_t payload_bytes_ = 0;
  base::Bytes block_end_;  // what the index says
  std::size_t partition_ = 0;
  std::size_t blocks_ = 0;  // so far, with it
};

base::Result<RangeTraceRef> trace_range(const model::RangeId& id, const Table& table,
                                        const RangeParams& params) {
  VARVE_TRY(const Properties properties, hashed_properties(ContentKind::Range, table));
  RangeTracer tracer(table, params);
  VARVE_TRY(RangeTrace trace, tracer.run(id.view(), properties));
  return std::make_shared<const RangeTrace>(std::move(trace));
}

}  // namespace varve::format
