// Inside a Table: its index, and how blocks are read. Private to table_reader.cc and
// table_cursor.cc.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "format/block_cursor.h"
#include "format/table_format.h"
#include "format/table_reader.h"

namespace varve::format {

// With its trailer.
inline TableStretch stretch_of(BlockHandle handle) {
  return {handle.offset, handle.size + BlockTrailerBytes};
}

// A block's payload with what keeps it: the file itself, a cache's block, or `scratch`.
struct BlockBuffer {
  base::Bytes scratch;
  std::shared_ptr<const base::Bytes> cached;
  std::string_view payload;
};

// One block of the index. With two levels it is read when first needed and then kept; of several
// threads that read it at once, one publishes its copy.
struct IndexPartition {
  IndexPartition() = default;
  ~IndexPartition() { delete block.load(std::memory_order_acquire); }
  IndexPartition(const IndexPartition&) = delete;
  IndexPartition& operator=(const IndexPartition&) = delete;

  base::Bytes last_key;  // no key of the partition is above; of the last partition not looked at
  BlockHandle handle;
  mutable std::atomic<const BlockBuffer*> block{nullptr};
};

struct Table::Impl {
  TableWindow bytes;  // to the end of the file
  TableOptions options;
  ChecksumKind checksum = ChecksumKind::Crc32c;
  BlockHandle properties;
  std::deque<IndexPartition> index;  // at least one
  std::uint64_t metadata_offset = 0;
  // Made by a writer whose blocks are TableWriter's, octet for octet: Varve's or lakeFS's.
  bool has_our_blocks = false;

  base::Result<void> open();

  // Verifies and, if need be, decompresses. `use` says whether the block cache is asked.
  enum class Cached { No, Yes, FindOnly };
  base::Result<void> load(BlockHandle handle, Cached use, BlockBuffer& buffer) const {
    return load_from(bytes, handle, use, buffer);
  }
  base::Result<void> load_from(const TableWindow& window, BlockHandle handle, Cached use,
                               BlockBuffer& buffer) const;
  base::Result<const BlockBuffer*> partition(std::size_t ordinal) const;
  std::size_t partition_of(std::string_view key) const;

  base::Result<void> check_handle(BlockHandle handle) const;   // that the file has such a block
  std::string_view whole() const { return bytes.bytes.view; }  // of a table that is here whole
  std::uint64_t file_size() const { return bytes.stretch().end(); }

  base::Error corrupt(std::string_view what) const;
  base::Error corrupt(BlockHandle where, std::string_view what) const;

 private:
  struct Footer {
    BlockHandle metaindex;
    BlockHandle index;
  };
  base::Result<Footer> read_footer();
  base::Result<void> find_properties(BlockHandle metaindex);
  base::Result<IndexKind> check_properties();
  base::Result<void> read_top_level(BlockHandle handle);
  void find_metadata(const Footer& footer);
  base::Result<void> check_property(std::string_view name, std::string_view value) const;
  base::Result<void> decompress(BlockHandle handle, std::string_view stored, Cached use,
                                BlockBuffer& buffer) const;
};

}  // namespace varve::format
