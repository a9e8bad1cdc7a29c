// deleteObject and deleteObjects. rest-semantics.md 16.7, with the repairs of its section 30: an
// empty path is skipped, a path that cannot be fails alone, a missing branch is 404.
//
// `no_tombstone` changes nothing that can be seen, and the engine writes a tombstone only where
// there is something to hide.
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/engine.h"
#include "engine/objects/objects.h"
#include "engine/refs/refs.h"
#include "http/message.h"
#include "model/ids.h"
#include "model/limits.h"
#include "rest/call.h"
#include "rest/errors.h"
#include "rest/handlers.h"
#include "rest/json_body.h"
#include "rest/json_writer.h"
#include "rest/response.h"
#include "services/auth/authorizer.h"

namespace varve::rest {
namespace {

struct Failure {
  std::string path;
  int status = 500;
  std::string message;
};

Failure failure_of(std::string path, const base::Error& error) {
  return {std::move(path), status_of(error), message_of(error)};
}

http::Response failures_response(const std::vector<Failure>& failures) {
  base::Bytes body;
  JsonWriter json(body);
  json.begin_object();
  json.key("errors");
  json.begin_list();
  for (const Failure& failure : failures) {
    json.begin_object();
    json.field("path", std::string_view(failure.path));
    json.field("status_code", failure.status);
    json.field("message", std::string_view(failure.message));
    json.end_object();
  }
  json.end_list();
  json.end_object();
  return json_response(std::move(body));
}

// Moves to `failures` what the caller may not delete.  [I-12]
base::Task<base::Result<std::vector<std::string>>> permitted_paths(const Call* call,
                                                                   std::vector<std::string> paths,
                                                                   std::vector<Failure>* failures) {
  services::Authorizer& authorizer = call->services.authorizer;
  if (authorizer.allows_everything()) co_return paths;
  std::vector<std::string> allowed;
  for (std::string& path : paths) {
    std::vector<services::Permission> needed;
    needed.emplace_back("fs:DeleteObject",
                        services::object_arn(call->argument("repository"), path));
    auto verdict = co_await authorizer.allow(call->context(), call->principal, std::move(needed));
    if (verdict) {
      allowed.push_back(std::move(path));
    } else if (verdict.error().code() == base::Code::PermissionDenied) {
      failures->push_back({std::move(path), 401, "Unauthorized"});
    } else {
      co_return std::move(verdict).error();
    }
  }
  co_return allowed;
}

}  // namespace

base::Task<Answer> erase_object(CallPtr call) {
  VARVE_CO_TRY(model::BranchId branch, branch_id(call->argument("branch"), "branch"));
  VARVE_CO_TRY(model::ObjectPath path, object_path(call->argument("path")));
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  VARVE_CO_CHECK(co_await call->engine().objects().erase(call->context(), std::move(repository),
                                                         std::move(branch), std::move(path),
                                                         call->arguments.flag("force")));
  co_return empty_response();
}

base::Task<Answer> erase_objects(CallPtr call) {
  std::vector<std::string> asked = call->json().texts("paths");
  if (asked.size() > static_cast<std::size_t>(model::DeletePathsMax)) {
    co_return base::Error(base::Code::InvalidArgument,
                          "request size exceeded, max paths is set to 1000");
  }
  VARVE_CO_TRY(model::BranchId branch, branch_id(call->argument("branch"), "branch"));
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  // Deleting nothing from a branch that is not there is a mistake too.
  VARVE_CO_CHECK(co_await call->engine().refs().get_branch(call->context(), repository, branch));
  std::vector<Failure> failures;
  VARVE_CO_TRY(asked, co_await permitted_paths(call.get(), std::move(asked), &failures));
  std::vector<model::ObjectPath> paths;
  for (std::string& text : asked) {
    if (text.empty()) continue;  // big-data clients send it
    auto path = object_path(text);
    if (path) {
      paths.push_back(*std::move(path));
    } else {
      failures.push_back(failure_of(std::move(text), path.error()));
    }
  }
  VARVE_CO_TRY(std::vector<engine::EraseError> refused,
               co_await call->engine().objects().erase_many(call->context(), std::move(repository),
                                                            std::move(branch), std::move(paths),
                                                            call->arguments.flag("force")));
  for (engine::EraseError& one : refused) {
    failures.push_back(failure_of(std::move(one.path), one.error));
  }
  co_return failures_response(failures);
}

}  // namespace varve::rest
