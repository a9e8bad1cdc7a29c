// May somebody do something? The seam for policies: front ends name the permissions an operation
// needs, an Authorizer says yes or why not.  [I-12]
//
// Any thread may call.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "services/auth/principal.h"

namespace varve::services {

// One action on one resource: {"fs:ReadObject", "arn:lakefs:fs:::repository/x/object/a/b"}.
struct Permission {
  Permission(std::string_view a, std::string r) : action(a), resource(std::move(r)) {}
  std::string_view action;  // a literal
  std::string resource;
};

// Resource names (auth.md 4).
std::string repository_arn(std::string_view repository);
std::string object_arn(std::string_view repository, std::string_view path);
std::string branch_arn(std::string_view repository, std::string_view branch);
std::string tag_arn(std::string_view repository, std::string_view tag);
std::string namespace_arn(std::string_view storage_namespace);
std::string user_arn(std::string_view name);
std::string group_arn(std::string_view name);
std::string policy_arn(std::string_view name);
std::string external_principal_arn(std::string_view id);

class Authorizer {
 public:
  virtual ~Authorizer() = default;

  // True if allow() says yes to every known user whatever is asked. Callers may then save
  // themselves the making of a permission list.
  virtual bool allows_everything() const = 0;

  // Whether `principal` holds all of `permissions`.
  //   PermissionDenied  "insufficient permissions: not allowed to fs:CreateBranch"
  virtual base::Task<base::Result<void>> allow(base::Context context, UserRef principal,
                                               std::vector<Permission> permissions) = 0;
};

// RBAC mode `none`: whoever is known may do everything (auth.md 7.1).
class AllowKnownUsers final : public Authorizer {
 public:
  bool allows_everything() const override { return true; }
  base::Task<base::Result<void>> allow(base::Context context, UserRef principal,
                                       std::vector<Permission> permissions) override;
};

}  // namespace varve::services
