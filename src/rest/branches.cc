// Branches. rest-semantics.md 11.
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/task.h"
#include "engine/commits/commits.h"
#include "engine/core/core.h"
#include "engine/engine.h"
#include "engine/objects/objects.h"
#include "engine/refs/refs.h"
#include "http/message.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"
#include "model/ref_expr.h"
#include "rest/call.h"
#include "rest/handlers.h"
#include "rest/json_body.h"
#include "rest/json_writer.h"
#include "rest/response.h"
#include "rest/rows.h"

namespace varve::rest {
namespace {

// A new name that is refused is told the rule.
base::Result<model::BranchId> new_branch_id(const std::string& name) {
  auto id = branch_id(name, "branch");
  if (id.has_value() || id.error().code() != base::Code::InvalidArgument) return id;
  if (name.size() > model::BranchIdBytesMax) return id;  // it says so already
  return base::Error(base::Code::InvalidArgument, id.error().detail(),
                     id.error().message() +
                         ": branch id must consist of letters, digits, underscores and dashes, "
                         "and cannot start with a dash");
}

}  // namespace

base::Task<Answer> list_branches(CallPtr call) {
  engine::RefQuery query;
  query.prefix = call->argument("prefix");
  query.after = call->argument("after");
  query.amount = page_size(*call);
  query.show_hidden = call->arguments.flag("show_hidden");
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  VARVE_CO_TRY(const engine::BranchPage page,
               co_await call->engine().refs().list_branches(call->context(), std::move(repository),
                                                            std::move(query)));
  const std::string_view last = page.rows.empty() ? "" : page.rows.back().id.view();
  const PageInfo info{.has_more = page.has_more, .last = last, .rows = page.rows.size()};
  const auto write = [](JsonWriter& json, const model::Branch& row) {
    write_ref(json, row.id.view(), row.commit_id);
  };
  co_return page_response(page.rows, info, 120, write);
}

// The answer is the bare commit id: the only success of the API that is no JSON.
base::Task<Answer> create_branch(CallPtr call) {
  const JsonObject body = call->json();
  VARVE_CO_TRY(model::BranchId id, new_branch_id(body.text("name")));
  const std::string source = body.text("source");
  VARVE_CO_CHECK(check_ref(source, "ref"));
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  auto ref = model::parse_ref_expr(source);
  if (!ref) co_return std::move(ref).error().with("source reference '" + source + "'");
  VARVE_CO_TRY(const model::Branch branch,
               co_await call->engine().refs().create_branch(
                   call->context(), std::move(repository), std::move(id), *std::move(ref),
                   body.flag("hidden"), body.flag("force")));
  co_return http::Response(201, "text/plain; charset=utf-8", branch.commit_id.str());
}

base::Task<Answer> get_branch(CallPtr call) {
  VARVE_CO_TRY(model::BranchId id, branch_id(call->argument("branch"), "branch"));
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  VARVE_CO_TRY(const model::Branch branch,
               co_await call->engine().refs().get_branch(call->context(), std::move(repository),
                                                         std::move(id)));
  co_return ref_response(branch.id.view(), branch.commit_id, 200);
}

base::Task<Answer> erase_branch(CallPtr call) {
  VARVE_CO_TRY(model::BranchId id, branch_id(call->argument("branch"), "name"));
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  VARVE_CO_CHECK(co_await call->engine().refs().erase_branch(
      call->context(), std::move(repository), std::move(id), call->arguments.flag("force")));
  co_return empty_response();
}

base::Task<Answer> reset_branch(CallPtr call) {
  const JsonObject body = call->json();
  const std::string type = body.text("type");
  const bool force = body.flag("force");
  VARVE_CO_TRY(model::BranchId id, branch_id(call->argument("branch"), "branch"));
  engine::Objects& objects = call->engine().objects();
  if (type == "object") {
    VARVE_CO_TRY(model::ObjectPath path, object_path(body.text("path")));
    VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
    VARVE_CO_CHECK(co_await objects.reset_object(call->context(), std::move(repository),
                                                 std::move(id), std::move(path), force));
    co_return empty_response();
  }
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  if (type == "common_prefix") {
    VARVE_CO_CHECK(co_await objects.reset_prefix(call->context(), std::move(repository),
                                                 std::move(id), body.text("path"), force));
  } else {
    VARVE_CO_CHECK(co_await objects.reset_branch(call->context(), std::move(repository),
                                                 std::move(id), force));
  }
  co_return empty_response();
}

base::Task<Answer> hard_reset_branch(CallPtr call) {
  const std::string target = call->argument("ref");
  VARVE_CO_TRY(model::BranchId id, branch_id(call->argument("branch"), "branch"));
  VARVE_CO_CHECK(check_ref(target, "ref"));
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  auto ref = model::parse_ref_expr(target);
  if (!ref) {
    co_return std::move(ref).error().with("hard-reset " + id.str() + " to " + target);
  }
  VARVE_CO_CHECK(co_await call->engine().commits().hard_reset(
      call->context(), std::move(repository), std::move(id), *std::move(ref),
      call->arguments.flag("force")));
  co_return empty_response();
}

}  // namespace varve::rest
