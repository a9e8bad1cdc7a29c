// Writes one SSTable, in memory: the file behind every range and metarange (engine.md 3).
//
// The file is a pure function of the records and the properties, byte for byte what lakeFS 1.84
// writes; the layout is drawn in table_writer.cc. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace varve::format {

// Properties that callers put into a table, by name. They must sort before "rocksdb." or after it;
// a name that starts with it belongs to the container.
using Properties = std::map<std::string, std::string>;

// A data block of another table, as stored, and what an index needs to know about it.
struct StoredBlock {
  std::string_view stored;  // payload, type and checksum
  std::string_view last_key;
  std::string_view next_key;  // of the record that follows
  std::uint64_t records = 0;
  std::uint64_t key_bytes = 0;
  std::uint64_t value_bytes = 0;
};

// What is before a block of a table.
struct TableProgress {
  std::uint64_t offset = 0;  // of the block in the file
  std::uint64_t records = 0;
  std::uint64_t key_bytes = 0;  // as the index and the records carry them, suffixes included
  std::uint64_t value_bytes = 0;
};

class TableWriter {
 public:
  TableWriter();
  TableWriter(TableWriter&&) noexcept;
  TableWriter& operator=(TableWriter&&) noexcept;
  ~TableWriter();

  // Keys ascend strictly: asserted in debug builds, checked by RangeWriter for the others.  [I-5]
  void add(std::string_view key, std::string_view value);

  // Whether a record of these sizes would begin a data block.
  bool begins_block(std::size_t key_size, std::size_t value_size) const;

  // Adds a whole block. The result is as if its records were added, provided that they would begin
  // a block and exactly fill it, and that the record with `next_key` is added next.
  void add_block(std::string_view first_key, const StoredBlock& block);

  // What is before the block that a record added now would begin; its offset is not known yet.
  TableProgress progress() const;
  // Where the block of the record added last begins.
  std::uint64_t block_offset() const;

  // Of a fresh writer: begins with the blocks of another table, as stored, up to the one that
  // `before` speaks of. Their index entries follow one by one. The result is as if the records were
  // added, provided that the next record added is the one the other table has next.
  void begin_with(std::string_view table, const TableProgress& before);
  void add_index_entry(std::string_view key, std::string_view suffix, std::string_view handle);

  // What rules on range sizes go by (engine.md 4.3): stored blocks, plus the open data and index
  // blocks as they stand. A fresh writer's is 8.
  std::uint64_t estimated_size() const;

  std::uint64_t count() const;  // records

  // The complete file. Ends the writer.
  base::Bytes finish(const Properties& properties);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::format
