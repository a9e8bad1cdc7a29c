// Imports. rest-semantics.md 19.
#include "engine/imports/imports.h"

#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "engine/core/core.h"
#include "format/graveler.h"
#include "model/errors.h"
#include "model/ids.h"
#include "rest/call.h"
#include "rest/handlers.h"
#include "rest/json_body.h"
#include "rest/json_writer.h"
#include "rest/response.h"
#include "rest/rows.h"
#include "services/jobs/jobs.h"

namespace varve::rest {
namespace {

engine::ImportRequest request_of(const JsonObject& body) {
  engine::ImportRequest request;
  for (const JsonObject& path : body.objects("paths")) {
    engine::ImportSource source;
    source.kind = path.text("type") == "object" ? engine::ImportSource::Kind::Object
                                                : engine::ImportSource::Kind::Prefix;
    source.path = path.text("path");
    source.destination = path.text("destination");
    request.sources.push_back(std::move(source));
  }
  const JsonObject commit = body.object("commit");
  request.message = commit.text("message");
  request.metadata = commit.map("metadata");
  request.force = body.flag("force");
  return request;
}

void write_status(JsonWriter& json, const format::ImportStatus& status) {
  json.begin_object();
  json.field("completed", status.completed);
  json.field("update_time", std::string_view(base::format_rfc3339(status.updated_at)));
  json.field("ingested_objects", status.progress);
  if (!status.meta_range_id.empty()) json.field("metarange_id", status.meta_range_id.view());
  if (status.commit.has_value()) {
    json.key("commit");
    write_commit(json, *status.commit);
  }
  if (!status.error.empty()) {
    json.key("error");
    json.begin_object();
    json.field("message", std::string_view(status.error));
    json.end_object();
  }
  json.end_object();
}

}  // namespace

// A name that is no branch's is a branch that is not there (rest-semantics.md 7.1).
base::Task<Answer> start_import(CallPtr call) {
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_unchecked(*call));
  auto branch = branch_id(call->argument("branch"), "branch");
  if (!branch) co_return model::branch_not_found();
  VARVE_CO_TRY(const std::string id,
               co_await call->jobs().submit_import(call->context(), std::move(repository),
                                                   *std::move(branch), request_of(call->json())));
  base::Bytes body;
  JsonWriter json(body);
  json.begin_object();
  json.field("id", std::string_view(id));
  json.end_object();
  co_return json_response(std::move(body), 202);
}

base::Task<Answer> get_import_status(CallPtr call) {
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_unchecked(*call));
  VARVE_CO_TRY(const format::ImportStatus status,
               co_await call->jobs().import_status(call->context(), std::move(repository),
                                                   call->argument("id")));
  base::Bytes body;
  JsonWriter json(body);
  write_status(json, status);
  co_return json_response(std::move(body));
}

base::Task<Answer> cancel_import(CallPtr call) {
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_unchecked(*call));
  VARVE_CO_CHECK(co_await call->jobs().cancel_import(call->context(), std::move(repository),
                                                     call->argument("id")));
  co_return empty_response();
}

}  // namespace varve::rest
