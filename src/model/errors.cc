#include "model/errors.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "model/limits.h"

namespace varve::model {

using base::Code;
using base::Error;

Error make_error(Code code, Detail detail, std::string text) {
  return {code, static_cast<std::uint16_t>(detail), std::move(text)};
}

Detail detail_of(const Error& error) { return static_cast<Detail>(error.detail()); }

bool is(const Error& error, Detail detail) { return detail_of(error) == detail; }

Error repository_not_found() {
  return make_error(Code::NotFound, Detail::RepositoryMissing, "repository not found");
}

Error branch_not_found() {
  return make_error(Code::NotFound, Detail::BranchMissing, "branch not found");
}

Error tag_not_found() { return make_error(Code::NotFound, Detail::TagMissing, "tag not found"); }

Error commit_not_found() {
  return make_error(Code::NotFound, Detail::CommitMissing, "commit not found");
}

Error object_not_found() { return make_error(Code::NotFound, Detail::ObjectMissing, "not found"); }

Error entry_too_large() {
  return Error(Code::InvalidArgument,
               "metadata of the object: more than " + std::to_string(EntryBytesMax) + " bytes");
}

Error repository_in_deletion() {
  return make_error(Code::NotFound, Detail::RepositoryInDeletion, "repository in deletion");
}

Error read_only_repository() {
  return make_error(Code::PermissionDenied, Detail::ReadOnlyRepository, "read-only repository");
}

Error cannot_write_to_protected_branch() {
  return make_error(Code::PermissionDenied, Detail::ProtectedBranch,
                    "cannot write to protected branch");
}

Error cannot_commit_to_protected_branch() {
  return make_error(Code::PermissionDenied, Detail::ProtectedBranch,
                    "cannot commit to protected branch");
}

Error cannot_delete_default_branch() {
  return make_error(Code::PermissionDenied, Detail::DefaultBranch,
                    "cannot delete repository default branch");
}

Error dirty_branch() {
  return make_error(Code::InvalidArgument, Detail::DirtyBranch,
                    "uncommitted changes (dirty branch)");
}

Error no_changes() { return make_error(Code::InvalidArgument, Detail::NoChanges, "no changes"); }

Error conflict_found() {
  return make_error(Code::Conflict, Detail::MergeConflict, "conflict found");
}

Error too_many_tries() {
  return make_error(Code::ResourceExhausted, Detail::TooManyTries,
                    "Too many attempts, try again later");
}

Error precondition_failed() { return {Code::PreconditionFailed, "Precondition failed"}; }

Error data_missing() { return make_error(Code::NotFound, Detail::DataMissing, "No data"); }

Error invalid_value(std::string_view kind) {
  return Error(Code::InvalidArgument, "invalid value: validation error").with(kind);
}

Error staging_is_no_commit(std::string_view ref) {
  std::string text = "reference '";
  text.append(ref).append("': reference to staging area with $ is not a commit");
  return make_error(Code::InvalidArgument, Detail::StagingIsNoCommit, std::move(text));
}

}  // namespace varve::model
