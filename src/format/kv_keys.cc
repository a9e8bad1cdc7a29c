#include "format/kv_keys.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "format/wire.h"
#include "format/wire_reader.h"
#include "model/ids.h"

namespace varve::format::keys {
namespace {

std::string join(std::initializer_list<std::string_view> pieces) {
  std::size_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  std::string key;
  key.reserve(size);
  for (const std::string_view piece : pieces) key.append(piece);
  return key;
}

}  // namespace

std::string repository(const model::RepositoryId& id) {
  return join({RepositoryPrefix, id.view()});
}
std::string branch(const model::BranchId& id) { return join({BranchPrefix, id.view()}); }
std::string tag(const model::TagId& id) { return join({TagPrefix, id.view()}); }
std::string commit(const model::CommitId& id) { return join({CommitPrefix, id.view()}); }
std::string commit_changes(const model::CommitId& id) {
  return join({CommitChangesPrefix, id.view()});
}
std::string import_status(std::string_view import_id) { return join({ImportPrefix, import_id}); }
std::string task(std::string_view task_id) { return join({TaskPrefix, task_id}); }
std::string pull(std::string_view pull_id) { return join({PullPrefix, pull_id}); }

std::string pull_index(std::string_view repository_partition, const model::BranchId& source,
                       const model::BranchId& destination) {
  return join(
      {RepositoryPrefix, repository_partition, "/", source.view(), "/", destination.view()});
}

std::string run_prefix(const model::RepositoryId& repository) {
  return join({RepositoryPrefix, repository.view(), "/runs/"});
}
std::string run(const model::RepositoryId& repository, std::string_view run_id) {
  return run_prefix(repository).append(run_id);
}

std::string hook_run_prefix(const model::RepositoryId& repository, std::string_view run_id) {
  return join({RepositoryPrefix, repository.view(), "/tasks/", run_id, "/"});
}
std::string hook_run(const model::RepositoryId& repository, std::string_view run_id,
                     std::string_view hook_run_id) {
  return hook_run_prefix(repository, run_id).append(hook_run_id);
}

std::string run_by_branch_prefix(const model::RepositoryId& repository,
                                 const model::BranchId& branch) {
  return join({RepositoryPrefix, repository.view(), "/branches/", branch.view(), "/"});
}
std::string run_by_branch(const model::RepositoryId& repository, const model::BranchId& branch,
                          std::string_view run_id) {
  return run_by_branch_prefix(repository, branch).append(run_id);
}

std::string run_by_commit_prefix(const model::RepositoryId& repository,
                                 const model::CommitId& commit) {
  return join({RepositoryPrefix, repository.view(), "/commits/", commit.view(), "/"});
}
std::string run_by_commit(const model::RepositoryId& repository, const model::CommitId& commit,
                          std::string_view run_id) {
  return run_by_commit_prefix(repository, commit).append(run_id);
}

std::string instance(std::string_view instance_id) { return join({InstancePrefix, instance_id}); }

std::string monthly_usage(std::string_view installation_id, base::Timestamp month) {
  const std::chrono::sys_seconds instant{std::chrono::seconds(month.seconds)};
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(instant)};
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04d%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()));
  return join({"usage/monthly/", installation_id, "/", text.data()});
}

// The repository's length is in front so that no pair of names can spell another pair's key.
std::string branch_owner(const model::RepositoryId& repository, const model::BranchId& branch) {
  return join({"run-refs/approximate-branch-owner/", std::to_string(repository.view().size()), ":",
               repository.view(), "/", branch.view()});
}

std::string user(std::string_view name) { return join({UserPrefix, name}); }
std::string group(std::string_view name) { return join({GroupPrefix, name}); }
std::string policy(std::string_view name) { return join({PolicyPrefix, name}); }

std::string credential_prefix(std::string_view user) {
  return join({AllCredentialsPrefix, user, "/credentials/"});
}
std::string credential(std::string_view user, std::string_view access_key) {
  return credential_prefix(user).append(access_key);
}

std::string group_user_prefix(std::string_view group) {
  return join({"gUsers/", group, "/users/"});
}
std::string group_user(std::string_view group, std::string_view user) {
  return group_user_prefix(group).append(user);
}

std::string user_policy_prefix(std::string_view user) {
  return join({"uPolicies/", user, "/policies/"});
}
std::string user_policy(std::string_view user, std::string_view policy) {
  return user_policy_prefix(user).append(policy);
}

std::string group_policy_prefix(std::string_view group) {
  return join({"gPolicies/", group, "/policies/"});
}
std::string group_policy(std::string_view group, std::string_view policy) {
  return group_policy_prefix(group).append(policy);
}

std::string expired_token(std::string_view token_id) {
  return join({ExpiredTokenPrefix, token_id});
}

std::string installation_metadata(std::string_view name) {
  return join({InstallationMetadataPrefix, name});
}

std::string_view name_after(std::string_view prefix, std::string_view key) {
  return key.starts_with(prefix) ? key.substr(prefix.size()) : std::string_view();
}

base::Bytes encode_index(std::string_view primary_key) {
  WireWriter out;
  out.bytes(1, primary_key);
  return *std::move(out).finish();  // no strings, so nothing to refuse
}

base::Result<base::Bytes> decode_index(std::string_view bytes) {
  base::Bytes primary_key;
  WireReader in(bytes, "SecondaryIndex");
  while (in.next()) {
    if (in.field() == 1) primary_key = in.bytes();
  }
  VARVE_CHECK(in.finish());
  return primary_key;
}

}  // namespace varve::format::keys
