// Repositories: create, find, list, delete, and their metadata. engine.md 5.3, 5.4;
// rest-semantics.md 10.
//
// A half-created repository is invisible: commit, branch, then the record (I-4). Records are cached
// for a few seconds and dropped at once when this server changes them.
//
// Any thread may call.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::engine {

struct NewRepository {
  NewRepository() = default;
  model::RepositoryId id;
  model::StorageNamespace storage_namespace;
  model::StorageId storage_id;
  model::BranchId default_branch{"main"};
  bool is_bare = false;       // the record only: no commit, no branch, no storage check
  bool is_read_only = false;  // no storage check
};

struct RepositoryQuery {
  RepositoryQuery() = default;
  std::string prefix;
  std::string after;   // exclusive
  std::string search;  // substring of the id
  int amount = model::PageDefault;
};

struct RepositoryPage {
  std::vector<RepositoryRef> rows;
  bool has_more = false;
};

class Repositories {
 public:
  explicit Repositories(Core& core);
  ~Repositories();

  //   AlreadyExists      "error creating repository: not unique"
  //   InvalidArgument    unknown storage id; namespace of another store ("failed to match required
  //                      regex <re>: invalid namespace"); in use (Detail::NamespaceInUse); not
  //                      reachable ("failed to create repository: failed to access storage")
  base::Task<base::Result<RepositoryRef>> create(base::Context context, NewRepository repository);

  //   NotFound  Detail::RepositoryMissing; Detail::RepositoryInDeletion
  base::Task<base::Result<RepositoryRef>> get(base::Context context, model::RepositoryId id);

  base::Task<base::Result<RepositoryPage>> list(base::Context context, RepositoryQuery query);

  // Marks the repository, removes every row it has in the key-value store, then the record. Objects
  // stay. A repeated call continues where one stopped.
  //   NotFound; PermissionDenied (Detail::ReadOnlyRepository) without `force`
  base::Task<base::Result<void>> erase(base::Context context, model::RepositoryId id, bool force);

  base::Task<base::Result<model::Metadata>> metadata(base::Context context,
                                                     RepositoryRef repository);
  base::Task<base::Result<void>> set_metadata(base::Context context, RepositoryRef repository,
                                              model::Metadata values);
  base::Task<base::Result<void>> erase_metadata(base::Context context, RepositoryRef repository,
                                                std::vector<std::string> keys);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::engine
