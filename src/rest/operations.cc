#include <cstddef>
#include <iterator>
#include <span>
#include <string_view>

#include "http/message.h"
#include "rest/operation.h"
#include "rest/schema.h"

namespace varve::rest {
namespace {

using In = Parameter::In;
using Type = Parameter::Type;
using enum http::Method;

constexpr Parameter flag(std::string_view name, std::string_view initial = {}) {
  return {.name = name, .type = Type::Boolean, .default_text = initial};
}

constexpr Parameter Prefix{.name = "prefix", .allows_empty = true};
constexpr Parameter After{.name = "after", .allows_empty = true};
constexpr Parameter Amount = {
    .name = "amount", .type = Type::Integer, .default_text = "100", .minimum = -1, .maximum = 1000};
constexpr Parameter Effective = flag("effective", "false");
constexpr Parameter PrincipalId{.name = "principalId", .is_required = true};
constexpr Parameter Search{.name = "search", .allows_empty = true};
constexpr Parameter Bare = flag("bare", "false");
constexpr Parameter Force = flag("force", "false");
constexpr Parameter RulesIfMatch{.name = "If-Match", .in = In::Header, .allows_empty = true};
constexpr Parameter TaskId{.name = "task_id", .is_required = true};
constexpr Parameter TagForce = flag("force");
constexpr Parameter ShowHidden = flag("show_hidden", "false");
constexpr Parameter Objects{.name = "objects", .type = Type::List};
constexpr Parameter Prefixes{.name = "prefixes", .type = Type::List};
constexpr Parameter Limit = flag("limit");
constexpr Parameter FirstParent = flag("first_parent");
constexpr Parameter Since{.name = "since", .type = Type::Instant, .allows_empty = true};
constexpr Parameter StopAt{.name = "stop_at", .allows_empty = true};
constexpr Parameter SourceMetarange{.name = "source_metarange"};
constexpr Parameter Ref{.name = "ref", .is_required = true};
constexpr Parameter Delimiter{.name = "delimiter", .allows_empty = true};
constexpr std::string_view DiffTypeChoices[] = {"two_dot", "three_dot"};
constexpr Parameter DiffType = {
    .name = "type", .default_text = "three_dot", .choices = DiffTypeChoices};
constexpr Parameter IncludeRightStats = flag("include_right_stats", "false");
constexpr Parameter Path{.name = "path", .is_required = true};
constexpr Parameter Range{.name = "Range", .in = In::Header, .pattern = &RangePattern};
constexpr Parameter IfNoneMatch{.name = "If-None-Match", .in = In::Header};
constexpr Parameter Presign = flag("presign");
constexpr Parameter Parts{.name = "parts", .type = Type::Integer};
constexpr Parameter ObjectIfMatch{.name = "If-Match", .in = In::Header};
constexpr Parameter Id{.name = "id", .is_required = true};
constexpr Parameter StorageClass{.name = "storageClass"};
constexpr Parameter NoTombstone = flag("no_tombstone", "false");
constexpr Parameter DestPath{.name = "dest_path", .is_required = true};
constexpr Parameter UserMetadata = flag("user_metadata", "true");
constexpr Parameter Location{.name = "location"};
constexpr Parameter Branch{.name = "branch", .allows_empty = true};
constexpr Parameter Commit{.name = "commit", .allows_empty = true};
constexpr std::string_view StatusChoices[] = {"open", "closed", "all"};
constexpr Parameter Status{.name = "status", .default_text = "all", .choices = StatusChoices};

// One row an operation; a longer one goes on indented.
// clang-format off
constexpr Operation Table[] = {
    {Op::SetupCommPrefs, "setupCommPrefs", Post, "/setup_comm_prefs", 200, {},
     &schemas::CommPrefsInput, true, Access::Public},
    {Op::GetSetupState, "getSetupState", Get, "/setup_lakefs", 200, {}, nullptr, false,
     Access::Public},
    {Op::Setup, "setup", Post, "/setup_lakefs", 200, {}, &schemas::Setup, true, Access::Public},
    {Op::GetCurrentUser, "getCurrentUser", Get, "/user", 200, {}, nullptr, false,
     Access::Anonymous},
    {Op::Login, "login", Post, "/auth/login", 200, {}, &schemas::LoginInformation, false,
     Access::Public},
    {Op::ExternalPrincipalLogin, "externalPrincipalLogin", Post, "/auth/external/principal/login",
     200, {}, &schemas::ExternalLoginInformation, false, Access::Public},
    {Op::StsLogin, "stsLogin", Post, "/sts/login", 200, {}, &schemas::StsAuthRequest, true,
     Access::Public},
    {Op::GetAuthCapabilities, "getAuthCapabilities", Get, "/auth/capabilities", 200, {}, nullptr,
     false, Access::Public},
    {Op::ListUsers, "listUsers", Get, "/auth/users", 200, {&Prefix, &After, &Amount}},
    {Op::CreateUser, "createUser", Post, "/auth/users", 201, {}, &schemas::UserCreation},
    {Op::GetUser, "getUser", Get, "/auth/users/{userId}", 200},
    {Op::DeleteUser, "deleteUser", Delete, "/auth/users/{userId}", 204},
    {Op::ListGroups, "listGroups", Get, "/auth/groups", 200, {&Prefix, &After, &Amount}},
    {Op::CreateGroup, "createGroup", Post, "/auth/groups", 201, {}, &schemas::GroupCreation},
    {Op::GetGroup, "getGroup", Get, "/auth/groups/{groupId}", 200},
    {Op::DeleteGroup, "deleteGroup", Delete, "/auth/groups/{groupId}", 204},
    {Op::ListPolicies, "listPolicies", Get, "/auth/policies", 200, {&Prefix, &After, &Amount}},
    {Op::CreatePolicy, "createPolicy", Post, "/auth/policies", 201, {}, &schemas::Policy, true},
    {Op::GetPolicy, "getPolicy", Get, "/auth/policies/{policyId}", 200},
    {Op::UpdatePolicy, "updatePolicy", Put, "/auth/policies/{policyId}", 200, {}, &schemas::Policy,
     true},
    {Op::DeletePolicy, "deletePolicy", Delete, "/auth/policies/{policyId}", 204},
    {Op::ListGroupMembers, "listGroupMembers", Get, "/auth/groups/{groupId}/members", 200,
     {&Prefix, &After, &Amount}},
    {Op::AddGroupMembership, "addGroupMembership", Put, "/auth/groups/{groupId}/members/{userId}",
     201},
    {Op::DeleteGroupMembership, "deleteGroupMembership", Delete,
     "/auth/groups/{groupId}/members/{userId}", 204},
    {Op::ListUserCredentials, "listUserCredentials", Get, "/auth/users/{userId}/credentials", 200,
     {&Prefix, &After, &Amount}},
    {Op::CreateCredentials, "createCredentials", Post, "/auth/users/{userId}/credentials", 201},
    {Op::GetCredentials, "getCredentials", Get, "/auth/users/{userId}/credentials/{accessKeyId}",
     200},
    {Op::DeleteCredentials, "deleteCredentials", Delete,
     "/auth/users/{userId}/credentials/{accessKeyId}", 204},
    {Op::ListUserGroups, "listUserGroups", Get, "/auth/users/{userId}/groups", 200, {&Prefix,
     &After, &Amount}},
    {Op::ListUserPolicies, "listUserPolicies", Get, "/auth/users/{userId}/policies", 200, {&Prefix,
     &After, &Amount, &Effective}},
    {Op::AttachPolicyToUser, "attachPolicyToUser", Put, "/auth/users/{userId}/policies/{policyId}",
     201},
    {Op::DetachPolicyFromUser, "detachPolicyFromUser", Delete,
     "/auth/users/{userId}/policies/{policyId}", 204},
    {Op::CreateUserExternalPrincipal, "createUserExternalPrincipal", Post,
     "/auth/users/{userId}/external/principals", 201, {&PrincipalId},
     &schemas::ExternalPrincipalCreation},
    {Op::DeleteUserExternalPrincipal, "deleteUserExternalPrincipal", Delete,
     "/auth/users/{userId}/external/principals", 204, {&PrincipalId}},
    {Op::ListUserExternalPrincipals, "listUserExternalPrincipals", Get,
     "/auth/users/{userId}/external/principals/ls", 200, {&Prefix, &After, &Amount}},
    {Op::GetExternalPrincipal, "getExternalPrincipal", Get, "/auth/external/principals", 200,
     {&PrincipalId}},
    {Op::ListGroupPolicies, "listGroupPolicies", Get, "/auth/groups/{groupId}/policies", 200,
     {&Prefix, &After, &Amount}},
    {Op::AttachPolicyToGroup, "attachPolicyToGroup", Put,
     "/auth/groups/{groupId}/policies/{policyId}", 201},
    {Op::DetachPolicyFromGroup, "detachPolicyFromGroup", Delete,
     "/auth/groups/{groupId}/policies/{policyId}", 204},
    {Op::GetGroupAcl, "getGroupACL", Get, "/auth/groups/{groupId}/acl", 200},
    {Op::SetGroupAcl, "setGroupACL", Post, "/auth/groups/{groupId}/acl", 201, {}, &schemas::Acl,
     true},
    {Op::ListRepositories, "listRepositories", Get, "/repositories", 200, {&Prefix, &After,
     &Amount, &Search}},
    {Op::CreateRepository, "createRepository", Post, "/repositories", 201, {&Bare},
     &schemas::RepositoryCreation, true},
    {Op::GetRepository, "getRepository", Get, "/repositories/{repository}", 200},
    {Op::DeleteRepository, "deleteRepository", Delete, "/repositories/{repository}", 204, {&Force}},
    {Op::GetRepositoryMetadata, "getRepositoryMetadata", Get,
     "/repositories/{repository}/metadata", 200},
    {Op::SetRepositoryMetadata, "setRepositoryMetadata", Post,
     "/repositories/{repository}/metadata", 204, {}, &schemas::RepositoryMetadataSet, true},
    {Op::DeleteRepositoryMetadata, "deleteRepositoryMetadata", Delete,
     "/repositories/{repository}/metadata", 204, {}, &schemas::RepositoryMetadataKeys, true},
    {Op::GetGcRules, "getGCRules", Get, "/repositories/{repository}/settings/gc_rules", 200},
    {Op::SetGcRules, "setGCRules", Put, "/repositories/{repository}/settings/gc_rules", 204, {},
     &schemas::GarbageCollectionRules, true},
    {Op::DeleteGcRules, "deleteGCRules", Delete, "/repositories/{repository}/settings/gc_rules",
     204},
    {Op::GetBranchProtectionRules, "getBranchProtectionRules", Get,
     "/repositories/{repository}/settings/branch_protection", 200},
    {Op::SetBranchProtectionRules, "setBranchProtectionRules", Put,
     "/repositories/{repository}/settings/branch_protection", 204, {&RulesIfMatch},
     &schemas::BranchProtectionRules, true},
    {Op::DumpRefs, "dumpRefs", Put, "/repositories/{repository}/refs/dump", 201},
    {Op::RestoreRefs, "restoreRefs", Put, "/repositories/{repository}/refs/restore", 200, {},
     &schemas::RefsRestore, true},
    {Op::DumpStatus, "dumpStatus", Get, "/repositories/{repository}/dump", 200, {&TaskId}},
    {Op::DumpSubmit, "dumpSubmit", Post, "/repositories/{repository}/dump", 202},
    {Op::RestoreStatus, "restoreStatus", Get, "/repositories/{repository}/restore", 200, {&TaskId}},
    {Op::RestoreSubmit, "restoreSubmit", Post, "/repositories/{repository}/restore", 202, {},
     &schemas::RefsRestore, true},
    {Op::ListTags, "listTags", Get, "/repositories/{repository}/tags", 200, {&Prefix, &After,
     &Amount}},
    {Op::CreateTag, "createTag", Post, "/repositories/{repository}/tags", 201, {},
     &schemas::TagCreation, true},
    {Op::GetTag, "getTag", Get, "/repositories/{repository}/tags/{tag}", 200},
    {Op::DeleteTag, "deleteTag", Delete, "/repositories/{repository}/tags/{tag}", 204, {&TagForce}},
    {Op::ListBranches, "listBranches", Get, "/repositories/{repository}/branches", 200, {&Prefix,
     &After, &Amount, &ShowHidden}},
    {Op::CreateBranch, "createBranch", Post, "/repositories/{repository}/branches", 201, {},
     &schemas::BranchCreation, true},
    {Op::LogCommits, "logCommits", Get, "/repositories/{repository}/refs/{ref}/commits", 200,
     {&After, &Amount, &Objects, &Prefixes, &Limit, &FirstParent, &Since, &StopAt}},
    {Op::Commit, "commit", Post, "/repositories/{repository}/branches/{branch}/commits", 201,
     {&SourceMetarange}, &schemas::CommitCreation, true},
    {Op::CreateCommitRecord, "CreateCommitRecord", Post, "/repositories/{repository}/commits", 204,
     {}, &schemas::CommitRecordCreation, true},
    {Op::GetBranch, "getBranch", Get, "/repositories/{repository}/branches/{branch}", 200},
    {Op::ResetBranch, "resetBranch", Put, "/repositories/{repository}/branches/{branch}", 204, {},
     &schemas::ResetCreation, true},
    {Op::DeleteBranch, "deleteBranch", Delete, "/repositories/{repository}/branches/{branch}", 204,
     {&Force}},
    {Op::HardResetBranch, "hardResetBranch", Put,
     "/repositories/{repository}/branches/{branch}/hard_reset", 204, {&Ref, &Force}},
    {Op::RevertBranch, "revertBranch", Post, "/repositories/{repository}/branches/{branch}/revert",
     204, {}, &schemas::RevertCreation, true},
    {Op::CherryPick, "cherryPick", Post,
     "/repositories/{repository}/branches/{branch}/cherry-pick", 201, {},
     &schemas::CherryPickCreation, true},
    {Op::FindMergeBase, "findMergeBase", Get,
     "/repositories/{repository}/refs/{sourceRef}/merge/{destinationBranch}", 200},
    {Op::MergeIntoBranch, "mergeIntoBranch", Post,
     "/repositories/{repository}/refs/{sourceRef}/merge/{destinationBranch}", 200, {},
     &schemas::Merge},
    {Op::DiffBranch, "diffBranch", Get, "/repositories/{repository}/branches/{branch}/diff", 200,
     {&After, &Amount, &Prefix, &Delimiter}},
    {Op::DiffRefs, "diffRefs", Get, "/repositories/{repository}/refs/{leftRef}/diff/{rightRef}",
     200, {&After, &Amount, &Prefix, &Delimiter, &DiffType, &IncludeRightStats}},
    {Op::GetCommit, "getCommit", Get, "/repositories/{repository}/commits/{commitId}", 200},
    {Op::GetObject, "getObject", Get, "/repositories/{repository}/refs/{ref}/objects", 200, {&Path,
     &Range, &IfNoneMatch, &Presign}},
    {Op::HeadObject, "headObject", Head, "/repositories/{repository}/refs/{ref}/objects", 200,
     {&Path, &Range}},
    {Op::CreatePresignMultipartUpload, "createPresignMultipartUpload", Post,
     "/repositories/{repository}/branches/{branch}/staging/pmpu", 201, {&Path, &Parts}},
    {Op::CompletePresignMultipartUpload, "completePresignMultipartUpload", Put,
     "/repositories/{repository}/branches/{branch}/staging/pmpu/{uploadId}", 200, {&Path},
     &schemas::CompletePresignMultipartUpload},
    {Op::AbortPresignMultipartUpload, "abortPresignMultipartUpload", Delete,
     "/repositories/{repository}/branches/{branch}/staging/pmpu/{uploadId}", 204, {&Path},
     &schemas::AbortPresignMultipartUpload},
    {Op::UploadPart, "uploadPart", Put,
     "/repositories/{repository}/branches/{branch}/staging/pmpu/{uploadId}/parts/{partNumber}", 200,
     {&Path}, &schemas::UploadPartFrom, true},
    {Op::UploadPartCopy, "uploadPartCopy", Put,
     "/repositories/{repository}/branches/{branch}/staging/pmpu/{uploadId}/parts/{partNumber}/copy",
     204, {&Path}, &schemas::UploadPartCopyFrom, true},
    {Op::GetPhysicalAddress, "getPhysicalAddress", Get,
     "/repositories/{repository}/branches/{branch}/staging/backing", 200, {&Path, &Presign}},
    {Op::LinkPhysicalAddress, "linkPhysicalAddress", Put,
     "/repositories/{repository}/branches/{branch}/staging/backing", 200, {&Path, &IfNoneMatch,
     &ObjectIfMatch}, &schemas::StagingMetadata, true},
    {Op::ImportStatus, "importStatus", Get, "/repositories/{repository}/branches/{branch}/import",
     200, {&Id}},
    {Op::ImportStart, "importStart", Post, "/repositories/{repository}/branches/{branch}/import",
     202, {}, &schemas::ImportCreation, true},
    {Op::ImportCancel, "importCancel", Delete,
     "/repositories/{repository}/branches/{branch}/import", 204, {&Id}},
    {Op::UploadObjectPreflight, "uploadObjectPreflight", Get,
     "/repositories/{repository}/branches/{branch}/objects/stage_allowed", 204, {&Path}},
    {Op::UploadObject, "uploadObject", Post,
     "/repositories/{repository}/branches/{branch}/objects", 201, {&Path, &IfNoneMatch,
     &ObjectIfMatch, &StorageClass, &Force}},
    {Op::StageObject, "stageObject", Put, "/repositories/{repository}/branches/{branch}/objects",
     201, {&Path}, &schemas::ObjectStageCreation, true},
    {Op::DeleteObject, "deleteObject", Delete,
     "/repositories/{repository}/branches/{branch}/objects", 204, {&Path, &Force, &NoTombstone}},
    {Op::DeleteObjects, "deleteObjects", Post,
     "/repositories/{repository}/branches/{branch}/objects/delete", 200, {&Force, &NoTombstone},
     &schemas::PathList, true},
    {Op::CopyObject, "copyObject", Post,
     "/repositories/{repository}/branches/{branch}/objects/copy", 201, {&DestPath},
     &schemas::ObjectCopyCreation, true},
    {Op::StatObject, "statObject", Get, "/repositories/{repository}/refs/{ref}/objects/stat", 200,
     {&Path, &UserMetadata, &Presign}},
    {Op::UpdateObjectUserMetadata, "updateObjectUserMetadata", Put,
     "/repositories/{repository}/branches/{branch}/objects/stat/user_metadata", 204, {&Path},
     &schemas::UpdateObjectUserMetadata, true},
    {Op::GetUnderlyingProperties, "getUnderlyingProperties", Get,
     "/repositories/{repository}/refs/{ref}/objects/underlyingProperties", 200, {&Path}},
    {Op::ListObjects, "listObjects", Get, "/repositories/{repository}/refs/{ref}/objects/ls", 200,
     {&UserMetadata, &Presign, &After, &Amount, &Delimiter, &Prefix}},
    {Op::CreateSymlinkFile, "createSymlinkFile", Post,
     "/repositories/{repository}/refs/{branch}/symlink", 201, {&Location}},
    {Op::ListRepositoryRuns, "listRepositoryRuns", Get, "/repositories/{repository}/actions/runs",
     200, {&After, &Amount, &Branch, &Commit}},
    {Op::GetRun, "getRun", Get, "/repositories/{repository}/actions/runs/{run_id}", 200},
    {Op::ListRunHooks, "listRunHooks", Get,
     "/repositories/{repository}/actions/runs/{run_id}/hooks", 200, {&After, &Amount}},
    {Op::GetRunHookOutput, "getRunHookOutput", Get,
     "/repositories/{repository}/actions/runs/{run_id}/hooks/{hook_run_id}/output", 200},
    {Op::GetMetadataObject, "getMetadataObject", Get,
     "/repositories/{repository}/metadata/object/{type}/{object_id}", 200, {&Presign}},
    {Op::GetMetaRange, "getMetaRange", Get,
     "/repositories/{repository}/metadata/meta_range/{meta_range}", 200},
    {Op::GetRange, "getRange", Get, "/repositories/{repository}/metadata/range/{range}", 200},
    {Op::SetGarbageCollectionRulesPreflight, "setGarbageCollectionRulesPreflight", Get,
     "/repositories/{repository}/gc/rules/set_allowed", 204},
    {Op::InternalGetGarbageCollectionRules, "internalGetGarbageCollectionRules", Get,
     "/repositories/{repository}/gc/rules", 200},
    {Op::InternalSetGarbageCollectionRules, "internalSetGarbageCollectionRules", Post,
     "/repositories/{repository}/gc/rules", 204, {}, &schemas::GarbageCollectionRules, true},
    {Op::InternalDeleteGarbageCollectionRules, "internalDeleteGarbageCollectionRules", Delete,
     "/repositories/{repository}/gc/rules", 204},
    {Op::PrepareGarbageCollectionCommits, "prepareGarbageCollectionCommits", Post,
     "/repositories/{repository}/gc/prepare_commits", 201},
    {Op::PrepareGarbageCollectionCommitsAsync, "prepareGarbageCollectionCommitsAsync", Post,
     "/repositories/{repository}/gc/prepare_commits/async", 202},
    {Op::PrepareGarbageCollectionCommitsStatus, "prepareGarbageCollectionCommitsStatus", Get,
     "/repositories/{repository}/gc/prepare_commits/status", 200, {&Id}},
    {Op::PrepareGarbageCollectionUncommitted, "prepareGarbageCollectionUncommitted", Post,
     "/repositories/{repository}/gc/prepare_uncommited", 201, {},
     &schemas::PrepareGcUncommittedRequest},
    {Op::CreateBranchProtectionRulePreflight, "createBranchProtectionRulePreflight", Get,
     "/repositories/{repository}/branch_protection/set_allowed", 204},
    {Op::InternalGetBranchProtectionRules, "internalGetBranchProtectionRules", Get,
     "/repositories/{repository}/branch_protection", 200},
    {Op::InternalCreateBranchProtectionRule, "internalCreateBranchProtectionRule", Post,
     "/repositories/{repository}/branch_protection", 204, {}, &schemas::BranchProtectionRule, true},
    {Op::InternalDeleteBranchProtectionRule, "internalDeleteBranchProtectionRule", Delete,
     "/repositories/{repository}/branch_protection", 204, {}, &schemas::BranchProtectionPattern,
     true},
    {Op::ListPullRequests, "listPullRequests", Get, "/repositories/{repository}/pulls", 200,
     {&Prefix, &After, &Amount, &Status}},
    {Op::CreatePullRequest, "createPullRequest", Post, "/repositories/{repository}/pulls", 201, {},
     &schemas::PullRequestCreation, true},
    {Op::GetPullRequest, "getPullRequest", Get, "/repositories/{repository}/pulls/{pull_request}",
     200},
    {Op::UpdatePullRequest, "updatePullRequest", Patch,
     "/repositories/{repository}/pulls/{pull_request}", 204, {}, &schemas::PullRequestBasic, true},
    {Op::MergePullRequest, "mergePullRequest", Put,
     "/repositories/{repository}/pulls/{pull_request}/merge", 200},
    {Op::HealthCheck, "healthCheck", Get, "/healthcheck", 204, {}, nullptr, false, Access::Public},
    {Op::GetConfig, "getConfig", Get, "/config", 200},
    {Op::GetLakeFSVersion, "getLakeFSVersion", Get, "/config/version", 200},
    {Op::GetStorageConfig, "getStorageConfig", Get, "/config/storage", 200},
    {Op::GetGarbageCollectionConfig, "getGarbageCollectionConfig", Get,
     "/config/garbage-collection", 200},
    {Op::PostStatsEvents, "postStatsEvents", Post, "/statistics", 204, {},
     &schemas::StatsEventsList, true},
    {Op::GetUsageReportSummary, "getUsageReportSummary", Get, "/usage-report/summary", 200},
    {Op::OauthCallback, "oauthCallback", Get, "/oidc/callback", 200, {}, nullptr, false,
     Access::Public},
};
// clang-format on

constexpr std::string_view MetadataObjectTypes[] = {"range", "meta_range"};

// The table is indexed by Op.
constexpr bool is_in_order() {
  for (std::size_t i = 0; i < std::size(Table); ++i) {
    if (static_cast<std::size_t>(Table[i].id) != i) return false;
  }
  return true;
}
static_assert(is_in_order());

}  // namespace

std::span<const Operation> operations() { return Table; }

const Operation& operation(Op id) { return Table[static_cast<std::size_t>(id)]; }

Parameter path_parameter(std::string_view name) {
  Parameter parameter{.name = name, .in = In::Path, .is_required = true};
  if (name == "partNumber") {
    parameter.type = Type::Integer;
    parameter.minimum = 1;
    parameter.maximum = 10000;
  }
  if (name == "type") parameter.choices = MetadataObjectTypes;
  return parameter;
}

}  // namespace varve::rest
