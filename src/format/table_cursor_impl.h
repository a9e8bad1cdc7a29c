// Inside a TableCursor. Private to table_cursor.cc and range_copy.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "format/block_cursor.h"
#include "format/table_format.h"
#include "format/table_impl.h"
#include "format/table_reader.h"

namespace varve::format {

// Three nested positions: a partition of the index, an entry of it, a record of the data block that
// the entry names.
struct TableCursor::Impl {
  std::shared_ptr<const Table> table;
  Table::Impl::Cached use;
  std::optional<TableWindow> window;  // where the data blocks are, if not in the table
  bool is_cut = false;
  base::Bytes cut_at;
  std::size_t partition = 0;
  BlockCursor index;
  BlockBuffer block;
  BlockHandle block_handle;
  std::size_t blocks_opened = 0;  // so far
  BlockCursor data;
  base::Bytes previous;  // the key before, for the ascending order that is promised
  bool valid = false;

  const Table::Impl& inside() const { return *table->impl_; }

  base::Result<void> open_partition(std::size_t ordinal);
  base::Result<void> open_block();
  base::Result<bool> next_block();
  // Points `index` at the block after; false at the end. The block is not opened, and the cursor
  // not valid, until enter().
  base::Result<bool> advance();
  base::Result<void> enter();
  base::Result<void> settle();
  base::Result<void> seek_first();
  base::Result<void> seek_ge(std::string_view key);
  base::Result<void> next();

  // Whether the block that `index` points at is at hand.
  base::Result<bool> has_block() const;

  bool at_block_start() const { return valid && data.offset() == 0; }
  // The block that `index` points at as it is stored, trailer included; empty: there is none.
  std::string_view stored() const;
  // An offset that no block reaching `key` starts at or before, and every block below it does;
  // nullopt: of the whole table.
  base::Result<std::uint64_t> last_block_below(std::optional<std::string_view> key) const;
  // Where the last of the blocks is that this table and the twin's begin with alike.
  base::Result<std::uint64_t> last_same_block(const Impl& twin) const;
  // A key that no key of the current block is above.
  std::string_view block_end() const { return index.user_key(); }
  // From anywhere in a block to the first record after it, the order of the keys unchecked.
  base::Result<void> skip_block();
  base::Error bad_index() const { return inside().corrupt("malformed index"); }
  base::Error bad_block() const { return inside().corrupt(block_handle, "malformed"); }
};

}  // namespace varve::format
