// Reads an SSTable that is in memory: parsed once, kept open, shared. Of a large one it may be only
// what follows its data blocks; cursors then go over windows, stretches of the file that the caller
// has read.
//
// A Table is immutable and any thread may use it at any time. A TableCursor belongs to one task. No
// byte is trusted: every block's checksum is verified when it is read, every number is bounded, and
// whatever is wrong is Corruption that names it. Accepts what lakeFS accepts (engine.md 3.6, 15):
// format version 2, CRC32C or XXH64, raw or Snappy blocks, one- and two-level indexes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "format/identity.h"
#include "format/table_writer.h"

namespace varve::format {

// Where decompressed blocks may be kept, by (table, offset). Thread-safe. `table` is the number in
// TableOptions: unique per content, so an entry never goes stale.
class BlockCache {
 public:
  virtual ~BlockCache() = default;
  virtual std::shared_ptr<const base::Bytes> find(std::uint64_t table, std::uint64_t offset) = 0;
  virtual void insert(std::uint64_t table, std::uint64_t offset,
                      std::shared_ptr<const base::Bytes> block) = 0;
};

struct RangeParams;
struct RangeTrace;
using RangeTraceRef = std::shared_ptr<const RangeTrace>;  // kept by tables and by who writes them

struct TableOptions {
  std::string name;             // for messages: the file's id
  BlockCache* cache = nullptr;  // outlives the table; nullptr: blocks are decompressed every time
  std::uint64_t cache_number = 0;
  RangeTraceRef trace = nullptr;  // of a range; nullptr: not known
};

// A stretch of a table's file.
struct TableStretch {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t end() const { return offset + size; }
  bool holds(const TableStretch& other) const {
    return other.offset >= offset && other.end() <= end();
  }
};

// Its octets.
struct TableWindow {
  base::SharedBytes bytes;
  std::uint64_t offset = 0;
  TableStretch stretch() const { return {offset, bytes.view.size()}; }
};

class TableCursor;

class Table : public std::enable_shared_from_this<Table> {
 public:
  //   Corruption   not a table, or one we do not read
  static base::Result<std::shared_ptr<const Table>> open(base::SharedBytes bytes,
                                                         TableOptions options);
  // A table without its data blocks: `tail` reaches from metadata_offset() to the end of the file.
  static base::Result<std::shared_ptr<const Table>> open_tail(TableWindow tail,
                                                              TableOptions options);

  ~Table();

  // The value of `key`, or nothing.
  base::Result<std::optional<base::Bytes>> get(std::string_view key) const;

  // Whether blocks that are not in the cache are put there. Whoever reads a whole table once should
  // not push out what others come back to.
  enum class Caching { Keep, Bypass };

  // Not positioned yet. Keeps the table alive.
  TableCursor cursor(Caching caching = Caching::Keep) const;
  // The same over the data blocks that are wholly in `window`: it is cut where they end.
  TableCursor cursor(TableWindow window) const;

  // Where the data block is that holds the first key >= `key`, or the one before it, if such a key
  // would be in either; nothing: all keys are below.
  base::Result<std::optional<TableStretch>> block_reaching(std::string_view key) const;
  // All data blocks end at or before it, and all else starts there or after.
  std::uint64_t metadata_offset() const;

  // The callers' properties and the container's, read anew at each call.
  base::Result<Properties> properties() const;

  const std::string& name() const;
  std::size_t file_size() const;
  std::size_t memory_bytes() const;  // of what is here, with what belongs to it

 private:
  friend class TableCursor;  // its Impl reads blocks
  struct Impl;
  explicit Table(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// A position in a table, records ascending. key() and value() are views that the next move ends; a
// move that fails leaves the cursor not valid.
//   Corruption   a bad block, or keys out of order  [I-5]
class TableCursor {
 public:
  TableCursor(TableCursor&&) noexcept;
  TableCursor& operator=(TableCursor&&) noexcept;
  ~TableCursor();

  base::Result<void> seek_first();
  base::Result<void> seek_ge(std::string_view key);  // the first record with a key >= `key`
  base::Result<void> next();

  // Records are stored in blocks. Blocks of the same octets, in whichever tables, hold the same
  // records, which is told without looking at them.
  bool is_at_block_start() const;
  // Whether both are at the start of blocks of the same octets.
  bool is_at_same_block(const TableCursor& other) const;
  // Moves both past those, and past those after them as long as they are the same.
  base::Result<void> skip_same_blocks(TableCursor& other);

  // Of a cursor over a window, not valid: it came to a block that is not in it. It goes on with a
  // seek to cut_at() over a window that has that block.
  bool is_cut() const;
  std::string_view cut_at() const;

  bool valid() const;
  std::string_view key() const;
  std::string_view value() const;
  base::Result<FramedValue> framed() const;  // value() split, nothing copied

 private:
  friend class Table;
  friend class RangeWriter;  // takes over whole blocks
  friend class RangeTracer;
  struct Impl;
  explicit TableCursor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::format
