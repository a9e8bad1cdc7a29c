#include "format/kv_keys.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "model/ids.h"

namespace varve::format {
namespace {

const model::RepositoryId Repository("lake");
const model::BranchId Main("main");
const model::BranchId Dev("dev");
const model::CommitId Commit("c0ffee");

// The whole key space, as engine.md 7.2 lists it.
TEST(KvKeys, AreTheDocumentedOnes) {
  const std::pair<std::string, std::string_view> rows[] = {
      {keys::repository(Repository), "repos/lake"},
      {keys::branch(Main), "branches/main"},
      {keys::tag(model::TagId("v1")), "tags/v1"},
      {keys::commit(Commit), "commits/c0ffee"},
      {keys::commit_changes(Commit), "commit-changes/c0ffee"},
      {keys::import_status("i"), "imports/i"},
      {keys::task("DRx"), "tasks/DRx"},
      {keys::pull("p"), "pulls/p"},
      {std::string(keys::ProtectedBranches), "settings/protected_branches"},
      {std::string(keys::RepositoryMetadata), "repo-metadata"},
      {keys::pull_index("lake-uid", Dev, Main), "repos/lake-uid/dev/main"},
      {keys::run(Repository, "r"), "repos/lake/runs/r"},
      {keys::hook_run(Repository, "r", "h"), "repos/lake/tasks/r/h"},
      {keys::run_by_branch(Repository, Main, "r"), "repos/lake/branches/main/r"},
      {keys::run_by_commit(Repository, Commit, "r"), "repos/lake/commits/c0ffee/r"},
      {keys::instance("x"), "instances/x"},
      {keys::monthly_usage("id", {1700000000, 0}), "usage/monthly/id/202311"},
      {keys::monthly_usage("id", {1704067199, 0}), "usage/monthly/id/202312"},
      {keys::branch_owner(Repository, Main), "run-refs/approximate-branch-owner/4:lake/main"},
      {keys::user("u"), "users/u"},
      {keys::group("g"), "groups/g"},
      {keys::policy("p"), "policies/p"},
      {keys::credential("u", "AK"), "uCredentials/u/credentials/AK"},
      {keys::group_user("g", "u"), "gUsers/g/users/u"},
      {keys::user_policy("u", "p"), "uPolicies/u/policies/p"},
      {keys::group_policy("g", "p"), "gPolicies/g/policies/p"},
      {keys::expired_token("t"), "expiredTokens/t"},
      {keys::installation_metadata("setup_timestamp"), "installation_metadata/setup_timestamp"},
  };
  for (const auto& [got, want] : rows) EXPECT_EQ(got, want);
}

TEST(KvKeys, APrefixFindsItsKeysAndNoNeighbours) {
  EXPECT_TRUE(keys::run_by_branch(Repository, Main, "r")
                  .starts_with(keys::run_by_branch_prefix(Repository, Main)));
  EXPECT_FALSE(keys::run_by_branch(Repository, model::BranchId("main-2"), "r")
                   .starts_with(keys::run_by_branch_prefix(Repository, Main)));
  EXPECT_FALSE(keys::credential("user2", "k").starts_with(keys::credential_prefix("user")));
  EXPECT_EQ(keys::name_after(keys::BranchPrefix, keys::branch(Main)), "main");
  EXPECT_EQ(keys::name_after(keys::TagPrefix, keys::branch(Main)), "");
}

TEST(KvKeys, IndexRowsRoundTrip) {
  const auto bytes = keys::encode_index("users/u\xff");
  EXPECT_EQ(*keys::decode_index(bytes), "users/u\xff");
  EXPECT_EQ(*keys::decode_index(keys::encode_index("")), "");
  EXPECT_FALSE(keys::decode_index("\x0a\x05x").has_value());
}

}  // namespace
}  // namespace varve::format
