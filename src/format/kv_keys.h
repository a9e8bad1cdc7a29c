// The key space of the key-value store (engine.md 7.2): where each message of this folder lives.
//
// A repository's rows are in its own partition, model::Repository::partition(); its staged entries
// in a partition per staging token, keyed by the raw object path. Lists are prefix scans: a
// function that ends in _prefix gives the prefix, and name_after() the rest of a key.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "model/ids.h"

namespace varve::format::keys {

// Partitions that belong to no repository.
inline constexpr std::string_view GravelerPartition = "graveler";
inline constexpr std::string_view PullsPartition = "pulls";
inline constexpr std::string_view CleanupTokensPartition = "cleanup-tokens";
inline constexpr std::string_view ActionsPartition = "actions";
inline constexpr std::string_view MultipartsPartition = "multiparts";
inline constexpr std::string_view CatalogPartition = "catalog";
inline constexpr std::string_view OwnershipPartition = "mc-ownership";
inline constexpr std::string_view UsagePartition = "usage";
inline constexpr std::string_view InternalMetadataPartition = "kv-internal-metadata";
inline constexpr std::string_view AuthPartition = "auth";
inline constexpr std::string_view BasicAuthPartition = "basicAuth";
inline constexpr std::string_view AclAuthPartition = "aclauth";

// In GravelerPartition.
std::string repository(const model::RepositoryId& id);
inline constexpr std::string_view RepositoryPrefix = "repos/";

// In a repository's partition.
std::string branch(const model::BranchId& id);
inline constexpr std::string_view BranchPrefix = "branches/";
std::string tag(const model::TagId& id);
inline constexpr std::string_view TagPrefix = "tags/";
std::string commit(const model::CommitId& id);
inline constexpr std::string_view CommitPrefix = "commits/";
std::string import_status(std::string_view import_id);
inline constexpr std::string_view ImportPrefix = "imports/";
std::string task(std::string_view task_id);
inline constexpr std::string_view TaskPrefix = "tasks/";
std::string pull(std::string_view pull_id);
inline constexpr std::string_view PullPrefix = "pulls/";
inline constexpr std::string_view ProtectedBranches = "settings/protected_branches";
inline constexpr std::string_view RepositoryMetadata = "repo-metadata";
// Ours, derived from the trees and made again when missing (changed_paths.h); lakeFS knows nothing
// of it, and lists nothing that begins like it.
std::string commit_changes(const model::CommitId& id);
inline constexpr std::string_view CommitChangesPrefix = "commit-changes/";

// In PullsPartition: the last pull request from source to destination, a SecondaryIndex.
std::string pull_index(std::string_view repository_partition, const model::BranchId& source,
                       const model::BranchId& destination);

// In CleanupTokensPartition the key is the token itself and the value this:
inline constexpr std::string_view CleanupTokenValue = "stub-value";
// Ours: a token that no branch names yet, because it is still being filled (staging/compaction.cc).
inline constexpr std::string_view FilledTokenValue = "being-filled";

// In ActionsPartition. Indexes hold the key of the run.
std::string run(const model::RepositoryId& repository, std::string_view run_id);
std::string run_prefix(const model::RepositoryId& repository);
std::string hook_run(const model::RepositoryId& repository, std::string_view run_id,
                     std::string_view hook_run_id);
std::string hook_run_prefix(const model::RepositoryId& repository, std::string_view run_id);
std::string run_by_branch(const model::RepositoryId& repository, const model::BranchId& branch,
                          std::string_view run_id);
std::string run_by_branch_prefix(const model::RepositoryId& repository,
                                 const model::BranchId& branch);
std::string run_by_commit(const model::RepositoryId& repository, const model::CommitId& commit,
                          std::string_view run_id);
std::string run_by_commit_prefix(const model::RepositoryId& repository,
                                 const model::CommitId& commit);

// In MultipartsPartition the key is the upload id. In CatalogPartition:
std::string instance(std::string_view instance_id);
inline constexpr std::string_view InstancePrefix = "instances/";
// In UsagePartition: a decimal counter per month of UTC.
std::string monthly_usage(std::string_view installation_id, base::Timestamp month);
// In OwnershipPartition.
std::string branch_owner(const model::RepositoryId& repository, const model::BranchId& branch);

// In InternalMetadataPartition.
inline constexpr std::string_view SchemaVersion = "kv/schema/version";
inline constexpr std::string_view SchemaVersionCurrent = "4";

// In AuthPartition; user and credential also in BasicAuthPartition, for BasicAuthUser alone.
inline constexpr std::string_view BasicAuthUser = "superAdmin";
std::string user(std::string_view name);
inline constexpr std::string_view UserPrefix = "users/";
std::string group(std::string_view name);
inline constexpr std::string_view GroupPrefix = "groups/";
std::string policy(std::string_view name);
inline constexpr std::string_view PolicyPrefix = "policies/";
std::string credential(std::string_view user, std::string_view access_key);
std::string credential_prefix(std::string_view user);
inline constexpr std::string_view AllCredentialsPrefix = "uCredentials/";
std::string group_user(std::string_view group, std::string_view user);
std::string group_user_prefix(std::string_view group);
std::string user_policy(std::string_view user, std::string_view policy);
std::string user_policy_prefix(std::string_view user);
std::string group_policy(std::string_view group, std::string_view policy);
std::string group_policy_prefix(std::string_view group);
std::string expired_token(std::string_view token_id);
inline constexpr std::string_view ExpiredTokenPrefix = "expiredTokens/";
inline constexpr std::string_view InstallationId = "installation_id";
std::string installation_metadata(std::string_view name);
inline constexpr std::string_view InstallationMetadataPrefix = "installation_metadata/";

// What follows `prefix` in `key`; empty if `key` does not start with it.
std::string_view name_after(std::string_view prefix, std::string_view key);

// SecondaryIndex {1: bytes primary_key}: the value of index rows.
base::Bytes encode_index(std::string_view primary_key);
base::Result<base::Bytes> decode_index(std::string_view bytes);

}  // namespace varve::format::keys
