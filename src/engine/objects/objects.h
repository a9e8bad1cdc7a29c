// Objects by path: what a user of the versioned tree reads and writes. engine.md 8.1-8.3, 9.
//
// A branch reads staged over sealed over committed; a tombstone hides what is beneath it (I-6).
// A write lands in the branch's current staging token in one atomic step with the check that the
// branch still carries it, so a commit either has the write or comes before it.
//
// Any thread may call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/refs/refs.h"
#include "model/ids.h"
#include "model/records.h"
#include "model/ref_expr.h"

namespace varve::engine {

class Protection;
class Snapshots;
class Staging;

struct ObjectQuery {
  ObjectQuery() = default;
  std::string prefix;
  std::string after;                // exclusive; may be a common prefix
  std::string delimiter;            // any length; empty: no folding
  int amount = model::PageDefault;  // rows; <= EnginePageMax
  bool with_entries = true;         // false: only paths are wanted
};

struct ObjectRow {
  std::string path;                   // an object's, or a common prefix with its delimiter
  std::optional<model::Entry> entry;  // nullopt: a common prefix
};

struct ObjectPage {
  std::vector<ObjectRow> rows;
  bool has_more = false;
};

// What must hold of the visible object for a write to happen.
struct WriteCondition {
  enum class Kind : std::uint8_t { None, IfAbsent, IfMatch };
  WriteCondition() = default;
  explicit WriteCondition(Kind k, std::string e = {}) : kind(k), etag(std::move(e)) {}
  Kind kind = Kind::None;
  std::string etag;  // of IfMatch, without quotes; "*" matches any object
};

struct StageOptions {
  StageOptions() = default;
  WriteCondition condition;
  bool force = false;  // also on a read-only repository
};

struct EraseError {
  std::string path;
  base::Error error;
};

class Objects {
 public:
  Objects(Core& core, Refs& refs, Snapshots& snapshots, Staging& staging, Protection& protection);
  ~Objects();

  // The visible entry at `path`.
  //   NotFound  "not found" (Detail::ObjectMissing), or the ref's own error
  base::Task<base::Result<model::Entry>> get(base::Context context, RepositoryRef repository,
                                             model::RefExpr ref, model::ObjectPath path);

  base::Task<base::Result<ObjectPage>> list(base::Context context, RepositoryRef repository,
                                            model::RefExpr ref, ObjectQuery query);

  // Stages `entry` at `path`.
  //   NotFound            Detail::BranchMissing
  //   PermissionDenied    protected branch; read-only without `force`
  //   PreconditionFailed  the condition does not hold: Detail::PathExists for IfAbsent
  //   NotFound            Detail::ObjectMissing: IfMatch, and there is nothing to match
  //   ResourceExhausted   Detail::TooManyTries
  base::Task<base::Result<void>> stage(base::Context context, RepositoryRef repository,
                                       model::BranchId branch, model::ObjectPath path,
                                       model::Entry entry, StageOptions options);

  // What stage() would refuse before a body is read: branch missing, protected, read-only, and a
  // condition that already fails. The condition is checked again, atomically, by stage().
  base::Task<base::Result<void>> check_writable(base::Context context, RepositoryRef repository,
                                                model::BranchId branch, model::ObjectPath path,
                                                StageOptions options);

  // Replaces the user metadata of the visible object.
  //   NotFound  no such object or branch
  base::Task<base::Result<void>> update_metadata(base::Context context, RepositoryRef repository,
                                                 model::BranchId branch, model::ObjectPath path,
                                                 model::Metadata metadata);

  // Deletes; a missing path is fine.
  base::Task<base::Result<void>> erase(base::Context context, RepositoryRef repository,
                                       model::BranchId branch, model::ObjectPath path, bool force);

  // Deletes if the visible object has this etag; a missing path is fine.
  //   PreconditionFailed  it has another; nothing was written
  base::Task<base::Result<void>> erase_if_match(base::Context context, RepositoryRef repository,
                                                model::BranchId branch, model::ObjectPath path,
                                                std::string etag);

  // Deletes up to DeletePathsMax paths in a few key-value steps; answers the paths that failed: all
  // of them on a protected branch or a read-only repository. Either all the others are deleted, or
  // none is and the error says why.
  //   NotFound  Detail::BranchMissing
  base::Task<base::Result<std::vector<EraseError>>> erase_many(base::Context context,
                                                               RepositoryRef repository,
                                                               model::BranchId branch,
                                                               std::vector<model::ObjectPath> paths,
                                                               bool force);

  // Discards uncommitted changes: all of the branch, those below a prefix, or one path's. Nothing
  // to discard is success.
  //   PermissionDenied  protected branch; read-only without `force`
  //   NotFound          Detail::BranchMissing
  base::Task<base::Result<void>> reset_branch(base::Context context, RepositoryRef repository,
                                              model::BranchId branch, bool force);
  base::Task<base::Result<void>> reset_prefix(base::Context context, RepositoryRef repository,
                                              model::BranchId branch, std::string prefix,
                                              bool force);
  base::Task<base::Result<void>> reset_object(base::Context context, RepositoryRef repository,
                                              model::BranchId branch, model::ObjectPath path,
                                              bool force);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::engine
