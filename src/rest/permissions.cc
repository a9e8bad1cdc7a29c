#include "rest/permissions.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rest/call.h"
#include "rest/json_body.h"
#include "rest/operation.h"
#include "services/auth/authorizer.h"

namespace varve::rest {
namespace {

using Permissions = std::vector<services::Permission>;

// The resources of one call.
class Resources {
 public:
  explicit Resources(const Call& call) : call_(call) {}

  const std::string& name() const { return call_.argument("repository"); }
  std::string repository() const { return services::repository_arn(name()); }
  std::string branch(std::string_view parameter = "branch") const {
    return services::branch_arn(name(), call_.argument(parameter));
  }
  std::string new_branch() const { return services::branch_arn(name(), body("name")); }
  std::string tag() const { return services::tag_arn(name(), call_.argument("tag")); }
  std::string new_tag() const { return services::tag_arn(name(), body("id")); }
  std::string object(std::string_view parameter = "path") const {
    return services::object_arn(name(), call_.argument(parameter));
  }
  std::string object_at(std::string_view path) const { return services::object_arn(name(), path); }
  std::string user() const { return services::user_arn(call_.argument("userId")); }
  std::string group() const { return services::group_arn(call_.argument("groupId")); }
  std::string policy() const { return services::policy_arn(call_.argument("policyId")); }
  std::string acl() const { return services::policy_arn("ACL(_-_)" + call_.argument("groupId")); }
  std::string body(std::string_view member) const { return call_.json().text(member); }
  const Call& call() const { return call_; }

