// Walks the entries of one block's payload (drawn in block_builder.h), which it does not trust.
// Private to the table reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "format/table_format.h"

namespace varve::format {

// Moves answer whether the block was sound as far as they looked; after false the position is lost.
// The payload outlives the cursor's use of it.
class BlockCursor {
 public:
  // Not positioned yet. False: no room for the restarts it claims.
  [[nodiscard]] bool open(std::string_view payload);

  [[nodiscard]] bool seek_first();
  // The first entry whose key without its suffix is >= `user_key`. Keys must have suffixes.
  [[nodiscard]] bool seek_ge(std::string_view user_key);
  [[nodiscard]] bool next();

  bool valid() const { return valid_; }  // false past the last entry
  std::string_view key() const { return key_; }
  std::string_view user_key() const { return key().substr(0, key_.size() - SuffixBytes); }
  bool has_suffix() const { return key_.size() >= SuffixBytes; }
  std::string_view suffix() const { return key().substr(key_.size() - SuffixBytes); }
  std::string_view value() const { return value_; }

  std::size_t offset() const { return offset_; }  // of the entry, from the block's start
  // Octets the key has in common with the one before, as far as the block makes use of it.
  std::size_t shared() const { return shared_; }
  std::size_t restart_count() const { return restart_count_; }

 private:
  bool read_at(std::size_t offset);
  bool key_at_restart(std::size_t index, std::string_view& user_key) const;
  std::size_t restart(std::size_t index) const;

  std::string_view entries_;
  const char* restarts_ = nullptr;
  std::size_t restart_count_ = 0;
  std::size_t offset_ = 0;
  std::size_t shared_ = 0;
  std::size_t next_ = 0;  // offset of the entry after the current one
  bool valid_ = false;
  base::Bytes key_;
  std::string_view value_;
};

}  // namespace varve::format
