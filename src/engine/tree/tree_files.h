// The files of committed trees: loads, verifies, caches and stores ranges and metaranges.
//
// A file is verified when it is first loaded: its content hashes to its id, and a range begins and
// ends where its metarange says. When a range is loaded again, it is the file that was verified.
// Whatever is wrong is an error that names repository, id and file. What was loaded or stored is
// kept, parsed and shared, within the engine's byte budget, by namespace and id: a repository never
// sees a file that its own namespace does not hold. Loads of one file that meet are one load.
//
// Any thread may call. Private to engine/tree.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

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

  base::Task<base::Result<base::Bytes>> read_file(base::Context context, RepositoryRef repository,
                                                  std::string id, std::string_view kind);
  // `bytes` is a copy of `file`, which outlives the task.
  base::Task<base::Result<void>> write_file(base::Context context, RepositoryRef repository,
                                            std::string id, std::string_view file,
                                            base::Bytes bytes);
  base::Result<TableRef> parse_range(const model::RangeInfo& range, std::string_view key,
                                     base::Bytes bytes);
  base::Error broken(const model::Repository& repository, std::string_view id,
                     const base::Error& error) const;
  format::TableOptions table_options(const model::RangeId& id);

  Core& core_;
  std::unique_ptr<format::BlockCache> blocks_;
  ByteLru<SnapshotRef> snapshots_;
  ByteLru<TableRef> tables_;
  VerifiedRanges verified_;
  base::KeyedMutex loads_;
  std::atomic<std::uint64_t> tables_opened_ = 0;
};

// Whether so many bytes of table are few enough to be gone through on an event loop.
constexpr std::size_t InlineBytesMax = 64U << 10U;

}  // namespace varve::engine
