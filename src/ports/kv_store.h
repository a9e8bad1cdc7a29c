// KvStore: the one mutable truth. (partition, key) -> value, all byte strings, keys of a partition
// ordered byte-wise (engine.md 7.1).
//
// Strongly consistent: a read sees every write acknowledged before it began, from any server. A
// write is one atomic step: all its requirements hold and all its updates are applied and durable,
// or nothing happened.  [I-3] [I-11]
//
// Any thread may call; a call resumes on the caller's loop. Arguments are checked: an empty
// partition or key is InvalidArgument ("missing partition key", "missing key"), as is whatever goes
// beyond a limit of this page. Every operation may answer Unavailable (throttled or shut down;
// nothing happened), Cancelled, DeadlineExceeded, or, for writes, ResourceExhausted
// (Detail::StorageFull; nothing happened) and OutcomeUnknown.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/task.h"

namespace varve::ports {

struct KvKey {
  KvKey() = default;
  KvKey(std::string p, std::string k) : partition(std::move(p)), key(std::move(k)) {}
  std::string partition;
  std::string key;
  friend bool operator==(const KvKey&, const KvKey&) = default;
};

// What must be true for a write to be applied. Evaluated before any of the write's own updates.
struct KvRequirement {
  enum class Kind { Absent, Present, Equals };
  KvRequirement(Kind k, KvKey where, base::Bytes v = {})
      : kind(k), key(std::move(where)), value(std::move(v)) {}
  static KvRequirement absent(KvKey key) { return {Kind::Absent, std::move(key)}; }
  static KvRequirement present(KvKey key) { return {Kind::Present, std::move(key)}; }
  static KvRequirement equals(KvKey key, base::Bytes value) {
    return {Kind::Equals, std::move(key), std::move(value)};
  }
  Kind kind;
  KvKey key;
  base::Bytes value;  // of Equals
};

// A set (value present; empty is legal) or a delete (nullopt; an absent key is fine).
struct KvUpdate {
  KvUpdate(KvKey where, std::optional<base::Bytes> v)
      : key(std::move(where)), value(std::move(v)) {}
  static KvUpdate set(KvKey key, base::Bytes value) { return {std::move(key), std::move(value)}; }
  static KvUpdate erase(KvKey key) { return {std::move(key), std::nullopt}; }
  KvKey key;
  std::optional<base::Bytes> value;
};

// At most KvUpdatesMax updates and as many requirements; updates to one key apply in order.
struct KvWrite {
  KvWrite() = default;
  std::vector<KvRequirement> requirements;
  std::vector<KvUpdate> updates;
};
constexpr std::size_t KvUpdatesMax = 2048;
constexpr std::size_t KvKeysMax = 10000;     // of one multi_get
constexpr std::size_t KvKeyBytesMax = 4096;  // a partition, or a key; paths are 1024
constexpr std::size_t KvValueBytesMax = 16U << 20U;

// A stretch of one partition: keys in [from, until), or in (from, until) when `after`. An empty
// `until` means to the end of the partition.
struct KvScan {
  KvScan() = default;
  std::string partition;
  std::string from;
  bool is_from_exclusive = false;
  std::string until;
  std::size_t limit = 1000;  // rows; 1 .. KvScanRowsMax
};
constexpr std::size_t KvScanRowsMax = 10000;

struct KvRow {
  std::string key;
  base::Bytes value;
};

// Rows in key order. `has_more` is exact: true if a row of the stretch follows the last one.
struct KvPage {
  std::vector<KvRow> rows;
  bool has_more = false;
};

class KvStore {
 public:
  virtual ~KvStore() = default;

  // The value, or nullopt if the key is absent.
  virtual base::Task<base::Result<std::optional<base::Bytes>>> get(base::Context context,
                                                                   KvKey key) = 0;

  // The values of `keys` in their order, as of one moment.
  virtual base::Task<base::Result<std::vector<std::optional<base::Bytes>>>> multi_get(
      base::Context context, std::vector<KvKey> keys) = 0;

  // Applies all updates if all requirements hold.
  //   Conflict        a requirement does not hold; nothing was written
  //   OutcomeUnknown  it may or may not have been applied; read back before doing it again
  virtual base::Task<base::Result<void>> write(base::Context context, KvWrite write) = 0;

  // One page of a stretch, as of one moment. Pages of one walk may see different moments.
  virtual base::Task<base::Result<KvPage>> scan(base::Context context, KvScan scan) = 0;

  // Removes every key of [from, until) of one partition (empty `until`: to its end), durably.
  // Not atomic with respect to other writes of those keys.
  virtual base::Task<base::Result<void>> delete_range(base::Context context, std::string partition,
                                                      std::string from, std::string until) = 0;
};

}  // namespace varve::ports
