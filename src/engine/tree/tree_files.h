// The files of committed trees: loads, verifies, caches and stores ranges and metaranges.
//
// A file is verified when it is first loaded: its content hashes to its id, and a range begins and
// ends where its metarange says. When a range is loaded again, it is the file that was verified.
// Whatever is wrong is an error that names repository, id and file. What was loaded or stored is
// kept, parsed and shared, within the engine's byte budget, by namespace and id: a repository never
// sees a file that its own namespace does not hold. Loads of one file that meet are one load.
//
// Of a verified range that is not kept whole, who wants a few records reads just the pieces of the
// file that they are in, by way of its index, which is kept. So a look-up costs the same in a tree
// of many times the budget.
//
// Any thread may call. Private to engine/tree.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/async_mutex.h"
#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/tree/byte_lru.h"
#include "engine/tree/tree.h"
#include "engine/tree/verified_ranges.h"
#include "format/metarange.h"
#include "format/range_writer.h"
#include "format/table_reader.h"
#include "model/ids.h"
#include "model/records.h"
#include "ports/object_types.h"

namespace varve::engine {

// Shared by the cache and by whoever reads from it.
using TableRef = std::shared_ptr<const format::Table>;

class TreeFiles {
 public:
  explicit TreeFiles(Core& core);

  // What is cached, without suspending; nullptr: it is not.
  SnapshotRef find_snapshot(const model::Repository& repository, const model::MetaRangeId& id);
  TableRef find_table(const model::Repository& repository, const model::RangeId& id);

  //   Corruption  missing ("... metarange not found: <id>"), unreadable, of another id or with
  //   other
  //               bounds; names repository, id and file
  base::Task<base::Result<SnapshotRef>> snapshot(base::Context context, RepositoryRef repository,
                                                 model::MetaRangeId id);
  base::Task<base::Result<TableRef>> table(base::Context context, RepositoryRef repository,
                                           model::RangeInfo range);
  // A cursor, not positioned yet, over the stretch of the range that begins with the first record
  // at or after `path` and has at least `bytes` more of the file, or all. Nothing: the range has to
  // be loaded, for it was not verified yet, or as much was read of it as it has.
  base::Task<base::Result<std::optional<format::TableCursor>>> cursor_near(base::Context context,
                                                                           RepositoryRef repository,
                                                                           model::RangeInfo range,
                                                                           std::string path,
                                                                           std::uint64_t bytes);
  bool is_verified(const model::Repository& repository, const model::RangeId& id);

  // Durable when they answer; a file that is there already is the same file.
  base::Task<base::Result<void>> store_range(base::Context context, RepositoryRef repository,
                                             format::EncodedRange range);
  base::Task<base::Result<SnapshotRef>> store_snapshot(base::Context context,
                                                       RepositoryRef repository,
                                                       std::vector<model::RangeInfo> ranges);

  format::RangeParams range_params() const;
  Core& core() { return core_; }

 private:
  class Blocks;  // decompressed blocks of tables
  // A range that is kept, whole or without its data blocks.
  struct Kept {
    TableRef table;
    VerifiedRangeRef verified;                  // of one that is not whole
    std::atomic<std::uint64_t> bytes_read = 0;  // of its data blocks, since
  };
  using KeptRef = std::shared_ptr<Kept>;

  // nullptr, nothing: it has to be loaded whole.
  base::Task<base::Result<KeptRef>> tail(base::Context context, RepositoryRef repository,
                                         model::RangeId id);
  base::Task<base::Result<std::optional<format::TableWindow>>> read_pieces(
      base::Context context, RepositoryRef repository, model::RangeId id, VerifiedRangeRef verified,
      format::TableStretch stretch);
  base::Task<base::Result<std::unique_ptr<ports::ObjectReader>>> open_file(base::Context context,
                                                                           RepositoryRef repository,
                                                                           std::string id,
                                                                           std::string_view kind,
                                                                           ports::ByteRange range);
  void forget(const model::Repository& repository, const model::RangeId& id);

  base::Task<base::Result<base::Bytes>> read_file(base::Context context, RepositoryRef repository,
                                                  std::string id, std::string_view kind);
  base::Task<base::Result<void>> write_file(base::Context context, RepositoryRef repository,
                                            std::string id, base::SharedBytes file);
  base::Result<TableRef> parse_range(const model::RangeInfo& range, std::string_view key,
                                     base::Bytes bytes);
  void keep(std::string_view key, TableRef table);
  base::Error broken(const model::Repository& repository, std::string_view id,
                     const base::Error& error) const;
  format::TableOptions table_options(const model::RangeId& id);

  Core& core_;
  std::unique_ptr<format::BlockCache> blocks_;
  ByteLru<SnapshotRef> snapshots_;
  ByteLru<KeptRef> ranges_;
  VerifiedRanges verified_;
  base::KeyedMutex loads_;
  std::atomic<std::uint64_t> tables_opened_ = 0;
};

// Whether so many bytes of table are few enough to be gone through on an event loop.
constexpr std::size_t InlineBytesMax = 64U << 10U;

}  // namespace varve::engine
