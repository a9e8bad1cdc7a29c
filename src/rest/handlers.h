// The handlers, one for each operation that is built, by the file they live in. Each owns its call
// and answers with a response or an Error; dispatch.cc knows which operation is whose.
#pragma once

#include "base/task.h"
#include "rest/call.h"
#include "rest/response.h"

namespace varve::rest {

// The handler of the call's operation. Operations that are not built answer Unsupported, naming
// themselves.
base::Task<Answer> dispatch(CallPtr call);

// setup.cc
base::Task<Answer> get_setup_state(CallPtr call);
base::Task<Answer> set_up(CallPtr call);
base::Task<Answer> set_up_comm_prefs(CallPtr call);

// login.cc
base::Task<Answer> login(CallPtr call);
base::Task<Answer> get_auth_capabilities(CallPtr call);
base::Task<Answer> get_current_user(CallPtr call);
base::Task<Answer> oauth_callback(CallPtr call);
base::Task<Answer> unsupported(CallPtr call);  // 501 "Not Implemented"

// users.cc
base::Task<Answer> list_users(CallPtr call);
base::Task<Answer> create_user(CallPtr call);
base::Task<Answer> get_user(CallPtr call);
base::Task<Answer> erase_user(CallPtr call);
base::Task<Answer> create_credentials(CallPtr call);
base::Task<Answer> get_credentials(CallPtr call);

// groups.cc: checks that come before the 501 of RBAC mode `none`
base::Task<Answer> create_group(CallPtr call);
base::Task<Answer> set_group_acl(CallPtr call);
base::Task<Answer> create_policy(CallPtr call);
base::Task<Answer> update_policy(CallPtr call);

// config.cc
base::Task<Answer> health_check(CallPtr call);
base::Task<Answer> get_config(CallPtr call);
base::Task<Answer> get_storage_config(CallPtr call);
base::Task<Answer> get_version(CallPtr call);
base::Task<Answer> get_gc_config(CallPtr call);
base::Task<Answer> post_stats_events(CallPtr call);

// repositories.cc
base::Task<Answer> list_repositories(CallPtr call);
base::Task<Answer> create_repository(CallPtr call);
base::Task<Answer> get_repository(CallPtr call);
base::Task<Answer> erase_repository(CallPtr call);
base::Task<Answer> get_repository_metadata(CallPtr call);
base::Task<Answer> set_repository_metadata(CallPtr call);
base::Task<Answer> erase_repository_metadata(CallPtr call);

// branches.cc
base::Task<Answer> list_branches(CallPtr call);
base::Task<Answer> create_branch(CallPtr call);
base::Task<Answer> get_branch(CallPtr call);
base::Task<Answer> erase_branch(CallPtr call);
base::Task<Answer> reset_branch(CallPtr call);
base::Task<Answer> hard_reset_branch(CallPtr call);

// tags.cc
base::Task<Answer> list_tags(CallPtr call);
base::Task<Answer> create_tag(CallPtr call);
base::Task<Answer> get_tag(CallPtr call);
base::Task<Answer> erase_tag(CallPtr call);

// commits.cc
base::Task<Answer> commit(CallPtr call);
base::Task<Answer> get_commit(CallPtr call);
base::Task<Answer> create_commit_record(CallPtr call);
base::Task<Answer> log_commits(CallPtr call);

// diff.cc
base::Task<Answer> diff_branch(CallPtr call);
base::Task<Answer> diff_refs(CallPtr call);

// merge.cc
base::Task<Answer> merge_into_branch(CallPtr call);
base::Task<Answer> find_merge_base(CallPtr call);
base::Task<Answer> revert_branch(CallPtr call);
base::Task<Answer> cherry_pick(CallPtr call);

// objects.cc
base::Task<Answer> list_objects(CallPtr call);
base::Task<Answer> stat_object(CallPtr call);
base::Task<Answer> get_underlying_properties(CallPtr call);
base::Task<Answer> update_user_metadata(CallPtr call);
base::Task<Answer> copy_object(CallPtr call);

// content.cc
base::Task<Answer> get_object(CallPtr call);
base::Task<Answer> head_object(CallPtr call);

// upload.cc
base::Task<Answer> upload_object(CallPtr call);
base::Task<Answer> permitted(CallPtr call);  // 204: whoever got this far may

// erase.cc
base::Task<Answer> erase_object(CallPtr call);
base::Task<Answer> erase_objects(CallPtr call);

// staging.cc
base::Task<Answer> stage_object(CallPtr call);
base::Task<Answer> get_physical_address(CallPtr call);
base::Task<Answer> link_physical_address(CallPtr call);

// multipart.cc
base::Task<Answer> presigned_multipart(CallPtr call);
base::Task<Answer> presigned_part(CallPtr call);

// protection.cc
base::Task<Answer> get_protection_rules(CallPtr call);
base::Task<Answer> set_protection_rules(CallPtr call);
base::Task<Answer> add_protection_rule(CallPtr call);
base::Task<Answer> erase_protection_rule(CallPtr call);

// dump.cc
base::Task<Answer> dump_refs(CallPtr call);
base::Task<Answer> restore_refs(CallPtr call);
base::Task<Answer> submit_dump(CallPtr call);
base::Task<Answer> get_dump_status(CallPtr call);
base::Task<Answer> submit_restore(CallPtr call);
base::Task<Answer> get_restore_status(CallPtr call);

// imports.cc
base::Task<Answer> start_import(CallPtr call);
base::Task<Answer> get_import_status(CallPtr call);
base::Task<Answer> cancel_import(CallPtr call);

// metadata.cc
base::Task<Answer> get_meta_range(CallPtr call);
base::Task<Answer> get_range(CallPtr call);
base::Task<Answer> get_metadata_object(CallPtr call);

}  // namespace varve::rest
