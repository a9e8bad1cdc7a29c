// Builds one key/value block of a table:
//
//   entry = uvarint(shared) uvarint(unshared) uvarint(value size) key[shared..] value
//   block = entries  u32le restart[R]  u32le R
//
// Every `interval`-th entry is a restart: it shares nothing with its predecessor and its offset is
// in the list, so that a reader can search by halves. Private to the table writer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace varve::format {

// Whether a record with an internal key and a value of these sizes belongs in another block than
// one of `count` entries and this estimate (engine.md 3.4). `at_restart`: it would be one.
bool should_cut_block(std::size_t count, std::size_t estimate, bool at_restart,
                      std::size_t key_size, std::size_t value_size);

// How many octets both begin with.
std::size_t common_prefix(std::string_view a, std::string_view b);

class BlockBuilder {
 public:
  static constexpr std::size_t NoRestarts = std::numeric_limits<std::size_t>::max();

  explicit BlockBuilder(std::size_t restart_interval) : interval_(restart_interval) {}

  // The entry's key is `key` followed by `suffix`; only octets of `key` are shared.
  void add(std::string_view key, std::string_view suffix, std::string_view value);

  // Whether an entry of these sizes would start a new block instead.
  bool should_cut(std::size_t key_size, std::size_t value_size) const;

  std::size_t estimate() const { return out_.size() + 4 * restarts_.size() + 4; }
  bool empty() const { return count_ == 0; }
  std::string_view last_key() const { return last_key_; }  // with its suffix

  // Completes the block; the view is good until reset().
  std::string_view finish();
  void reset();

 private:
  std::size_t interval_;
  base::Bytes out_;
  base::Bytes last_key_;
  std::vector<std::uint32_t> restarts_;
  std::size_t count_ = 0;
  std::size_t until_restart_ = 0;  // entries before the next restart
};

}  // namespace varve::format
