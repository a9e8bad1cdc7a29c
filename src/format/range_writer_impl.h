// Inside a RangeWriter. Private to range_writer.cc and range_copy.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "format/block_cursor.h"
#include "format/content_id.h"
#include "format/key_hashes.h"
#include "format/range_trace.h"
#include "format/range_writer.h"
#include "format/table_cursor_impl.h"
#include "format/table_impl.h"
#include "format/table_writer.h"

namespace varve::format {

struct RangeWriter::Impl {
  Impl(RangeParams p, Properties extra);

  base::Result<void> check(std::string_view key) const;
  void add(std::string_view key, std::string_view value);
  void judge_end();

  // Around the record that begins a block: notes, and then keeps, a point of the trace.
  bool is_point_due() const { return content.bytes() >= next_point_bytes && !has_passed_end; }
  RangeTrace::Point point_here();
  void keep_point(RangeTrace::Point point);

  // Begins the range with the source's blocks up to the last point of its trace at or before
  // `offset_max`, if there is one, and moves the source there. A twin has the same blocks, and
  // follows.
  base::Result<void> begin_like(TableCursor::Impl& source, std::uint64_t offset_max,
                                TableCursor::Impl* twin);
  bool may_begin_like(const TableCursor::Impl& source) const;

  // What became of the block that a source is at the start of.
  enum class Taken : std::uint8_t {
    Nothing,  // it has to be added record by record
    Part,     // what is left of it has
    Block,    // all its records are added, and the source is behind it
    Full,     // the range should end after the record before the one the source is at
  };
  // With a twin, both have this block; the twin's index is at its block after.
  base::Result<Taken> take_block(TableCursor::Impl& source, std::optional<std::string_view> limit,
                                 const TableCursor::Impl* twin);
  bool may_take_block(TableCursor::Impl& source, std::optional<std::string_view> limit);
  struct Hashed {
    std::size_t records = 0;
    std::uint64_t key_bytes = 0;
    std::uint64_t value_bytes = 0;
    bool is_whole = false;  // all there are
  };
  Hashed hash_records(std::string_view payload);
  static bool is_added_next(const TableCursor::Impl& source, const TableCursor::Impl* twin);
  bool block_ends_before(const TableCursor::Impl& source, std::optional<std::string_view> limit,
                         const Hashed& block) const;

  RangeParams params;
  Properties properties;
  TableWriter table;
  ContentHasher content;
  base::Bytes first_key;
  base::Bytes last_key;
  base::Bytes framed;
  std::uint64_t key_hash = 0;   // of the last key
  bool is_at_end = false;       // the range should end with it
  bool has_passed_end = false;  // it should have ended before it
  RangeTrace trace;
  std::uint64_t next_point_bytes = RangeTrace::StepBytes;
  // Scratch of take_block.
  KeyHashes hashes;
  BlockCursor at;
  BlockBuffer kept;
  base::Bytes block_first_key;
};

}  // namespace varve::format
