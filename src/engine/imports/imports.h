// Imports: entries for objects that lie elsewhere in the store, committed to a branch in one
// commit. engine.md 11.1; rest-semantics.md 19.
//
// Everything below a destination is replaced. Sources are listed in key order and merged on the
// way, so neither a scratch store nor memory grows with their size; of two sources that give one
// path the later wins. Nothing is staged: what is imported appears with the commit or not at all.
//
// Any thread may call.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/refs/refs.h"
#include "engine/repo/repo.h"
#include "engine/staging/staging.h"
#include "engine/tree/tree.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::engine {

struct ImportSource {
  enum class Kind : std::uint8_t { Prefix, Object };
  ImportSource() = default;
  Kind kind = Kind::Prefix;
  std::string path;         // whole URI
  std::string destination;  // a path, or where paths below a prefix begin
};

struct ImportRequest {
  ImportRequest() = default;
  std::vector<ImportSource> sources;
  std::string message;  // empty: "Import objects"
  model::Metadata metadata;
  bool force = false;  // also on a read-only repository
};

// Told while an import runs; read from anywhere.
struct ImportProgress {
  std::atomic<std::int64_t> objects{0};
};

struct Imported {
  model::MetaRangeId meta_range_id;
  CommitRef commit;
};

class Imports {
 public:
  Imports(Core& core, Repositories& repositories, Refs& refs, Snapshots& snapshots,
          Staging& staging)
      : core_(core),
        repositories_(repositories),
        refs_(refs),
        snapshots_(snapshots),
        staging_(staging) {}

  // What is refused at once.
  //   PermissionDenied  "import is not supported for this storage"
  //   NotFound          Detail::BranchMissing
  //   InvalidArgument   a source inside the repository's own namespace ("invalid import source"),
  //                     or of another store
  base::Task<base::Result<void>> check(base::Context context, RepositoryRef repository,
                                       model::BranchId branch, ImportRequest request);

  // Cancelled through the context. `progress` outlives the task; it is shared with who reports it.
  //   Cancelled         "Canceled"; nothing was committed
  //   InvalidArgument   Detail::DirtyBranch
  //   PermissionDenied  Detail::ReadOnlyRepository; Detail::StorageForbidden
  //   NotFound          a source where nothing is; nothing was written
  base::Task<base::Result<Imported>> run(base::Context context, RepositoryRef repository,
                                         model::BranchId branch, ImportRequest request,
                                         std::shared_ptr<ImportProgress> progress);

 private:
  base::Task<base::Result<model::MetaRangeId>> tree_with(base::Context context,
                                                         RepositoryRef repository,
                                                         model::CommitId head, SnapshotRef imported,
                                                         ImportRequest request);
  base::Task<base::Result<CommitRef>> publish(base::Context context, RepositoryRef repository,
                                              model::BranchId branch, ImportRequest request,
                                              SnapshotRef imported);

  Core& core_;
  Repositories& repositories_;
  Refs& refs_;
  Snapshots& snapshots_;
  Staging& staging_;
};

}  // namespace varve::engine
