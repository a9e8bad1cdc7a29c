#include <string>
#include <utility>

#include "base/result.h"
#include "base/task.h"
#include "rest/call.h"
#include "rest/handlers.h"
#include "rest/operation.h"
#include "rest/response.h"

namespace varve::rest {
namespace {

using Handler = base::Task<Answer> (*)(CallPtr call);

base::Task<Answer> not_built(CallPtr call) {
  co_return base::Error(base::Code::Unsupported,
                        std::string(call->operation.name) + ": Not Implemented");
}

Handler auth_handler(Op op) {
  switch (op) {
    case Op::SetupCommPrefs:
      return set_up_comm_prefs;
    case Op::GetSetupState:
      return get_setup_state;
    case Op::Setup:
      return set_up;
    case Op::GetCurrentUser:
      return get_current_user;
    case Op::Login:
      return login;
    case Op::GetAuthCapabilities:
      return get_auth_capabilities;
    case Op::OauthCallback:
      return oauth_callback;
    case Op::ListUsers:
      return list_users;
    case Op::CreateUser:
      return create_user;
    case Op::GetUser:
      return get_user;
    case Op::DeleteUser:
      return erase_user;
    case Op::CreateCredentials:
      return create_credentials;
    case Op::GetCredentials:
      return get_credentials;
    case Op::CreateGroup:
      return create_group;
    case Op::SetGroupAcl:
      return set_group_acl;
    case Op::CreatePolicy:
      return create_policy;
    case Op::UpdatePolicy:
      return update_policy;
    default:
      return unsupported;  // what RBAC mode `none` does not have (rest-semantics.md 5.1)
  }
}

Handler ref_handler(Op op) {
  switch (op) {
    case Op::ListTags:
      return list_tags;
    case Op::CreateTag:
      return create_tag;
    case Op::GetTag:
      return get_tag;
    case Op::DeleteTag:
      return erase_tag;
    case Op::ListBranches:
      return list_branches;
    case Op::CreateBranch:
      return create_branch;
    case Op::GetBranch:
      return get_branch;
    case Op::DeleteBranch:
      return erase_branch;
    case Op::ResetBranch:
      return reset_branch;
    case Op::HardResetBranch:
      return hard_reset_branch;
    case Op::LogCommits:
      return log_commits;
    case Op::Commit:
      return commit;
    case Op::CreateCommitRecord:
      return create_commit_record;
    case Op::GetCommit:
      return get_commit;
    case Op::RevertBranch:
      return revert_branch;
    case Op::CherryPick:
      return cherry_pick;
    case Op::FindMergeBase:
      return find_merge_base;
    case Op::MergeIntoBranch:
      return merge_into_branch;
    case Op::DiffBranch:
      return diff_branch;
    case Op::DiffRefs:
      return diff_refs;
    default:
      return nullptr;
  }
}

Handler object_handler(Op op) {
  switch (op) {
    case Op::GetObject:
      return get_object;
    case Op::HeadObject:
      return head_object;
    case Op::UploadObject:
      return upload_object;
    case Op::UploadObjectPreflight:
      return permitted;
    case Op::StageObject:
      return stage_object;
    case Op::GetPhysicalAddress:
      return get_physical_address;
    case Op::LinkPhysicalAddress:
      return link_physical_address;
    case Op::CreatePresignMultipartUpload:
    case Op::CompletePresignMultipartUpload:
    case Op::AbortPresignMultipartUpload:
      return presigned_multipart;
    case Op::UploadPart:
    case Op::UploadPartCopy:
      return presigned_part;
    case Op::DeleteObject:
      return erase_object;
    case Op::DeleteObjects:
      return erase_objects;
    case Op::CopyObject:
      return copy_object;
    case Op::StatObject:
      return stat_object;
    case Op::UpdateObjectUserMetadata:
      return update_user_metadata;
    case Op::GetUnderlyingProperties:
      return get_underlying_properties;
    case Op::ListObjects:
      return list_objects;
    default:
      return nullptr;
  }
}

Handler repository_handler(Op op) {
  switch (op) {
    case Op::ListRepositories:
      return list_repositories;
    case Op::CreateRepository:
      return create_repository;
    case Op::GetRepository:
      return get_repository;
    case Op::DeleteRepository:
      return erase_repository;
    case Op::GetRepositoryMetadata:
      return get_repository_metadata;
    case Op::SetRepositoryMetadata:
      return set_repository_metadata;
    case Op::DeleteRepositoryMetadata:
      return erase_repository_metadata;
    case Op::GetBranchProtectionRules:
    case Op::InternalGetBranchProtectionRules:
      return get_protection_rules;
    case Op::SetBranchProtectionRules:
      return set_protection_rules;
    case Op::InternalCreateBranchProtectionRule:
      return add_protection_rule;
    case Op::InternalDeleteBranchProtectionRule:
      return erase_protection_rule;
    case Op::CreateBranchProtectionRulePreflight:
    case Op::SetGarbageCollectionRulesPreflight:
      return permitted;
    case Op::DumpRefs:
      return dump_refs;
    case Op::RestoreRefs:
      return restore_refs;
    case Op::GetMetaRange:
      return get_meta_range;
    case Op::GetRange:
      return get_range;
    case Op::GetMetadataObject:
      return get_metadata_object;
    default:
      return nullptr;
  }
}

Handler system_handler(Op op) {
  switch (op) {
    case Op::HealthCheck:
      return health_check;
    case Op::GetConfig:
      return get_config;
    case Op::GetStorageConfig:
      return get_storage_config;
    case Op::GetLakeFSVersion:
      return get_version;
    case Op::GetGarbageCollectionConfig:
      return get_gc_config;
    case Op::PostStatsEvents:
      return post_stats_events;
    default:
      return nullptr;
  }
}

// What runs in the background; dumpRefs and restoreRefs are the two that do not.
Handler job_handler(Op op) {
  switch (op) {
    case Op::DumpSubmit:
      return submit_dump;
    case Op::DumpStatus:
      return get_dump_status;
    case Op::RestoreSubmit:
      return submit_restore;
    case Op::RestoreStatus:
      return get_restore_status;
    case Op::ImportStart:
      return start_import;
    case Op::ImportStatus:
      return get_import_status;
    case Op::ImportCancel:
      return cancel_import;
    default:
      return nullptr;
  }
}

Handler handler_of(Op op, bool has_jobs) {
  if (op <= Op::SetGroupAcl || op == Op::OauthCallback) return auth_handler(op);
  for (const auto family : {object_handler, ref_handler, repository_handler, system_handler}) {
    if (const Handler handler = family(op)) return handler;
  }
  if (const Handler handler = job_handler(op); handler != nullptr && has_jobs) return handler;
  return not_built;
}

}  // namespace

base::Task<Answer> dispatch(CallPtr call) {
  const Handler handler = handler_of(call->operation.id, call->services.jobs != nullptr);
  return handler(std::move(call));
}

}  // namespace varve::rest
