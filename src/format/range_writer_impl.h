// Inside a RangeWriter. Private to range_writer.cc and range_copy.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "format/block_cursor.h"
#include "format/content_id.h"
#include "format/range_writer.h"
#include "format/table_cursor_impl.h"
#include "format/table_impl.h"
#include "format/table_writer.h"

namespace varve::format {

// FNV-1a of one key after another. What a key shares with the one before is not hashed again.
class KeyHashes {
 public:
  std::uint64_t next(std::string_view key, std::size_t shared);

 private:
  std::vector<std::uint64_t> after_;  // so many octets of the key before
  std::size_t size_ = 0;              // of the key before
};

struct RangeWriter::Impl {
  Impl(RangeParams p, Properties extra);

  base::Result<void> check(std::string_view key) const;
  void add(std::string_view key, std::string_view value);

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
  // Scratch of take_block.
  KeyHashes hashes;
  BlockCursor at;
  BlockBuffer kept;
  base::Bytes block_first_key;
};

}  // namespace varve::format
