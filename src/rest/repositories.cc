// Repositories and their metadata. rest-semantics.md 10.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/engine.h"
#include "engine/repo/repo.h"
#include "http/message.h"
#include "model/ids.h"
#include "model/records.h"
#include "rest/call.h"
#include "rest/handlers.h"
#include "rest/json_body.h"
#include "rest/json_writer.h"
#include "rest/response.h"
#include "rest/rows.h"
#include "services/samples/samples.h"

namespace varve::rest {
namespace {

http::Response repository_response(const model::Repository& repository, int status,
                                   RepositoryForm form = RepositoryForm::Whole) {
  base::Bytes body;
  JsonWriter json(body);
  write_repository(json, repository, form);
  return json_response(std::move(body), status);
}

base::Result<engine::NewRepository> new_repository(const Call& call) {
  const JsonObject body = call.json();
  engine::NewRepository wanted;
  VARVE_TRY(wanted.id, model::parse_repository_id(body.text("name")));
  wanted.storage_namespace = model::StorageNamespace(body.text("storage_namespace"));
  wanted.storage_id = model::StorageId(body.text("storage_id"));
  const std::string branch = body.text("default_branch");
  if (!branch.empty()) {
    VARVE_TRY(wanted.default_branch, branch_id(branch, "default_branch"));
  }
  wanted.is_bare = call.arguments.flag("bare");
  wanted.is_read_only = body.flag("read_only");
  return wanted;
}

}  // namespace

base::Task<Answer> list_repositories(CallPtr call) {
  engine::RepositoryQuery query;
  query.prefix = call->argument("prefix");
  query.after = call->argument("after");
  query.search = call->argument("search");
  query.amount = page_size(*call);
  VARVE_CO_TRY(const engine::RepositoryPage page,
               co_await call->engine().repositories().list(call->context(), std::move(query)));
  const std::string_view last = page.rows.empty() ? "" : page.rows.back()->id.view();
  const PageInfo info{.has_more = page.has_more, .last = last, .rows = page.rows.size()};
  const auto write = [](JsonWriter& json, const engine::RepositoryRef& row) {
    write_repository(json, *row);
  };
  co_return page_response(page.rows, info, 200, write);
}

base::Task<Answer> create_repository(CallPtr call) {
  VARVE_CO_TRY(engine::NewRepository wanted, new_repository(*call));
  const bool is_bare = wanted.is_bare;
  VARVE_CO_TRY(engine::RepositoryRef made,
               co_await call->engine().repositories().create(call->context(), std::move(wanted)));
  if (!is_bare && call->json().flag("sample_data")) {
    VARVE_CO_CHECK(co_await services::add_samples(call->context(), call->engine(), made));
  }
  const auto form = is_bare ? RepositoryForm::WithoutReadOnly : RepositoryForm::Whole;
  co_return repository_response(*made, 201, form);
}

base::Task<Answer> get_repository(CallPtr call) {
  VARVE_CO_TRY(const engine::RepositoryRef repository, co_await repository_of(*call));
  co_return repository_response(*repository, 200);
}

base::Task<Answer> erase_repository(CallPtr call) {
  VARVE_CO_TRY(model::RepositoryId id, repository_id(*call));
  const bool force = call->arguments.flag("force");
  VARVE_CO_CHECK(
      co_await call->engine().repositories().erase(call->context(), std::move(id), force));
  co_return empty_response();
}

base::Task<Answer> get_repository_metadata(CallPtr call) {
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  VARVE_CO_TRY(const model::Metadata values, co_await call->engine().repositories().metadata(
                                                 call->context(), std::move(repository)));
  base::Bytes body;
  JsonWriter json(body);
  json.map(values);
  co_return json_response(std::move(body));
}

// Nothing to set, or to erase, is done before the repository is looked for.
base::Task<Answer> set_repository_metadata(CallPtr call) {
  model::Metadata values = call->json().map("metadata");
  if (values.empty()) co_return empty_response();
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  VARVE_CO_CHECK(co_await call->engine().repositories().set_metadata(
      call->context(), std::move(repository), std::move(values)));
  co_return empty_response();
}

base::Task<Answer> erase_repository_metadata(CallPtr call) {
  std::vector<std::string> keys = call->json().texts("keys");
  if (keys.empty()) co_return empty_response();
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  VARVE_CO_CHECK(co_await call->engine().repositories().erase_metadata(
      call->context(), std::move(repository), std::move(keys)));
  co_return empty_response();
}

}  // namespace varve::rest
