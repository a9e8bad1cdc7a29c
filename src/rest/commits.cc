// Commits, commit records and the log. rest-semantics.md 13.
#include "engine/commits/commits.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "engine/core/core.h"
#include "engine/engine.h"
#include "engine/refs/refs.h"
#include "model/errors.h"
#include "model/ids.h"
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

// Whatever was not found on the way to a commit, the commit was not.
base::Error commit_error(base::Error error) {
  if (error.code() == base::Code::NotFound) return model::commit_not_found();
  if (model::is(error, model::Detail::StagingIsNoCommit)) {
    return {base::Code::InvalidArgument, error.detail(),
            "ref: invalid value: validation error: should point to a commit"};
  }
  return error;
}

engine::CommitRequest commit_request(const Call& call) {
  const JsonObject body = call.json();
  engine::CommitRequest request;
  request.message = body.text("message");
  request.metadata = body.map("metadata");
  request.date = body.number("date");
  request.allow_empty = body.flag("allow_empty");
  request.force = body.flag("force");
  if (call.arguments.has("source_metarange")) {
    request.source_meta_range = model::MetaRangeId(call.argument("source_metarange"));
  }
  return request;
}

model::Commit commit_record(const JsonObject& body) {
  model::Commit commit;
  commit.id = model::CommitId(body.text("commit_id"));
  commit.version = static_cast<std::int32_t>(body.number("version").value_or(0));
  commit.committer = body.text("committer");
  commit.message = body.text("message");
  commit.meta_range_id = model::MetaRangeId(body.text("metarange_id"));
  commit.creation_date.seconds = body.number("creation_date").value_or(0);
  for (std::string& parent : body.texts("parents")) commit.parents.emplace_back(std::move(parent));
  commit.metadata = body.map("metadata");
  commit.generation = static_cast<std::int32_t>(body.number("generation").value_or(0));
  return commit;
}

// The expressions of a log, each with the name that its errors carry.
base::Result<engine::LogQuery> log_query(const Call& call) {
  engine::LogQuery query;
  auto ref = model::parse_ref_expr(call.argument("ref"));
  if (!ref) return std::move(ref).error().with("ref");
  query.ref = *std::move(ref);
  if (const std::string& after = call.argument("after"); !after.empty()) {
    auto from = lenient_ref(after);
    if (!from) return std::move(from).error().with("from ref");
    query.after = *std::move(from);
  }
  if (const std::string& stop = call.argument("stop_at"); !stop.empty()) {
    auto stop_at = lenient_ref(stop);
    if (!stop_at) return std::move(stop_at).error().with("stop_at");
    query.stop_at = *std::move(stop_at);
  }
  query.since = call.arguments.instant("since");
  query.objects = call.arguments.list("objects");
  query.prefixes = call.arguments.list("prefixes");
  query.amount = page_size(call);
  query.is_limit = call.arguments.flag("limit");
  query.first_parent = call.arguments.flag("first_parent");
  return query;
}

}  // namespace

base::Task<Answer> commit(CallPtr call) {
  VARVE_CO_TRY(model::BranchId id, branch_id(call->argument("branch"), "branch"));
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  VARVE_CO_TRY(const engine::CommitRef made,
               co_await call->engine().commits().commit(call->context(), std::move(repository),
                                                        std::move(id), commit_request(*call)));
  co_return commit_response(*made, 201);
}

base::Task<Answer> get_commit(CallPtr call) {
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  auto ref = lenient_ref(call->argument("commitId"));
  if (!ref) co_return commit_error(std::move(ref).error());
  auto found = co_await call->engine().refs().resolve_commit(call->context(), std::move(repository),
                                                             *std::move(ref));
  if (!found) co_return commit_error(std::move(found).error());
  co_return commit_response(**found, 200);
}

base::Task<Answer> create_commit_record(CallPtr call) {
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_unchecked(*call));
  const JsonObject body = call->json();
  VARVE_CO_CHECK(co_await call->engine().commits().create_record(
      call->context(), std::move(repository), commit_record(body), body.flag("force")));
  co_return empty_response();
}

base::Task<Answer> log_commits(CallPtr call) {
  VARVE_CO_CHECK(check_ref(call->argument("ref"), "ref"));
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  VARVE_CO_TRY(engine::LogQuery query, log_query(*call));
  VARVE_CO_TRY(const engine::LogPage page,
               co_await call->engine().commits().log(call->context(), std::move(repository),
                                                     std::move(query)));
  const std::string_view last = page.rows.empty() ? "" : page.rows.back()->id.view();
  const PageInfo info{.has_more = page.has_more, .last = last, .rows = page.rows.size()};
  const auto write = [](JsonWriter& json, const engine::CommitRef& row) {
    write_commit(json, *row);
  };
  co_return page_response(page.rows, info, 400, write);
}

}  // namespace varve::rest
