// Operations: everything the REST API can be asked, as data. The router, validation, the OpenAPI
// document and the metrics' labels come from this table (operations.cc) and nowhere else.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "http/message.h"
#include "rest/schema.h"

namespace varve::rest {

// In the order of the table.
// clang-format off
enum class Op : std::uint8_t {
  SetupCommPrefs, GetSetupState, Setup, GetCurrentUser, Login, ExternalPrincipalLogin, StsLogin,
  GetAuthCapabilities, ListUsers, CreateUser, GetUser, DeleteUser, ListGroups, CreateGroup,
  GetGroup, DeleteGroup, ListPolicies, CreatePolicy, GetPolicy, UpdatePolicy, DeletePolicy,
  ListGroupMembers, AddGroupMembership, DeleteGroupMembership, ListUserCredentials,
  CreateCredentials, GetCredentials, DeleteCredentials, ListUserGroups, ListUserPolicies,
  AttachPolicyToUser, DetachPolicyFromUser, CreateUserExternalPrincipal,
  DeleteUserExternalPrincipal, ListUserExternalPrincipals, GetExternalPrincipal,
  ListGroupPolicies, AttachPolicyToGroup, DetachPolicyFromGroup, GetGroupAcl, SetGroupAcl,
  ListRepositories, CreateRepository, GetRepository, DeleteRepository, GetRepositoryMetadata,
  SetRepositoryMetadata, DeleteRepositoryMetadata, GetGcRules, SetGcRules, DeleteGcRules,
  GetBranchProtectionRules, SetBranchProtectionRules, DumpRefs, RestoreRefs, DumpStatus,
  DumpSubmit, RestoreStatus, RestoreSubmit, ListTags, CreateTag, GetTag, DeleteTag, ListBranches,
  CreateBranch, LogCommits, Commit, CreateCommitRecord, GetBranch, ResetBranch, DeleteBranch,
  HardResetBranch, RevertBranch, CherryPick, FindMergeBase, MergeIntoBranch, DiffBranch, DiffRefs,
  GetCommit, GetObject, HeadObject, CreatePresignMultipartUpload, CompletePresignMultipartUpload,
  AbortPresignMultipartUpload, UploadPart, UploadPartCopy, GetPhysicalAddress,
  LinkPhysicalAddress, ImportStatus, ImportStart, ImportCancel, UploadObjectPreflight,
  UploadObject, StageObject, DeleteObject, DeleteObjects, CopyObject, StatObject,
  UpdateObjectUserMetadata, GetUnderlyingProperties, ListObjects, CreateSymlinkFile,
  ListRepositoryRuns, GetRun, ListRunHooks, GetRunHookOutput, GetMetadataObject, GetMetaRange,
  GetRange, SetGarbageCollectionRulesPreflight, InternalGetGarbageCollectionRules,
  InternalSetGarbageCollectionRules, InternalDeleteGarbageCollectionRules,
  PrepareGarbageCollectionCommits, PrepareGarbageCollectionCommitsAsync,
  PrepareGarbageCollectionCommitsStatus, PrepareGarbageCollectionUncommitted,
  CreateBranchProtectionRulePreflight, InternalGetBranchProtectionRules,
  InternalCreateBranchProtectionRule, InternalDeleteBranchProtectionRule, ListPullRequests,
  CreatePullRequest, GetPullRequest, UpdatePullRequest, MergePullRequest, HealthCheck, GetConfig,
  GetLakeFSVersion, GetStorageConfig, GetGarbageCollectionConfig, PostStatsEvents,
  GetUsageReportSummary, OauthCallback,
};
// clang-format on

// One query, header or path parameter.
struct Parameter {
  enum class In : std::uint8_t { Path, Query, Header };
  enum class Type : std::uint8_t { Text, Integer, Boolean, List, Instant };

  std::string_view name;
  In in = In::Query;
  Type type = Type::Text;
  bool is_required = false;
  bool allows_empty = false;           // `name=` is as good as a value
  std::string_view default_text = {};  // of Boolean and Integer; empty: false, 0
  std::int64_t minimum = std::numeric_limits<std::int64_t>::min();
  std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
  std::span<const std::string_view> choices = {};
  const Pattern* pattern = nullptr;
};

// Who may ask without saying who they are.
enum class Access : std::uint8_t {
  Authenticated,
  Public,     // credentials are not even looked at
  Anonymous,  // credentials are checked if present
};

struct Operation {
  Op id;
  std::string_view name;  // operationId
  http::Method method;
  std::string_view path;  // template below /api/v1: "/repositories/{repository}"
  int status;             // of success
  std::array<const Parameter*, 8> parameters{};  // not those of the path; null: no more
  const Schema* body = nullptr;                  // JSON; null: none, or not JSON
  bool is_body_required = false;
  Access access = Access::Authenticated;
};

std::span<const Operation> operations();
const Operation& operation(Op id);
// The definition of path parameter `name`: text, unless said otherwise.
Parameter path_parameter(std::string_view name);

}  // namespace varve::rest
