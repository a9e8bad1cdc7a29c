// Tags. rest-semantics.md 12.
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/engine.h"
#include "engine/refs/refs.h"
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

base::Task<Answer> list_tags(CallPtr call) {
  engine::RefQuery query;
  query.prefix = call->argument("prefix");
  query.after = call->argument("after");
  query.amount = page_size(*call);
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  VARVE_CO_TRY(const engine::TagPage page,
               co_await call->engine().refs().list_tags(call->context(), std::move(repository),
                                                        std::move(query)));
  const std::string_view last = page.rows.empty() ? "" : page.rows.back().id.view();
  const PageInfo info{.has_more = page.has_more, .last = last, .rows = page.rows.size()};
  const auto write = [](JsonWriter& json, const model::Tag& row) {
    write_ref(json, row.id.view(), row.commit_id);
  };
  co_return page_response(page.rows, info, 120, write);
}

// `ref` is not checked for white space here: there is simply nothing of that name, unless what is
// written is no expression (rest-semantics.md 7.2).
base::Task<Answer> create_tag(CallPtr call) {
  const JsonObject body = call->json();
  VARVE_CO_TRY(model::TagId id, tag_id(body.text("id")));
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  VARVE_CO_TRY(model::RefExpr ref, lenient_ref(body.text("ref")));
  VARVE_CO_TRY(const model::Tag tag, co_await call->engine().refs().create_tag(
                                         call->context(), std::move(repository), std::move(id),
                                         std::move(ref), body.flag("force")));
  co_return ref_response(tag.id.view(), tag.commit_id, 201);
}

base::Task<Answer> get_tag(CallPtr call) {
  VARVE_CO_TRY(model::TagId id, tag_id(call->argument("tag")));
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  VARVE_CO_TRY(const model::Tag tag, co_await call->engine().refs().get_tag(
                                         call->context(), std::move(repository), std::move(id)));
  co_return ref_response(tag.id.view(), tag.commit_id, 200);
}

base::Task<Answer> erase_tag(CallPtr call) {
  VARVE_CO_TRY(model::TagId id, tag_id(call->argument("tag")));
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  VARVE_CO_CHECK(co_await call->engine().refs().erase_tag(
      call->context(), std::move(repository), std::move(id), call->arguments.flag("force")));
  co_return empty_response();
}

}  // namespace varve::rest