 private:
  const Call& call_;
};

Permissions one(std::string_view action, std::string resource) {
  Permissions out;
  out.emplace_back(action, std::move(resource));
  return out;
}

Permissions all(std::initializer_list<services::Permission> permissions) { return permissions; }

Permissions new_repository(const Resources& at) {
  return all(
      {{"fs:CreateRepository", services::repository_arn(at.body("name"))},
       {"fs:AttachStorageNamespace", services::namespace_arn(at.body("storage_namespace"))}});
}

Permissions copied_part(const Resources& at) {
  const JsonObject source = at.call().json().object("copy_source");
  return all(
      {{"fs:WriteObject", at.object()},
       {"fs:ReadObject", services::object_arn(source.text("repository"), source.text("path"))}});
}

Permissions import(const Resources& at) {
  Permissions out = all({{"fs:WriteObject", at.branch()}, {"fs:CreateCommit", at.branch()}});
  for (const JsonObject& source : at.call().json().objects("paths")) {
    out.emplace_back("fs:ImportFromStorage", services::namespace_arn(source.text("path")));
    out.emplace_back("fs:WriteObject", at.object_at(source.text("destination")));
  }
  return out;
}

Permissions of_identity(const Resources& at, Op op);
Permissions of_repository(const Resources& at, Op op);

// Refs, commits and objects.
Permissions of_content(const Resources& at, Op op) {
  using enum Op;
  switch (op) {
    case ListBranches:
      return one("fs:ListBranches", at.repository());
    case CreateBranch:
      return one("fs:CreateBranch", at.new_branch());
    case GetBranch:
      return one("fs:ReadBranch", at.branch());
    case DeleteBranch:
      return one("fs:DeleteBranch", at.branch());
    case ResetBranch:
    case HardResetBranch:
    case RevertBranch:
      return one("fs:RevertBranch", at.branch());
    case CherryPick:
      return all({{"fs:CreateCommit", at.branch()}, {"fs:ReadCommit", at.repository()}});
    case MergeIntoBranch:
      return one("fs:CreateCommit", at.branch("destinationBranch"));
    case FindMergeBase:
      return one("fs:ListCommits", at.repository());
    case ListTags:
      return one("fs:ListTags", at.repository());
    case CreateTag:
      return one("fs:CreateTag", at.new_tag());
    case GetTag:
      return one("fs:ReadTag", at.tag());
    case DeleteTag:
      return one("fs:DeleteTag", at.tag());
    case Commit:
      return one("fs:CreateCommit", at.branch());
    case CreateCommitRecord:
      return one("fs:CreateCommit", at.repository());
    case GetCommit:
      return one("fs:ReadCommit", at.repository());
    case LogCommits:
      return one("fs:ReadBranch", at.branch("ref"));
    case DiffBranch:
    case DiffRefs:
    case ListObjects:
      return one("fs:ListObjects", at.repository());
    case GetObject:
    case HeadObject:
    case StatObject:
    case GetUnderlyingProperties:
      return one("fs:ReadObject", at.object());
    case UploadObject:
    case UploadObjectPreflight:
    case StageObject:
    case UpdateObjectUserMetadata:
    case GetPhysicalAddress:
    case LinkPhysicalAddress:
    case CreatePresignMultipartUpload:
    case CompletePresignMultipartUpload:
    case AbortPresignMultipartUpload:
    case UploadPart:
      return one("fs:WriteObject", at.object());
    case UploadPartCopy:
      return copied_part(at);
    case CopyObject:
      return all({{"fs:ReadObject", at.object_at(at.body("src_path"))},
                  {"fs:WriteObject", at.object("dest_path")}});
    case DeleteObject:
      return one("fs:DeleteObject", at.object());
    // The branch stands where a path should, as in lakeFS.
    case CreateSymlinkFile:
      return one("fs:WriteObject", at.object("branch"));
    case ImportStart:
      return import(at);
    case ImportStatus:
      return one("fs:ReadBranch", at.branch());
    case ImportCancel:
      return one("fs:ImportCancel", at.branch());
    default:
      return of_repository(at, op);
  }
}

Permissions of_repository(const Resources& at, Op op) {
  using enum Op;
  switch (op) {
    case CreateRepository:
      return new_repository(at);
    case GetRepository:
    case GetRepositoryMetadata:
      return one("fs:ReadRepository", at.repository());
    case DeleteRepository:
      return one("fs:DeleteRepository", at.repository());
    case SetRepositoryMetadata:
    case DeleteRepositoryMetadata:
      return one("fs:UpdateRepository", at.repository());
    case GetGcRules:
    case InternalGetGarbageCollectionRules:
      return one("retention:GetGarbageCollectionRules", at.repository());
    case SetGcRules:
    case DeleteGcRules:
    case InternalSetGarbageCollectionRules:
    case InternalDeleteGarbageCollectionRules:
    case SetGarbageCollectionRulesPreflight:
      return one("retention:SetGarbageCollectionRules", at.repository());
    case GetBranchProtectionRules:
    case InternalGetBranchProtectionRules:
      return one("branches:GetBranchProtectionRules", at.repository());
    case SetBranchProtectionRules:
    case InternalCreateBranchProtectionRule:
    case InternalDeleteBranchProtectionRule:
    case CreateBranchProtectionRulePreflight:
      return one("branches:SetBranchProtectionRules", at.repository());
    case PrepareGarbageCollectionCommits:
    case PrepareGarbageCollectionCommitsAsync:
    case PrepareGarbageCollectionCommitsStatus:
      return one("retention:PrepareGarbageCollectionCommits", at.repository());
    case PrepareGarbageCollectionUncommitted:
      return one("retention:PrepareGarbageCollectionUncommitted", at.repository());
    case DumpRefs:
    case DumpSubmit:
    case DumpStatus:
      return all({{"fs:ListTags", at.repository()},
                  {"fs:ListBranches", at.repository()},
                  {"fs:ListCommits", at.repository()}});
    case RestoreRefs:
    case RestoreSubmit:
    case RestoreStatus:
      return all({{"fs:CreateTag", at.repository()},
                  {"fs:CreateBranch", at.repository()},
                  {"fs:CreateCommit", at.repository()}});
    case GetMetaRange:
    case GetRange:
    case GetMetadataObject:
      return all({{"fs:ListObjects", at.repository()}, {"fs:ReadRepository", at.repository()}});
    case ListPullRequests:
      return one("pr:ListPullRequests", at.repository());
    case GetPullRequest:
      return one("pr:ReadPullRequest", at.repository());
    // Merging also needs fs:CreateCommit on a destination that only the request itself names.
    case CreatePullRequest:
    case UpdatePullRequest:
    case MergePullRequest:
      return one("pr:WritePullRequest", at.repository());
    case ListRepositoryRuns:
    case GetRun:
    case ListRunHooks:
    case GetRunHookOutput:
      return one("ci:ReadAction", at.repository());
    default:
      return of_identity(at, op);
  }
}

Permissions of_identity(const Resources& at, Op op) {
  using enum Op;
  switch (op) {
    case ListUsers:
      return one("auth:ListUsers", "*");
    case CreateUser:
      return one("auth:CreateUser", services::user_arn(at.body("id")));
    case GetUser:
    case ListUserGroups:
    case ListUserPolicies:
    case ListUserExternalPrincipals:
      return one("auth:ReadUser", at.user());
    case DeleteUser:
      return one("auth:DeleteUser", at.user());
    case ListUserCredentials:
      return one("auth:ListCredentials", at.user());
    case CreateCredentials:
      return one("auth:CreateCredentials", at.user());
    case GetCredentials:
      return one("auth:ReadCredentials", at.user());
    case DeleteCredentials:
      return one("auth:DeleteCredentials", at.user());
    case AttachPolicyToUser:
      return one("auth:AttachPolicy", at.user());
    case DetachPolicyFromUser:
      return one("auth:DetachPolicy", at.user());
    case ListGroups:
      return one("auth:ListGroups", "*");
    case CreateGroup:
      return one("auth:CreateGroup", services::group_arn(at.body("id")));
    case GetGroup:
    case ListGroupMembers:
    case ListGroupPolicies:
      return one("auth:ReadGroup", at.group());
    case DeleteGroup:
      return one("auth:DeleteGroup", at.group());
    case AddGroupMembership:
      return one("auth:AddGroupMember", at.group());
    case DeleteGroupMembership:
      return one("auth:RemoveGroupMember", at.group());
    case AttachPolicyToGroup:
      return one("auth:AttachPolicy", at.group());
    case DetachPolicyFromGroup:
      return one("auth:DetachPolicy", at.group());
    case GetGroupAcl:
      return all({{"auth:ReadGroup", at.group()}, {"auth:ReadPolicy", at.acl()}});
    case SetGroupAcl:
      return all({{"auth:ReadGroup", at.group()},
                  {"auth:AttachPolicy", at.acl()},
                  {"auth:UpdatePolicy", at.acl()}});
    case ListPolicies:
      return one("auth:ListPolicies", "*");
    case CreatePolicy:
      return one("auth:CreatePolicy", services::policy_arn(at.body("id")));
    case GetPolicy:
      return one("auth:ReadPolicy", at.policy());
    case UpdatePolicy:
      return one("auth:UpdatePolicy", at.policy());
    case DeletePolicy:
      return one("auth:DeletePolicy", at.policy());
    case CreateUserExternalPrincipal:
      return one("auth:CreateUserExternalPrincipal", at.user());
    case DeleteUserExternalPrincipal:
      return one("auth:DeleteUserExternalPrincipal", at.user());
    case GetExternalPrincipal:
      return one("auth:ReadExternalPrincipal",
                 services::external_principal_arn(at.call().argument("principalId")));
    case GetStorageConfig:
      return one("fs:ReadConfig", "*");
    default:
      return {};  // any known user
  }
}

}  // namespace

std::vector<services::Permission> permissions_of(const Call& call) {
  return of_content(Resources(call), call.operation.id);
}

}  // namespace varve::rest
