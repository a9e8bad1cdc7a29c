// Tells a log that was cut short from one that is damaged.
//
// RocksDB replays its log up to the first record that is not whole, and takes that for the end:
// what a crash leaves. If such a record stands before whole ones, acknowledged writes would be
// dropped without a word; every write is synced before the next begins, so a crash leaves nothing
// like it.
//
// The log's form (RocksDB's db/log_format.h): blocks of 32 KiB, in them records of
//   offset  width  what
//   0       4      CRC-32C of the rest but the length, masked
//   4       2      n, the length, little-endian
//   6       1      1 whole, 2 first, 3 middle, 4 last part of a write
//   7       n      a part of the write: sequence number (8 bytes), count (4 bytes), updates
// A block's last bytes, fewer than seven, are empty.
#pragma once

#include <rocksdb/options.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace varve::adapters {

// What stands in the logs of a store, read in the order of their numbers.
class LogReader {
 public:
  // The whole content of the next log, whose name is `name`.
  void add(std::string_view log, const std::string& name);

  // The last update that stands whole in any of them; 0: none does.
  std::uint64_t last_sequence() const { return last_sequence_; }
  // The log, and where in it, after which there was something else than the next write, and then a
  // write nevertheless.
  const std::optional<std::string>& gap() const { return gap_; }

 private:
  void add_part(std::uint8_t type, std::string_view part);
  void add_write(std::string_view head);
  void add_damage(std::size_t offset);

  std::string name_;                   // of this log
  std::string head_;                   // the beginning of the write whose parts are being read
  bool is_in_write_ = false;           //
  std::optional<std::string> damage_;  // where the last whole write is followed by something else
  std::optional<std::string> gap_;
  std::uint64_t last_sequence_ = 0;
};

// Refuses a store whose logs hold whole writes that opening it would drop. Writes nothing.
// `options` are those it will be opened with.
//   Corruption   the message names the log and the place
//   as open()    it cannot be read
base::Result<void> check_logs(const rocksdb::Options& options, const std::string& path);

}  // namespace varve::adapters
