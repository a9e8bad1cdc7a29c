// Refs dump and restore: a repository's commits, branches and tags as three snapshots under its
// `_lakefs/`, named by three ids. engine.md 12; rest-semantics.md 22.2, 22.3.
//
// A dump reads tags and branches before commits, so every commit a ref names is in it. A restore
// fills a bare repository: commits first, then the refs, in one step if there are not more than a
// write of the store holds (I-4); objects and metadata files are neither touched nor copied.
//
// Any thread may call.
#pragma once

#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/tree/tree.h"
#include "format/range_writer.h"
#include "format/refs_dump.h"

namespace varve::engine {

class RefsDumps {
 public:
  RefsDumps(Core& core, Snapshots& snapshots) : core_(core), snapshots_(snapshots) {}

  base::Task<base::Result<format::RefsDump>> dump(base::Context context, RepositoryRef repository);

  // The same, and the three ids in _lakefs/refs_manifest.json, for who finds only the bucket.
  base::Task<base::Result<format::RefsDump>> dump_with_manifest(base::Context context,
                                                                RepositoryRef repository);

  // Fills a bare repository; a read-only one only with `force`. Everything is read and checked
  // before the first row is written. What stopped half-way is asked for again.
  //   InvalidArgument   "can only restore into a bare repository"; what is no metarange id, or that
  //                     of a table of another kind; a commit whose content does not hash to its id,
  //                     without generation (a dump before lakeFS 0.61) or of a version to come; a
  //                     ref whose commit is not in the dump
  //   PermissionDenied  Detail::ReadOnlyRepository
  //   NotFound          Detail::DataMissing: no such metarange in this namespace
  //   Corruption        a file that is damaged
  base::Task<base::Result<void>> restore(base::Context context, RepositoryRef repository,
                                         format::RefsDump dump, bool force);

  // What restore() refuses at once.
  base::Task<base::Result<void>> check_restorable(base::Context context, RepositoryRef repository);

 private:
  struct KindTable {
    format::DumpKind kind = format::DumpKind::Commits;
    SnapshotRef snapshot;
  };

  base::Task<base::Result<model::MetaRangeId>> write_kind(base::Context context,
                                                          RepositoryRef repository,
                                                          format::DumpKind kind);
  base::Task<base::Result<model::RangeInfo>> store_range(base::Context context,
                                                         RepositoryRef repository,
                                                         format::EncodedRange range);
  base::Task<base::Result<SnapshotRef>> open_kind(base::Context context, RepositoryRef repository,
                                                  format::DumpKind kind, model::MetaRangeId id);
  base::Task<base::Result<void>> check_kind(base::Context context, RepositoryRef repository,
                                            KindTable table, SnapshotRef commits);
  base::Task<base::Result<void>> check_refs(base::Context context, RepositoryRef repository,
                                            format::DumpKind kind, std::vector<TreeRow> rows,
                                            SnapshotRef commits);
  // Writes what the tables say, in as few steps as the store allows.
  base::Task<base::Result<void>> fill(base::Context context, RepositoryRef repository,
                                      std::vector<KindTable> tables);
  base::Task<base::Result<void>> flush(base::Context context, RepositoryRef repository,
                                       ports::KvWrite write);
  base::Result<ports::KvUpdate> restored_row(const model::Repository& repository,
                                             format::DumpKind kind, const TreeRow& row);

  Core& core_;
  Snapshots& snapshots_;
};

}  // namespace varve::engine
