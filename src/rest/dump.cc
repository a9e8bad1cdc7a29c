// Refs dump and restore, at once or as tasks. rest-semantics.md 22.2, 22.3, 23.
#include "engine/dump/dump.h"

#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "engine/core/core.h"
#include "engine/engine.h"
#include "format/tasks.h"
#include "http/message.h"
#include "model/ids.h"
#include "rest/call.h"
#include "rest/handlers.h"
#include "rest/json_body.h"
#include "rest/json_writer.h"
#include "rest/response.h"
#include "services/jobs/jobs.h"

namespace varve::rest {
namespace {

void write_dump(JsonWriter& json, const format::RefsDump& dump) {
  json.begin_object();
  json.field("commits_meta_range_id", dump.commits.view());
  json.field("tags_meta_range_id", dump.tags.view());
  json.field("branches_meta_range_id", dump.branches.view());
  json.end_object();
}

format::RefsDump dump_of(const JsonObject& body) {
  format::RefsDump dump;
  dump.commits = model::MetaRangeId(body.text("commits_meta_range_id"));
  dump.tags = model::MetaRangeId(body.text("tags_meta_range_id"));
  dump.branches = model::MetaRangeId(body.text("branches_meta_range_id"));
  return dump;
}

http::Response id_response(std::string_view id) {
  base::Bytes body;
  JsonWriter json(body);
  json.begin_object();
  json.field("id", id);
  json.end_object();
  return json_response(std::move(body), 202);
}

// The members that the status of every task has.
void write_task(JsonWriter& json, const format::TaskRecord& task) {
  json.field("id", std::string_view(task.id));
  json.field("done", task.done);
  json.field("update_time", std::string_view(base::format_rfc3339(task.updated_at)));
  if (!task.error.empty()) json.field("error", std::string_view(task.error));
}

}  // namespace

base::Task<Answer> dump_refs(CallPtr call) {
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  VARVE_CO_TRY(const format::RefsDump dump, co_await call->engine().dumps().dump_with_manifest(
                                                call->context(), std::move(repository)));
  base::Bytes body;
  JsonWriter json(body);
  write_dump(json, dump);
  co_return json_response(std::move(body), 201);
}

base::Task<Answer> restore_refs(CallPtr call) {
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  const JsonObject body = call->json();
  VARVE_CO_CHECK(co_await call->engine().dumps().restore(call->context(), std::move(repository),
                                                         dump_of(body), body.flag("force")));
  co_return empty_response(200);
}

base::Task<Answer> submit_dump(CallPtr call) {
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_unchecked(*call));
  VARVE_CO_TRY(const std::string id,
               co_await call->jobs().submit_dump(call->context(), std::move(repository)));
  co_return id_response(id);
}

base::Task<Answer> get_dump_status(CallPtr call) {
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_unchecked(*call));
  VARVE_CO_TRY(const format::DumpStatus status,
               co_await call->jobs().dump_status(call->context(), std::move(repository),
                                                 call->argument("task_id")));
  base::Bytes body;
  JsonWriter json(body);
  json.begin_object();
  write_task(json, status.task);
  if (status.info.has_value()) {
    json.key("refs");
    write_dump(json, *status.info);
  }
  json.end_object();
  co_return json_response(std::move(body));
}

base::Task<Answer> submit_restore(CallPtr call) {
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_unchecked(*call));
  const JsonObject body = call->json();
  VARVE_CO_TRY(const std::string id,
               co_await call->jobs().submit_restore(call->context(), std::move(repository),
                                                    dump_of(body), body.flag("force")));
  co_return id_response(id);
}

base::Task<Answer> get_restore_status(CallPtr call) {
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_unchecked(*call));
  VARVE_CO_TRY(const format::TaskRecord task,
               co_await call->jobs().restore_status(call->context(), std::move(repository),
                                                    call->argument("task_id")));
  base::Bytes body;
  JsonWriter json(body);
  json.begin_object();
  write_task(json, task);
  json.end_object();
  co_return json_response(std::move(body));
}

}  // namespace varve::rest
