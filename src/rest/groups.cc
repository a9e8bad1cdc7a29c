// Groups, policies and ACLs are not part of RBAC mode `none`; what is checked before that is said.
// rest-semantics.md 5.1.
#include <string>
#include <utility>

#include "base/result.h"
#include "base/task.h"
#include "rest/call.h"
#include "rest/errors.h"
#include "rest/handlers.h"
#include "rest/response.h"

namespace varve::rest {

base::Task<Answer> create_group(CallPtr call) { return unsupported(std::move(call)); }
base::Task<Answer> create_policy(CallPtr call) { return unsupported(std::move(call)); }

base::Task<Answer> update_policy(CallPtr call) {
  if (call->json().text("id") != call->argument("policyId")) {
    co_return base::Error(base::Code::InvalidArgument, "can't update policy id");
  }
  co_return not_implemented();
}

base::Task<Answer> set_group_acl(CallPtr call) {
  const std::string permission = call->json().text("permission");
  for (const char* known : {"Read", "Write", "Super", "Admin"}) {
    if (permission == known) co_return not_implemented();
  }
  co_return base::Error(base::Code::InvalidArgument,
                        call->argument("groupId") + ": translate ACL {Permission:" + permission +
                            "} to statements: validation error: Bad ACL permission \"" +
                            permission + "\"");
}

}  // namespace varve::rest
