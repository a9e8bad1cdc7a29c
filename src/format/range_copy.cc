// Copying from one range to another. Most commits change a few records of a range; the blocks
// before the first change are the same in the new file, and so are those after it as soon as a
// block begins at the same record again. Such a block is copied as it is stored: no compression, no
// checksum.
//
// What must hold, so that the file is the one that adding record by record gives: the source's
// blocks are made by our rules; the block begins a block here too; our rule would have cut it where
// it ends; the record after it is added next; and no key inside it ends the range.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "base/hash.h"
#include "base/result.h"
#include "format/block_builder.h"
#include "format/block_cursor.h"
#include "format/range_writer.h"
#include "format/range_writer_impl.h"
#include "format/table_cursor_impl.h"
#include "format/table_format.h"
#include "format/table_reader.h"

namespace varve::format {

base::Result<RangeWriter::CopyEnd> RangeWriter::copy_from(TableCursor& source,
                                                          std::optional<std::string_view> limit) {
  while (source.valid()) {
    if (limit.has_value() && source.key() >= *limit) return CopyEnd::Limit;
    VARVE_TRY(const bool taken, impl_->take_block(*source.impl_, limit));
    if (taken) continue;
    VARVE_CHECK(add_framed(source.key(), source.value()));
    VARVE_CHECK(source.next());
    if (should_break()) return CopyEnd::RangeFull;
  }
  return CopyEnd::SourceEnd;
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
  std::string_view separator;
  return source.next_separator(separator) && (!limit.has_value() || separator < *limit);
}

// Reads all records into `block`. False: the block is damaged, or not one that we would have made,
// as far as its own records tell.
bool RangeWriter::Impl::read_block(const TableCursor::Impl& source) {
  block.keys.clear();
  block.records.clear();
  BlockCursor at;
  if (!at.open(source.block.payload) || !at.seek_first()) return false;
  while (at.valid()) {
    if (!at.has_suffix() || at.suffix() != RecordSuffix) return false;
    const std::size_t count = block.records.size();
    const std::string_view key = at.user_key();
    if (count > 0 && key <= block.key(count - 1)) return false;
    const std::size_t restarts = (count + DataRestartInterval - 1) / DataRestartInterval;
    if (should_cut_block(count, at.offset() + 4 * restarts + 4, count % DataRestartInterval == 0,
                         key.size() + SuffixBytes, at.value().size())) {
      return false;
    }
    block.records.push_back({block.keys.size(), key.size(), at.value()});
    block.keys.append(key);
    if (!at.next()) return false;
  }
  const std::size_t count = block.records.size();
  return count > 0 && at.restart_count() == (count + DataRestartInterval - 1) / DataRestartInterval;
}

namespace {

constexpr std::size_t Lanes = 4;

// FNV-1a waits for a multiplication per octet; four keys at once wait together.
std::array<std::uint64_t, Lanes> fnv1a64_of(const std::array<std::string_view, Lanes>& keys) {
  std::array<std::uint64_t, Lanes> hashes;
  hashes.fill(base::fnv1a64({}));
  std::size_t shortest = keys[0].size();
  for (const std::string_view key : keys) shortest = std::min(shortest, key.size());
  const auto step = [](std::uint64_t hash, char c) {
    return (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  };
  for (std::size_t i = 0; i < shortest; ++i) {
    for (std::size_t lane = 0; lane < Lanes; ++lane)
      hashes[lane] = step(hashes[lane], keys[lane][i]);
  }
  for (std::size_t lane = 0; lane < Lanes; ++lane) {
    for (const char c : keys[lane].substr(shortest)) hashes[lane] = step(hashes[lane], c);
  }
  return hashes;
}

}  // namespace

bool RangeWriter::Impl::any_lucky_key() const {
  const std::size_t count = block.records.size();
  for (std::size_t i = 0; i < count; i += Lanes) {
    std::array<std::string_view, Lanes> keys;
    for (std::size_t lane = 0; lane < Lanes; ++lane) {
      keys[lane] = block.key(std::min(i + lane, count - 1));
    }
    for (const std::uint64_t hash : fnv1a64_of(keys)) {
      if (hash % params.raggedness == 0) return true;
    }
  }
  return false;
}

// Whether our rule would end the block in `block` where it ends, given what `source` has next.
bool RangeWriter::Impl::block_ends_before(const TableCursor::Impl& source,
                                          std::optional<std::string_view> limit) const {
  if (!source.valid) return false;
  const std::string_view next = source.data.user_key();
  if (limit.has_value() && next >= *limit) return false;
  const std::size_t count = block.records.size();
  return should_cut_block(count, block.buffer.payload.size(), count % DataRestartInterval == 0,
                          next.size() + SuffixBytes, source.data.value().size());
}

void RangeWriter::Impl::add_stored(std::string_view stored, std::string_view next_key) {
  const std::size_t count = block.records.size();
  if (table.count() == 0) first_key = block.key(0);
  last_key = block.key(count - 1);
  StoredBlock taken{stored, last_key, next_key, count, block.keys.size(), 0};
  for (std::size_t i = 0; i < count; ++i) {
    content.record(block.key(i), block.records[i].value);
    taken.value_bytes += block.records[i].value.size();
  }
  table.add_block(block.key(0), taken);
}

base::Result<bool> RangeWriter::Impl::take_block(TableCursor::Impl& source,
                                                 std::optional<std::string_view> limit) {
  if (!may_take_block(source, limit)) return false;
  if (!read_block(source) || any_lucky_key()) return false;
  VARVE_CHECK(check(block.key(0)));
  const BlockHandle handle = source.block_handle;
  const std::string_view stored =
      source.inside().bytes.view.substr(handle.offset, handle.size + BlockTrailerBytes);
  std::swap(block.buffer, source.block);  // the values are views into it
  VARVE_CHECK(source.skip_block());
  if (source.valid && source.data.user_key() <= block.key(block.records.size() - 1)) {
    source.valid = false;
    return source.inside().corrupt(source.block_handle, "keys out of order");
  }
  if (block_ends_before(source, limit)) {
    add_stored(stored, source.data.user_key());
  } else {
    for (std::size_t i = 0; i < block.records.size(); ++i)
      add(block.key(i), block.records[i].value);
  }
  return true;
}

}  // namespace varve::format
