// Inside a RangeWriter. Private to range_writer.cc and range_copy.cc.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "format/content_id.h"
#include "format/range_writer.h"
#include "format/table_cursor_impl.h"
#include "format/table_impl.h"
#include "format/table_writer.h"

namespace varve::format {

// The records of one data block. Keys lie one after another in `keys`.
struct BlockRecords {
  struct Record {
    std::size_t key_offset = 0;
    std::size_t key_size = 0;
    std::string_view value;
  };
  base::Bytes keys;
  std::vector<Record> records;
  BlockBuffer buffer;  // what the values are views into, once the source has moved on

  std::string_view key(std::size_t i) const {
    return std::string_view(keys).substr(records[i].key_offset, records[i].key_size);
  }
};

struct RangeWriter::Impl {
  Impl(RangeParams p, Properties extra);

  base::Result<void> check(std::string_view key) const;
  void add(std::string_view key, std::string_view value);

  // Takes over the block that `source` is at the start of, if the range comes out the same; moves
  // `source` past it then.
  base::Result<bool> take_block(TableCursor::Impl& source, std::optional<std::string_view> limit);
  bool may_take_block(TableCursor::Impl& source, std::optional<std::string_view> limit);
  bool read_block(const TableCursor::Impl& source);
  bool any_lucky_key() const;
  bool block_ends_before(const TableCursor::Impl& source,
                         std::optional<std::string_view> limit) const;
  void add_stored(std::string_view stored, std::string_view next_key);

  RangeParams params;
  Properties properties;
  TableWriter table;
  ContentHasher content;
  base::Bytes first_key;
  base::Bytes last_key;
  base::Bytes framed;
  BlockRecords block;  // scratch of take_block
};

}  // namespace varve::format
