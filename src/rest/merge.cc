// Merge, merge base, revert, cherry-pick. rest-semantics.md 15.
#include "engine/merge/merge.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/engine.h"
#include "engine/refs/refs.h"
#include "http/message.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/ref_expr.h"
#include "rest/call.h"
#include "rest/handlers.h"
#include "rest/json_body.h"
#include "rest/json_writer.h"
#include "rest/response.h"
#include "rest/rows.h"

namespace varve::rest {
namespace {

http::Response reference_response(std::string_view reference, int status) {
  base::Bytes body;
  JsonWriter json(body);
  json.begin_object();
  json.field("reference", reference);
  json.end_object();
  return json_response(std::move(body), status);
}

base::Result<engine::MergeStrategy> parse_strategy(std::string_view text) {
  if (text.empty()) return engine::MergeStrategy::None;
  if (text == "dest-wins") return engine::MergeStrategy::DestinationWins;
  if (text == "source-wins") return engine::MergeStrategy::SourceWins;
  return base::Error(base::Code::InvalidArgument,
                     "argument strategy: invalid value: validation error");
}

base::Result<engine::MergeRequest> merge_request(const JsonObject& body) {
  engine::MergeRequest request;
  request.message = body.text("message");
  request.metadata = body.map("metadata");
  VARVE_TRY(request.strategy, parse_strategy(body.text("strategy")));
  request.force = body.flag("force");
  request.allow_empty = body.flag("allow_empty");
  request.is_squash = body.flag("squash_merge");
  return request;
}

engine::CommitOverrides overrides_of(const JsonObject& body) {
  engine::CommitOverrides overrides;
  const JsonObject given = body.object("commit_overrides");
  overrides.message = given.text("message");
  if (given.has("metadata")) overrides.metadata = given.map("metadata");
  return overrides;
}

// A parent number beyond what any commit has is as large as a number gets.
base::Result<int> parent_number(std::int64_t number, std::int64_t minimum) {
  if (number < minimum) {
    return base::Error(base::Code::InvalidArgument,
                       "argument parentNumber: invalid value: validation error");
  }
  return static_cast<int>(std::min<std::int64_t>(number, std::numeric_limits<std::int32_t>::max()));
}

}  // namespace

base::Task<Answer> merge_into_branch(CallPtr call) {
  const std::string source_text = call->argument("sourceRef");
  VARVE_CO_TRY(model::BranchId destination,
               branch_id(call->argument("destinationBranch"), "destination"));
  VARVE_CO_CHECK(check_ref(source_text, "source"));
  VARVE_CO_TRY(engine::MergeRequest request, merge_request(call->json()));
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  auto source = model::parse_ref_expr(source_text);
  if (!source) {
    co_return std::move(source)
        .error()
        .with("get commit by ref " + source_text)
        .with("update branch " + destination.str());
  }
  const auto merged = co_await call->engine().merges().merge(
      call->context(), std::move(repository), std::move(destination), *std::move(source),
      std::move(request));
  if (merged) co_return reference_response(merged->view(), 200);
  // The one error with a body of its own: what a merge gives, with nothing in it.
  if (model::is(merged.error(), model::Detail::MergeConflict)) {
    co_return reference_response("", 409);
  }
  co_return base::Error(merged.error());
}

base::Task<Answer> find_merge_base(CallPtr call) {
  const std::string source_text = call->argument("sourceRef");
  const std::string destination_text = call->argument("destinationBranch");
  VARVE_CO_CHECK(check_ref(source_text, "source"));
  VARVE_CO_CHECK(check_ref(destination_text, "destination"));
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  auto source = model::parse_ref_expr(source_text);
  if (!source) co_return std::move(source).error().with("get commit by branch " + source_text);
  auto destination = model::parse_ref_expr(destination_text);
  if (!destination) {
    co_return std::move(destination).error().with("get commit by ref " + destination_text);
  }
  VARVE_CO_TRY(const engine::MergeBase found, co_await call->engine().merges().merge_base(
                                                  call->context(), std::move(repository),
                                                  *std::move(source), *std::move(destination)));
  base::Bytes body;
  JsonWriter json(body);
  json.begin_object();
  json.field("source_commit_id", found.source_commit_id.view());
  json.field("destination_commit_id", found.destination_commit_id.view());
  json.field("base_commit_id", found.base_commit_id.view());
  json.end_object();
  co_return json_response(std::move(body));
}

base::Task<Answer> revert_branch(CallPtr call) {
  const JsonObject body = call->json();
  const std::string ref_text = body.text("ref");
  VARVE_CO_TRY(model::BranchId id, branch_id(call->argument("branch"), "branch"));
  VARVE_CO_CHECK(check_ref(ref_text, "ref"));
  engine::RevertRequest request;
  VARVE_CO_TRY(request.parent_number, parent_number(body.number("parent_number").value_or(0), 0));
  request.allow_empty = body.flag("allow_empty");
  request.force = body.flag("force");
  request.overrides = overrides_of(body);
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  auto ref = model::parse_ref_expr(ref_text);
  if (!ref) co_return std::move(ref).error().with("get commit from ref " + ref_text);
  request.ref = *std::move(ref);
  VARVE_CO_CHECK(co_await call->engine().merges().revert(call->context(), std::move(repository),
                                                         std::move(id), std::move(request)));
  co_return empty_response();
}

base::Task<Answer> cherry_pick(CallPtr call) {
  const JsonObject body = call->json();
  const std::string ref_text = body.text("ref");
  VARVE_CO_TRY(model::BranchId id, branch_id(call->argument("branch"), "branch"));
  VARVE_CO_CHECK(check_ref(ref_text, "ref"));
  engine::CherryPickRequest request;
  if (const auto number = body.number("parent_number")) {
    VARVE_CO_TRY(request.parent_number, parent_number(*number, 1));
  }
  request.force = body.flag("force");
  request.overrides = overrides_of(body);
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  auto ref = model::parse_ref_expr(ref_text);
  if (!ref) co_return std::move(ref).error().with("get commit from ref " + ref_text);
  request.ref = *std::move(ref);
  VARVE_CO_TRY(const engine::CommitRef made,
               co_await call->engine().merges().cherry_pick(call->context(), std::move(repository),
                                                            std::move(id), std::move(request)));
  co_return commit_response(*made, 201);
}

}  // namespace varve::rest
