// diffBranch and diffRefs. rest-semantics.md 14.
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/engine.h"
#include "engine/merge/merge.h"
#include "http/message.h"
#include "model/ids.h"
#include "model/records.h"
#include "model/ref_expr.h"
#include "rest/call.h"
#include "rest/handlers.h"
#include "rest/json_writer.h"
#include "rest/response.h"
#include "rest/rows.h"

namespace varve::rest {
namespace {

engine::DiffQuery diff_query(const Call& call) {
  engine::DiffQuery query;
  query.prefix = call.argument("prefix");
  query.after = call.argument("after");
  query.delimiter = call.argument("delimiter");
  query.amount = page_size(call);
  return query;
}

void write_right(JsonWriter& json, const model::Entry& entry) {
  json.key("right");
  json.begin_object();
  json.field("checksum", std::string_view(entry.etag));
  json.field("mtime", entry.last_modified.seconds);
  json.field("content_type", content_type_of(entry));
  json.field("metadata", entry.metadata);
  json.end_object();
}

void write_row(JsonWriter& json, const engine::DiffRow& row, bool with_right) {
  const bool is_prefix = row.type == engine::DiffType::PrefixChanged;
  json.begin_object();
  json.field("path", std::string_view(row.path));
  json.field("path_type", is_prefix ? "common_prefix" : "object");
  json.field("type", engine::name_of(row.type));
  // Removed rows of an uncommitted diff carry no entry, and lakeFS says 0 there.
  if (!is_prefix) json.field("size_bytes", row.entry ? row.entry->size : 0);
  if (!is_prefix && with_right && row.entry) write_right(json, *row.entry);
  json.end_object();
}

http::Response diff_response(const engine::DiffPage& page, bool with_right) {
  const std::string_view last = page.rows.empty() ? "" : std::string_view(page.rows.back().path);
  const PageInfo info{.has_more = page.has_more, .last = last, .rows = page.rows.size()};
  const auto write = [with_right](JsonWriter& json, const engine::DiffRow& row) {
    write_row(json, row, with_right);
  };
  return page_response(page.rows, info, 128, write);
}

}  // namespace

base::Task<Answer> diff_branch(CallPtr call) {
  VARVE_CO_TRY(model::BranchId id, branch_id(call->argument("branch"), "branch"));
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  VARVE_CO_TRY(const engine::DiffPage page,
               co_await call->engine().merges().diff_branch(call->context(), std::move(repository),
                                                            std::move(id), diff_query(*call)));
  co_return diff_response(page, false);
}

base::Task<Answer> diff_refs(CallPtr call) {
  const std::string left_text = call->argument("leftRef");
  const std::string right_text = call->argument("rightRef");
  VARVE_CO_CHECK(check_ref(left_text, "left"));
  VARVE_CO_CHECK(check_ref(right_text, "right"));
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  auto left = model::parse_ref_expr(left_text);
  if (!left) co_return std::move(left).error().with("get commit by branch " + left_text);
  auto right = model::parse_ref_expr(right_text);
  if (!right) co_return std::move(right).error().with("get commit by ref " + right_text);
  engine::Merges& merges = call->engine().merges();
  const bool with_right = call->arguments.flag("include_right_stats");
  if (call->argument("type") == "two_dot") {
    VARVE_CO_TRY(
        const engine::DiffPage page,
        co_await merges.diff_two_dot(call->context(), std::move(repository), *std::move(left),
                                     *std::move(right), diff_query(*call)));
    co_return diff_response(page, with_right);
  }
  VARVE_CO_TRY(
      const engine::DiffPage page,
      co_await merges.diff_three_dot(call->context(), std::move(repository), *std::move(left),
                                     *std::move(right), diff_query(*call)));
  co_return diff_response(page, with_right);
}

}  // namespace varve::rest
