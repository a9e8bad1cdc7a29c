// Copying from one range to another. Most commits change a few records of a range; the blocks
// before the first change are the same in the new file, and so are those after it as soon as a
// block begins at the same record again. Such a block is copied as it is stored: no compression, no
// checksum.
//
// What must hold, so that the file is the one that adding record by record gives: the source's
// blocks are made by our rules; the block begins a block here too; our rule would have cut it where
// it ends; the record after it is added next; and no key inside it ends the range.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/result.h"
#include "format/block_builder.h"
#include "format/block_cursor.h"
#include "format/range_writer.h"
#include "format/range_writer_impl.h"
#include "format/table_cursor_impl.h"
#include "format/table_format.h"
#include "format/table_reader.h"
#include "format/table_writer.h"

namespace varve::format {

base::Result<RangeWriter::CopyEnd> RangeWriter::copy_from(TableCursor& source,
                                                          std::optional<std::string_view> limit) {
  if (impl_->may_begin_like(*source.impl_)) {
    VARVE_TRY(const std::uint64_t offset, source.impl_->last_block_below(limit));
    VARVE_CHECK(impl_->begin_like(*source.impl_, offset, nullptr));
  }
  while (source.valid()) {
    if (limit.has_value() && source.key() >= *limit) return CopyEnd::Limit;
    VARVE_TRY(const Impl::Taken taken, impl_->take_block(*source.impl_, limit, nullptr));
    if (taken == Impl::Taken::Full) return CopyEnd::RangeFull;
    if (taken != Impl::Taken::Nothing) continue;
    VARVE_CHECK(add_framed(source.key(), source.value()));
    VARVE_CHECK(source.next());
    if (should_break()) return CopyEnd::RangeFull;
  }
  return CopyEnd::SourceEnd;
}

// Adds what is left of the block that `source` is in; the index of `twin` is at the block after.
base::Result<RangeWriter::CopyEnd> RangeWriter::copy_block(TableCursor& source,
                                                           const TableCursor& twin) {
  TableCursor::Impl& from = *source.impl_;
  const std::uint64_t block = from.block_handle.offset;
  while (from.valid && from.block_handle.offset == block) {
    VARVE_TRY(const Impl::Taken taken, impl_->take_block(from, std::nullopt, twin.impl_.get()));
    if (taken == Impl::Taken::Full) return CopyEnd::RangeFull;
    if (taken != Impl::Taken::Nothing) continue;
    VARVE_CHECK(add_framed(source.key(), source.value()));
    VARVE_CHECK(source.next());
    if (should_break()) return CopyEnd::RangeFull;
  }
  return CopyEnd::Limit;
}

// The twin's blocks are not opened: it follows in its index, and opens the block it ends at.
base::Result<RangeWriter::CopyEnd> RangeWriter::copy_same(TableCursor& source, TableCursor& twin) {
  if (!source.is_at_same_block(twin)) return CopyEnd::Limit;
  TableCursor::Impl& from = *source.impl_;
  TableCursor::Impl& other = *twin.impl_;
  if (impl_->may_begin_like(from)) {
    VARVE_TRY(const std::uint64_t offset, from.last_same_block(other));
    VARVE_CHECK(impl_->begin_like(from, offset, &other));
  }
  CopyEnd end = CopyEnd::Limit;
  bool is_twin_left = true;
  do {
    const std::uint64_t block = from.block_handle.offset;
    VARVE_TRY(is_twin_left, other.advance());
    VARVE_TRY(end, copy_block(source, twin));
    if (from.valid && from.block_handle.offset == block) {
      VARVE_CHECK(twin.seek_ge(source.key()));
      return end;
    }
  } while (end != CopyEnd::RangeFull && is_twin_left && from.at_block_start() &&
           from.stored() == other.stored());
  if (is_twin_left) VARVE_CHECK(other.enter());
  return end;
}

namespace {

// A trailer, three lengths, a suffix, a handle, a restart: an index entry without its key.
constexpr std::size_t IndexEntryBytesMax = 80;

}  // namespace

// What can be told without looking into the block.
bool RangeWriter::Impl::may_take_block(TableCursor::Impl& source,
                                       std::optional<std::string_view> limit) {
  if (!source.at_block_start() || !source.inside().has_our_blocks) return false;
  if (!table.begins_block(source.data.user_key().size(), source.data.value().size())) return false;
  // At its greatest, with the block open and the one before it stored and indexed.
  const std::uint64_t size_max =
      table.estimated_size() + source.block.payload.size() + last_key.size() + IndexEntryBytesMax;
  if (size_max >= params.bytes_max) return false;
  return !limit.has_value() || source.block_end() < *limit;
}

// Hashes the block's records: up to one after which the range may have to end, or to one that
// speaks against the block being ours: damaged, or not what we would have made, as far as its own
// records tell.
RangeWriter::Impl::Hashed RangeWriter::Impl::hash_records(std::string_view payload) {
  Hashed hashed;
  if (!at.open(payload) || !at.seek_first()) return hashed;
  bool is_sound = true;
  while (at.valid() && is_sound) {
    if (!at.has_suffix() || at.suffix() != RecordSuffix) break;
    const std::size_t count = hashed.records;
    const std::string_view key = at.user_key();
    if (count > 0 && key <= last_key) break;
    const std::size_t restarts = (count + DataRestartInterval - 1) / DataRestartInterval;
    if (should_cut_block(count, at.offset() + 4 * restarts + 4, count % DataRestartInterval == 0,
                         key.size() + SuffixBytes, at.value().size())) {
      break;
    }
    content.record(key, at.value());
    last_key = key;
    ++hashed.records;
    hashed.key_bytes += key.size();
    hashed.value_bytes += at.value().size();
    key_hash = hashes.next(key, at.shared());
    if (key_hash % params.raggedness == 0) return hashed;
    is_sound = at.next();
  }
  const std::size_t count = hashed.records;
  hashed.is_whole = is_sound && !at.valid() && count > 0 &&
                    at.restart_count() == (count + DataRestartInterval - 1) / DataRestartInterval;
  return hashed;
}

// Whether our rule would end the block in `kept` where it ends, given what `source` has next.
bool RangeWriter::Impl::block_ends_before(const TableCursor::Impl& source,
                                          std::optional<std::string_view> limit,
                                          const Hashed& block) const {
  const std::string_view next = source.data.user_key();
  if (limit.has_value() && next >= *limit) return false;
  return should_cut_block(block.records, kept.payload.size(),
                          block.records % DataRestartInterval == 0, next.size() + SuffixBytes,
                          source.data.value().size());
}

// Whether the record that `source` is at now will be added next. With a twin it is if the blocks
// that they have come to are alike, too; else it may be the twin's record, or neither's.
bool RangeWriter::Impl::is_added_next(const TableCursor::Impl& source,
                                      const TableCursor::Impl* twin) {
  if (twin == nullptr) return source.valid;
  return source.valid && !source.stored().empty() && source.stored() == twin->stored();
}

base::Result<RangeWriter::Impl::Taken> RangeWriter::Impl::take_block(
    TableCursor::Impl& source, std::optional<std::string_view> limit,
    const TableCursor::Impl* twin) {
  if (!may_take_block(source, limit)) return Taken::Nothing;
  VARVE_CHECK(check(source.data.user_key()));
  if (table.count() == 0) first_key = source.data.user_key();
  block_first_key = source.data.user_key();
  has_passed_end = has_passed_end || is_at_end;
  std::optional<RangeTrace::Point> point;
  if (is_point_due()) point = point_here();
  const Hashed block = hash_records(source.block.payload);
  if (!block.is_whole) {
    for (std::size_t i = 0; i < block.records; ++i) {
      table.add(source.data.user_key(), source.data.value());
      VARVE_CHECK(source.next());
    }
    if (block.records == 0) return Taken::Nothing;
    if (point.has_value()) keep_point(*std::move(point));
    judge_end();
    return is_at_end ? Taken::Full : Taken::Part;
  }
  const std::string_view stored = source.stored();
  std::swap(kept, source.block);  // its payload may be needed again
  VARVE_CHECK(source.skip_block());
  if (source.valid && source.data.user_key() <= last_key) {
    source.valid = false;
    return source.inside().corrupt(source.block_handle, "keys out of order");
  }
  if (is_added_next(source, twin) && block_ends_before(source, limit, block)) {
    const StoredBlock taken{stored,        last_key,        source.data.user_key(),
                            block.records, block.key_bytes, block.value_bytes};
    table.add_block(block_first_key, taken);
  } else {
    bool is_sound = at.open(kept.payload) && at.seek_first();
    for (; is_sound && at.valid(); is_sound = at.next()) table.add(at.user_key(), at.value());
    VARVE_ASSERT(is_sound);  // it was, a moment ago
  }
  if (point.has_value()) keep_point(*std::move(point));
  is_at_end = false;  // no key of it is lucky, and it is too small
  return Taken::Block;
}

// Whether the range is empty, and `source` at the start of one with a trace of ranges like it.
bool RangeWriter::Impl::may_begin_like(const TableCursor::Impl& source) const {
  const RangeTrace* other = source.inside().options.trace.get();
  return table.count() == 0 && other != nullptr && !other->points.empty() &&
         other->params == params && source.at_block_start() && source.block_handle.offset == 0;
}

base::Result<void> RangeWriter::Impl::begin_like(TableCursor::Impl& source,
                                                 std::uint64_t offset_max,
                                                 TableCursor::Impl* twin) {
  const std::vector<RangeTrace::Point>& points = source.inside().options.trace->points;
  const auto end = std::partition_point(points.begin(), points.end(), [&](const auto& point) {
    return point.before.offset <= offset_max;
  });
  if (end == points.begin()) return {};
  const RangeTrace::Point& point = *std::prev(end);
  first_key = source.data.user_key();
  table.begin_with(source.inside().whole(), point.before);
  while (source.stored().data() != source.inside().whole().data() + point.before.offset) {
    last_key = source.index.user_key();  // or a key between it and the next: as good here
    table.add_index_entry(last_key, source.index.suffix(), source.index.value());
    VARVE_TRY(const bool more, source.advance());
    if (!more) return source.inside().corrupt("a trace of another table");
    if (twin != nullptr) VARVE_CHECK(twin->advance());
  }
  VARVE_CHECK(source.enter());
  if (twin != nullptr) VARVE_CHECK(twin->enter());
  content.resume(*point.hash, point.content_bytes);
  trace.points.assign(points.begin(), end);
  next_point_bytes = point.content_bytes + RangeTrace::StepBytes;
  hashes.forget();
  return {};
}

base::Result<std::uint64_t> TableCursor::Impl::last_block_below(
    std::optional<std::string_view> key) const {
  std::uint64_t offset = inside().whole().size();
  if (!key.has_value()) return offset;
  BlockCursor entry;
  VARVE_TRY(const BlockBuffer* const opened, inside().partition(inside().partition_of(*key)));
  if (!entry.open(opened->payload) || !entry.seek_ge(*key)) return bad_index();
  if (!entry.valid()) return offset;  // all are
  BlockHandle reaching;
  std::string_view value = entry.value();
  if (!take_handle(value, reaching)) return bad_index();
  return reaching.offset == 0 ? 0 : reaching.offset - 1;
}

base::Result<std::uint64_t> TableCursor::Impl::last_same_block(const Impl& twin) const {
  Impl mine;
  Impl other;
  mine.table = table;
  other.table = twin.table;
  VARVE_CHECK(mine.open_partition(0));
  VARVE_CHECK(other.open_partition(0));
  if (!mine.index.seek_first() || !other.index.seek_first()) return bad_index();
  std::uint64_t offset = 0;
  while (!mine.stored().empty() && mine.stored() == other.stored()) {
    offset = static_cast<std::uint64_t>(mine.stored().data() - inside().whole().data());
    VARVE_TRY(const bool more, mine.advance());
    VARVE_TRY(const bool others_more, other.advance());
    if (!more || !others_more) break;
  }
  return offset;
}

}  // namespace varve::format
