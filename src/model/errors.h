// The conditions of the domain that callers tell apart, with the exact texts clients compare
// (engine.md appendix A, rest-semantics.md 6.3). A front end maps code and Detail; nobody parses a
// message.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace varve::model {

enum class Detail : std::uint16_t {
  None = 0,
  RepositoryMissing,     // NotFound "repository not found"
  BranchMissing,         // NotFound "branch not found"
  TagMissing,            // NotFound "tag not found"
  CommitMissing,         // NotFound "commit not found"
  ObjectMissing,         // NotFound "not found"
  UploadMissing,         // NotFound: no such multipart upload
  PullMissing,           // NotFound "pull request not found"
  DataMissing,           // NotFound "No data": the entry exists, its bytes are gone (410)
  RepositoryInDeletion,  // NotFound "repository in deletion" (410)
  ReadOnlyRepository,    // PermissionDenied "read-only repository"
  ProtectedBranch,       // PermissionDenied, three texts
  DefaultBranch,         // PermissionDenied "cannot delete repository default branch"
  StorageForbidden,      // PermissionDenied: an address outside what the store may touch
  DirtyBranch,           // InvalidArgument "uncommitted changes (dirty branch)"
  NoChanges,             // InvalidArgument "no changes"
  StagingIsNoCommit,     // InvalidArgument: branch$ where a commit is needed
  InvalidAddress,        // InvalidArgument: link address invalid or expired
  NamespaceInUse,        // InvalidArgument "storage namespace already in use"
  MergeConflict,         // Conflict "conflict found"
  NameClash,             // Conflict "conflict found", with what clashed in front
  RevertParent,          // Conflict: a merge needs a parent number to revert
  TooManyTries,          // ResourceExhausted "Too many attempts, try again later" (429)
  NoMergeBase,           // Internal "no merge base" (500, as lakeFS)
  StagingBranchSource,   // Internal "can't create a branch without commit" (500, as lakeFS)
  RequirementMissing,    // Internal "required value: validation error" (500, as lakeFS)
  HookFailed,            // PreconditionFailed: a hook said no
  PathExists,            // PreconditionFailed: If-None-Match and the path exists
  BadDigest,             // InvalidArgument: the body's checksum is not the announced one
  SizeMismatch,          // InvalidArgument: the body is longer or shorter than announced
  InvalidPart,           // InvalidArgument: a part that was not uploaded, or another ETag
  InvalidPartOrder,      // InvalidArgument: part numbers must ascend
  PartTooSmall,          // InvalidArgument: all parts but the last have a minimum size
  PathTooLong,           // InvalidArgument: path over 1024 bytes
  StorageFull,           // ResourceExhausted: no space left in the store (507)
};

base::Error make_error(base::Code code, Detail detail, std::string text);
Detail detail_of(const base::Error& error);
bool is(const base::Error& error, Detail detail);

base::Error repository_not_found();
base::Error branch_not_found();
base::Error tag_not_found();
base::Error commit_not_found();
base::Error object_not_found();
base::Error repository_in_deletion();
base::Error read_only_repository();
base::Error cannot_write_to_protected_branch();
base::Error cannot_commit_to_protected_branch();
base::Error cannot_delete_default_branch();
base::Error dirty_branch();
base::Error no_changes();
base::Error conflict_found();
base::Error too_many_tries();
base::Error precondition_failed();
base::Error data_missing();
// What a client says of an object is more than EntryBytesMax.
base::Error entry_too_large();
// "<kind>: invalid value: validation error", kind = "ref", "branch id", "commit id", ...
base::Error invalid_value(std::string_view kind);
// "reference '<ref>': reference to staging area with $ is not a commit"
base::Error staging_is_no_commit(std::string_view ref);

}  // namespace varve::model
