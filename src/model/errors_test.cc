#include "model/errors.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/result.h"

namespace varve::model {
namespace {

using base::Code;
using base::Error;

TEST(Errors, TextsAreThoseClientsCompare) {
  struct Row {
    Error error;
    Code code;
    Detail detail;
    std::string text;
  };
  const std::vector<Row> rows = {
      {repository_not_found(), Code::NotFound, Detail::RepositoryMissing, "repository not found"},
      {branch_not_found(), Code::NotFound, Detail::BranchMissing, "branch not found"},
      {tag_not_found(), Code::NotFound, Detail::TagMissing, "tag not found"},
      {commit_not_found(), Code::NotFound, Detail::CommitMissing, "commit not found"},
      {object_not_found(), Code::NotFound, Detail::ObjectMissing, "not found"},
      {data_missing(), Code::NotFound, Detail::DataMissing, "No data"},
      {repository_in_deletion(), Code::NotFound, Detail::RepositoryInDeletion,
       "repository in deletion"},
      {read_only_repository(), Code::PermissionDenied, Detail::ReadOnlyRepository,
       "read-only repository"},
      {cannot_write_to_protected_branch(), Code::PermissionDenied, Detail::ProtectedBranch,
       "cannot write to protected branch"},
      {cannot_commit_to_protected_branch(), Code::PermissionDenied, Detail::ProtectedBranch,
       "cannot commit to protected branch"},
      {cannot_delete_default_branch(), Code::PermissionDenied, Detail::DefaultBranch,
       "cannot delete repository default branch"},
      {dirty_branch(), Code::InvalidArgument, Detail::DirtyBranch,
       "uncommitted changes (dirty branch)"},
      {no_changes(), Code::InvalidArgument, Detail::NoChanges, "no changes"},
      {conflict_found(), Code::Conflict, Detail::MergeConflict, "conflict found"},
      {too_many_tries(), Code::ResourceExhausted, Detail::TooManyTries,
       "Too many attempts, try again later"},
      {precondition_failed(), Code::PreconditionFailed, Detail::None, "Precondition failed"},
      {invalid_value("storage id"), Code::InvalidArgument, Detail::None,
       "storage id: invalid value: validation error"},
      {staging_is_no_commit("x$"), Code::InvalidArgument, Detail::StagingIsNoCommit,
       "reference 'x$': reference to staging area with $ is not a commit"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(row.error.code(), row.code) << row.text;
    EXPECT_EQ(detail_of(row.error), row.detail) << row.text;
    EXPECT_EQ(row.error.message(), row.text);
  }
}

TEST(Errors, ContextKeepsCodeAndDetail) {
  const Error error = no_changes().with("commit");
  EXPECT_EQ(error.message(), "commit: no changes");
  EXPECT_TRUE(is(error, Detail::NoChanges));
  EXPECT_EQ(error.code(), Code::InvalidArgument);
}

}  // namespace
}  // namespace varve::model
