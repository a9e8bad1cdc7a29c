// Objects as rows: listObjects, statObject, getUnderlyingProperties, updateObjectUserMetadata,
// copyObject. rest-semantics.md 16.
#include "engine/objects/objects.h"

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/engine.h"
#include "engine/refs/refs.h"
#include "engine/uploads/uploads.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/records.h"
#include "model/ref_expr.h"
#include "ports/object_types.h"
#include "rest/call.h"
#include "rest/errors.h"
#include "rest/handlers.h"
#include "rest/json_body.h"
#include "rest/json_writer.h"
#include "rest/object_access.h"
#include "rest/response.h"
#include "rest/rows.h"

namespace varve::rest {

base::Error presign_not_supported(const Call& call) {
  return {base::Code::InvalidArgument,
          call.engine().storage().type + " adapter presigned URL: operation not supported"};
}

base::Error missing_branch(base::Error error, std::string_view branch) {
  if (!model::is(error, model::Detail::BranchMissing)) return error;
  return {base::Code::NotFound, error.detail(), "branch '" + std::string(branch) + "' not found"};
}

base::Task<base::Result<FoundEntry>> find_entry(const Call* call) {
  VARVE_CO_CHECK(check_ref(call->argument("ref"), "ref"));
  VARVE_CO_TRY(model::ObjectPath path, object_path(call->argument("path")));
  FoundEntry found;
  VARVE_CO_TRY(found.repository, co_await repository_of(*call));
  VARVE_CO_TRY(model::RefExpr ref, model::parse_ref_expr(call->argument("ref")));
  VARVE_CO_TRY(found.entry, co_await call->engine().objects().get(call->context(), found.repository,
                                                                  std::move(ref), std::move(path)));
  co_return found;
}

base::Task<Answer> stat_object(CallPtr call) {
  VARVE_CO_TRY(const FoundEntry found, co_await find_entry(call.get()));
  if (call->arguments.flag("presign")) co_return presign_not_supported(*call);
  const std::string address =
      call->engine().uploads().physical_address(*found.repository, found.entry);
  const model::Metadata none;
  const bool with_metadata = call->arguments.flag("user_metadata");
  const ObjectView view{.path = call->argument("path"),
                        .physical_address = address,
                        .entry = found.entry,
                        .metadata = with_metadata ? &found.entry.metadata : &none};
  co_return object_response(view, 200);
}

base::Task<Answer> get_underlying_properties(CallPtr call) {
  VARVE_CO_TRY(FoundEntry found, co_await find_entry(call.get()));
  // No store has classes yet; still, an entry whose bytes are gone has no properties.
  ports::ByteRange nothing{.first = 0, .count = 0};
  auto opened = co_await call->engine().uploads().open(call->context(), std::move(found.repository),
                                                       std::move(found.entry), nothing);
  if (!opened) co_return base::Error(base::Code::Internal, "not found");
  co_return json_response(R"({"storage_class":null})");
}

namespace {

// What a listing's rows need beside themselves.
struct RowStyle {
  const engine::Uploads& uploads;
  const model::Repository& repository;
  bool with_metadata = false;
};

void write_row(JsonWriter& json, const engine::ObjectRow& row, const RowStyle& style) {
  if (!row.entry) return write_common_prefix(json, row.path);
  const std::string address = style.uploads.physical_address(style.repository, *row.entry);
  const bool with_metadata = style.with_metadata && !row.entry->metadata.empty();
  write_object(json, {.path = row.path,
                      .physical_address = address,
                      .entry = *row.entry,
                      .metadata = with_metadata ? &row.entry->metadata : nullptr});
}

// lakeFS holds a prefix of objects to be the beginning of a path, and no longer than one.
base::Result<void> check_prefix(std::string_view prefix) {
  if (prefix.empty()) return {};
  auto path = model::parse_object_path(prefix);
  if (!path.has_value()) return std::move(path).error().with("argument prefix");
  return {};
}

bool has_objects(const engine::ObjectPage& page) {
  for (const engine::ObjectRow& row : page.rows) {
    if (row.entry) return true;
  }
  return false;
}

}  // namespace

base::Task<Answer> list_objects(CallPtr call) {
  engine::ObjectQuery query;
  query.prefix = call->argument("prefix");
  query.after = call->argument("after");
  query.delimiter = call->argument("delimiter");
  query.amount = page_size(*call);
  VARVE_CO_CHECK(check_ref(call->argument("ref"), "ref"));
  VARVE_CO_CHECK(check_prefix(query.prefix));
  VARVE_CO_TRY(const engine::RepositoryRef repository, co_await repository_of(*call));
  VARVE_CO_TRY(model::RefExpr ref, model::parse_ref_expr(call->argument("ref")));
  VARVE_CO_TRY(const engine::ObjectPage page,
               co_await call->engine().objects().list(call->context(), repository, std::move(ref),
                                                      std::move(query)));
  if (call->arguments.flag("presign") && has_objects(page)) {
    co_return presign_not_supported(*call);
  }
  const std::string_view last = page.rows.empty() ? "" : std::string_view(page.rows.back().path);
  const PageInfo info{.has_more = page.has_more, .last = last, .rows = page.rows.size()};
  const RowStyle style{.uploads = call->engine().uploads(),
                       .repository = *repository,
                       .with_metadata = call->arguments.flag("user_metadata")};
  const auto write = [&style](JsonWriter& json, const engine::ObjectRow& row) {
    write_row(json, row, style);
  };
  co_return page_response(page.rows, info, 320, write);
}

base::Task<Answer> update_user_metadata(CallPtr call) {
  VARVE_CO_TRY(model::BranchId branch, branch_id(call->argument("branch"), "branch"));
  VARVE_CO_TRY(model::ObjectPath path, object_path(call->argument("path")));
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  VARVE_CO_CHECK(co_await call->engine().objects().update_metadata(
      call->context(), std::move(repository), std::move(branch), std::move(path),
      call->json().map("set")));
  co_return empty_response();
}

base::Task<Answer> copy_object(CallPtr call) {
  const JsonObject body = call->json();
  const std::string source_ref = body.text("src_ref");
  const std::string branch_text = call->argument("branch");
  VARVE_CO_TRY(model::BranchId branch, branch_id(branch_text, "name"));
  VARVE_CO_TRY(const engine::RepositoryRef repository, co_await repository_of(*call));
  auto known = co_await call->engine().refs().get_branch(call->context(), repository, branch);
  if (!known) co_return missing_branch(std::move(known).error(), branch_text);
  if (body.flag("shallow")) co_return not_implemented();
  VARVE_CO_TRY(model::ObjectPath source, object_path(body.text("src_path")));
  VARVE_CO_TRY(model::ObjectPath path, object_path(call->argument("dest_path")));
  VARVE_CO_CHECK(check_ref(source_ref.empty() ? branch_text : source_ref, "ref"));
  VARVE_CO_TRY(model::RefExpr ref,
               model::parse_ref_expr(source_ref.empty() ? branch_text : source_ref));
  engine::Objects& objects = call->engine().objects();
  VARVE_CO_TRY(model::Entry entry, co_await objects.get(call->context(), repository, std::move(ref),
                                                        std::move(source)));
  engine::StageOptions options;
  options.force = body.flag("force");
  VARVE_CO_CHECK(
      co_await objects.check_writable(call->context(), repository, branch, path, options));
  VARVE_CO_TRY(const engine::Uploaded copied, co_await call->engine().uploads().copy(
                                                  call->context(), repository, entry, repository));
  entry.address = copied.address;
  entry.address_type = model::AddressType::Relative;
  entry.last_modified = copied.last_modified;
  entry.content_type = content_type_or_default(std::move(entry.content_type));
  VARVE_CO_CHECK(co_await objects.stage(call->context(), repository, std::move(branch),
                                        std::move(path), entry, std::move(options)));
  const std::string address = call->engine().uploads().physical_address(*repository, entry);
  co_return object_response({.path = call->argument("dest_path"),
                             .physical_address = address,
                             .entry = entry,
                             .metadata = &entry.metadata},
                            201);
}

}  // namespace varve::rest
