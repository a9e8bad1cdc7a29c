#include "rest/permissions.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rest/call.h"
#include "rest/json_body.h"
#include "rest/operation.h"
#include "services/auth/authorizer.h"

namespace varve::rest {
namespace {

// What a permission is about, taken from the call.
enum class On : std::uint8_t {
  Everything,
  Repository,
  NewRepository,
  NewNamespace,
  Branch,
  NewBranch,
  DestinationBranch,
  RefAsBranch,  // the raw text of a ref, as lakeFS has it
  Tag,
  NewTag,
  Object,
  DestinationObject,
  SourceObject,
  BranchAsObject,  // the branch where a path should be, as lakeFS has it
  User,
  NewUser,
  Group,
  NewGroup,
  Policy,
  NewPolicy,
  AclPolicy,
  ExternalPrincipal,
};

struct Rule {
  Op op;
  std::string_view action;
  On on;
};

// An operation needs all of its rows; one without rows is open to any known user. importStart and
// uploadPartCopy need more, which depends on their bodies. mergePullRequest also needs
// fs:CreateCommit on a branch that only the request itself names: its handler's business.
constexpr Rule Rules[] = {
    {Op::CreateRepository, "fs:CreateRepository", On::NewRepository},
    {Op::CreateRepository, "fs:AttachStorageNamespace", On::NewNamespace},
    {Op::GetRepository, "fs:ReadRepository", On::Repository},
    {Op::GetRepositoryMetadata, "fs:ReadRepository", On::Repository},
    {Op::DeleteRepository, "fs:DeleteRepository", On::Repository},
    {Op::SetRepositoryMetadata, "fs:UpdateRepository", On::Repository},
    {Op::DeleteRepositoryMetadata, "fs:UpdateRepository", On::Repository},
    {Op::GetGcRules, "retention:GetGarbageCollectionRules", On::Repository},
    {Op::InternalGetGarbageCollectionRules, "retention:GetGarbageCollectionRules", On::Repository},
    {Op::SetGcRules, "retention:SetGarbageCollectionRules", On::Repository},
    {Op::DeleteGcRules, "retention:SetGarbageCollectionRules", On::Repository},
    {Op::InternalSetGarbageCollectionRules, "retention:SetGarbageCollectionRules", On::Repository},
    {Op::InternalDeleteGarbageCollectionRules, "retention:SetGarbageCollectionRules",
     On::Repository},
    {Op::SetGarbageCollectionRulesPreflight, "retention:SetGarbageCollectionRules", On::Repository},
    {Op::GetBranchProtectionRules, "branches:GetBranchProtectionRules", On::Repository},
    {Op::InternalGetBranchProtectionRules, "branches:GetBranchProtectionRules", On::Repository},
    {Op::SetBranchProtectionRules, "branches:SetBranchProtectionRules", On::Repository},
    {Op::InternalCreateBranchProtectionRule, "branches:SetBranchProtectionRules", On::Repository},
    {Op::InternalDeleteBranchProtectionRule, "branches:SetBranchProtectionRules", On::Repository},
    {Op::CreateBranchProtectionRulePreflight, "branches:SetBranchProtectionRules", On::Repository},
    {Op::PrepareGarbageCollectionCommits, "retention:PrepareGarbageCollectionCommits",
     On::Repository},
    {Op::PrepareGarbageCollectionCommitsAsync, "retention:PrepareGarbageCollectionCommits",
     On::Repository},
    {Op::PrepareGarbageCollectionCommitsStatus, "retention:PrepareGarbageCollectionCommits",
     On::Repository},
    {Op::PrepareGarbageCollectionUncommitted, "retention:PrepareGarbageCollectionUncommitted",
     On::Repository},
    {Op::DumpRefs, "fs:ListTags", On::Repository},
    {Op::DumpRefs, "fs:ListBranches", On::Repository},
    {Op::DumpRefs, "fs:ListCommits", On::Repository},
    {Op::DumpSubmit, "fs:ListTags", On::Repository},
    {Op::DumpSubmit, "fs:ListBranches", On::Repository},
    {Op::DumpSubmit, "fs:ListCommits", On::Repository},
    {Op::DumpStatus, "fs:ListTags", On::Repository},
    {Op::DumpStatus, "fs:ListBranches", On::Repository},
    {Op::DumpStatus, "fs:ListCommits", On::Repository},
    {Op::RestoreRefs, "fs:CreateTag", On::Repository},
    {Op::RestoreRefs, "fs:CreateBranch", On::Repository},
    {Op::RestoreRefs, "fs:CreateCommit", On::Repository},
    {Op::RestoreSubmit, "fs:CreateTag", On::Repository},
    {Op::RestoreSubmit, "fs:CreateBranch", On::Repository},
    {Op::RestoreSubmit, "fs:CreateCommit", On::Repository},
    {Op::RestoreStatus, "fs:CreateTag", On::Repository},
    {Op::RestoreStatus, "fs:CreateBranch", On::Repository},
    {Op::RestoreStatus, "fs:CreateCommit", On::Repository},
    {Op::GetMetaRange, "fs:ListObjects", On::Repository},
    {Op::GetMetaRange, "fs:ReadRepository", On::Repository},
    {Op::GetRange, "fs:ListObjects", On::Repository},
    {Op::GetRange, "fs:ReadRepository", On::Repository},
    {Op::GetMetadataObject, "fs:ListObjects", On::Repository},
    {Op::GetMetadataObject, "fs:ReadRepository", On::Repository},
    {Op::ListBranches, "fs:ListBranches", On::Repository},
    {Op::CreateBranch, "fs:CreateBranch", On::NewBranch},
    {Op::GetBranch, "fs:ReadBranch", On::Branch},
    {Op::DeleteBranch, "fs:DeleteBranch", On::Branch},
    {Op::ResetBranch, "fs:RevertBranch", On::Branch},
    {Op::HardResetBranch, "fs:RevertBranch", On::Branch},
    {Op::RevertBranch, "fs:RevertBranch", On::Branch},
    {Op::CherryPick, "fs:CreateCommit", On::Branch},
    {Op::CherryPick, "fs:ReadCommit", On::Repository},
    {Op::MergeIntoBranch, "fs:CreateCommit", On::DestinationBranch},
    {Op::FindMergeBase, "fs:ListCommits", On::Repository},
    {Op::ListTags, "fs:ListTags", On::Repository},
    {Op::CreateTag, "fs:CreateTag", On::NewTag},
    {Op::GetTag, "fs:ReadTag", On::Tag},
    {Op::DeleteTag, "fs:DeleteTag", On::Tag},
    {Op::Commit, "fs:CreateCommit", On::Branch},
    {Op::CreateCommitRecord, "fs:CreateCommit", On::Repository},
    {Op::GetCommit, "fs:ReadCommit", On::Repository},
    {Op::LogCommits, "fs:ReadBranch", On::RefAsBranch},
    {Op::DiffBranch, "fs:ListObjects", On::Repository},
    {Op::DiffRefs, "fs:ListObjects", On::Repository},
    {Op::ListObjects, "fs:ListObjects", On::Repository},
    {Op::GetObject, "fs:ReadObject", On::Object},
    {Op::HeadObject, "fs:ReadObject", On::Object},
    {Op::StatObject, "fs:ReadObject", On::Object},
    {Op::GetUnderlyingProperties, "fs:ReadObject", On::Object},
    {Op::UploadObject, "fs:WriteObject", On::Object},
    {Op::UploadObjectPreflight, "fs:WriteObject", On::Object},
    {Op::StageObject, "fs:WriteObject", On::Object},
    {Op::UpdateObjectUserMetadata, "fs:WriteObject", On::Object},
    {Op::GetPhysicalAddress, "fs:WriteObject", On::Object},
    {Op::LinkPhysicalAddress, "fs:WriteObject", On::Object},
    {Op::CreatePresignMultipartUpload, "fs:WriteObject", On::Object},
    {Op::CompletePresignMultipartUpload, "fs:WriteObject", On::Object},
    {Op::AbortPresignMultipartUpload, "fs:WriteObject", On::Object},
    {Op::UploadPart, "fs:WriteObject", On::Object},
    {Op::UploadPartCopy, "fs:WriteObject", On::Object},
    {Op::CopyObject, "fs:ReadObject", On::SourceObject},
    {Op::CopyObject, "fs:WriteObject", On::DestinationObject},
    {Op::DeleteObject, "fs:DeleteObject", On::Object},
    {Op::CreateSymlinkFile, "fs:WriteObject", On::BranchAsObject},
    {Op::ImportStart, "fs:WriteObject", On::Branch},
    {Op::ImportStart, "fs:CreateCommit", On::Branch},
    {Op::ImportStatus, "fs:ReadBranch", On::Branch},
    {Op::ImportCancel, "fs:ImportCancel", On::Branch},
    {Op::ListPullRequests, "pr:ListPullRequests", On::Repository},
    {Op::GetPullRequest, "pr:ReadPullRequest", On::Repository},
    {Op::CreatePullRequest, "pr:WritePullRequest", On::Repository},
    {Op::UpdatePullRequest, "pr:WritePullRequest", On::Repository},
    {Op::MergePullRequest, "pr:WritePullRequest", On::Repository},
    {Op::ListRepositoryRuns, "ci:ReadAction", On::Repository},
    {Op::GetRun, "ci:ReadAction", On::Repository},
    {Op::ListRunHooks, "ci:ReadAction", On::Repository},
    {Op::GetRunHookOutput, "ci:ReadAction", On::Repository},
    {Op::GetStorageConfig, "fs:ReadConfig", On::Everything},
    {Op::ListUsers, "auth:ListUsers", On::Everything},
    {Op::CreateUser, "auth:CreateUser", On::NewUser},
    {Op::GetUser, "auth:ReadUser", On::User},
    {Op::ListUserGroups, "auth:ReadUser", On::User},
    {Op::ListUserPolicies, "auth:ReadUser", On::User},
    {Op::ListUserExternalPrincipals, "auth:ReadUser", On::User},
    {Op::DeleteUser, "auth:DeleteUser", On::User},
    {Op::ListUserCredentials, "auth:ListCredentials", On::User},
    {Op::CreateCredentials, "auth:CreateCredentials", On::User},
    {Op::GetCredentials, "auth:ReadCredentials", On::User},
    {Op::DeleteCredentials, "auth:DeleteCredentials", On::User},
    {Op::AttachPolicyToUser, "auth:AttachPolicy", On::User},
    {Op::DetachPolicyFromUser, "auth:DetachPolicy", On::User},
    {Op::ListGroups, "auth:ListGroups", On::Everything},
    {Op::CreateGroup, "auth:CreateGroup", On::NewGroup},
    {Op::GetGroup, "auth:ReadGroup", On::Group},
    {Op::ListGroupMembers, "auth:ReadGroup", On::Group},
    {Op::ListGroupPolicies, "auth:ReadGroup", On::Group},
    {Op::DeleteGroup, "auth:DeleteGroup", On::Group},
    {Op::AddGroupMembership, "auth:AddGroupMember", On::Group},
    {Op::DeleteGroupMembership, "auth:RemoveGroupMember", On::Group},
    {Op::AttachPolicyToGroup, "auth:AttachPolicy", On::Group},
    {Op::DetachPolicyFromGroup, "auth:DetachPolicy", On::Group},
    {Op::GetGroupAcl, "auth:ReadGroup", On::Group},
    {Op::GetGroupAcl, "auth:ReadPolicy", On::AclPolicy},
    {Op::SetGroupAcl, "auth:ReadGroup", On::Group},
    {Op::SetGroupAcl, "auth:AttachPolicy", On::AclPolicy},
    {Op::SetGroupAcl, "auth:UpdatePolicy", On::AclPolicy},
    {Op::ListPolicies, "auth:ListPolicies", On::Everything},
    {Op::CreatePolicy, "auth:CreatePolicy", On::NewPolicy},
    {Op::GetPolicy, "auth:ReadPolicy", On::Policy},
    {Op::UpdatePolicy, "auth:UpdatePolicy", On::Policy},
    {Op::DeletePolicy, "auth:DeletePolicy", On::Policy},
    {Op::CreateUserExternalPrincipal, "auth:CreateUserExternalPrincipal", On::User},
    {Op::DeleteUserExternalPrincipal, "auth:DeleteUserExternalPrincipal", On::User},
    {Op::GetExternalPrincipal, "auth:ReadExternalPrincipal", On::ExternalPrincipal},
};

std::string resource_of(const Call& call, On on) {
  const auto repository = [&call]() -> const std::string& { return call.argument("repository"); };
  const auto in_body = [&call](std::string_view member) { return call.json().text(member); };
  switch (on) {
    case On::Everything:
      return "*";
    case On::Repository:
      return services::repository_arn(repository());
    case On::NewRepository:
      return services::repository_arn(in_body("name"));
    case On::NewNamespace:
      return services::namespace_arn(in_body("storage_namespace"));
    case On::Branch:
      return services::branch_arn(repository(), call.argument("branch"));
    case On::NewBranch:
      return services::branch_arn(repository(), in_body("name"));
    case On::DestinationBranch:
      return services::branch_arn(repository(), call.argument("destinationBranch"));
    case On::RefAsBranch:
      return services::branch_arn(repository(), call.argument("ref"));
    case On::Tag:
      return services::tag_arn(repository(), call.argument("tag"));
    case On::NewTag:
      return services::tag_arn(repository(), in_body("id"));
    case On::Object:
      return services::object_arn(repository(), call.argument("path"));
    case On::DestinationObject:
      return services::object_arn(repository(), call.argument("dest_path"));
    case On::SourceObject:
      return services::object_arn(repository(), in_body("src_path"));
    case On::BranchAsObject:
      return services::object_arn(repository(), call.argument("branch"));
    case On::User:
      return services::user_arn(call.argument("userId"));
    case On::NewUser:
      return services::user_arn(in_body("id"));
    case On::Group:
      return services::group_arn(call.argument("groupId"));
    case On::NewGroup:
      return services::group_arn(in_body("id"));
    case On::Policy:
      return services::policy_arn(call.argument("policyId"));
    case On::NewPolicy:
      return services::policy_arn(in_body("id"));
    case On::AclPolicy:
      return services::policy_arn("ACL(_-_)" + call.argument("groupId"));
    case On::ExternalPrincipal:
      return services::external_principal_arn(call.argument("principalId"));
  }
  return {};
}

void add_import_sources(const Call& call, std::vector<services::Permission>& out) {
  for (const JsonObject& source : call.json().objects("paths")) {
    out.emplace_back("fs:ImportFromStorage", services::namespace_arn(source.text("path")));
    out.emplace_back("fs:WriteObject",
                     services::object_arn(call.argument("repository"), source.text("destination")));
  }
}

void add_copied_object(const Call& call, std::vector<services::Permission>& out) {
  const JsonObject source = call.json().object("copy_source");
  out.emplace_back("fs:ReadObject",
                   services::object_arn(source.text("repository"), source.text("path")));
}

}  // namespace

std::vector<services::Permission> permissions_of(const Call& call) {
  std::vector<services::Permission> out;
  const Op op = call.operation.id;
  for (const Rule& rule : Rules) {
    if (rule.op == op) out.emplace_back(rule.action, resource_of(call, rule.on));
  }
  if (op == Op::ImportStart) add_import_sources(call, out);
  if (op == Op::UploadPartCopy) add_copied_object(call, out);
  return out;
}

}  // namespace varve::rest
