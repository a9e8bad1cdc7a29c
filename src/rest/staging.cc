// Objects whose bytes are already somewhere: stageObject, getPhysicalAddress, linkPhysicalAddress.
// rest-semantics.md 17.
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "engine/core/core.h"
#include "engine/engine.h"
#include "engine/objects/objects.h"
#include "engine/uploads/uploads.h"
#include "model/ids.h"
#include "model/records.h"
#include "rest/call.h"
#include "rest/conditions.h"
#include "rest/handlers.h"
#include "rest/json_body.h"
#include "rest/json_writer.h"
#include "rest/object_access.h"
#include "rest/response.h"
#include "rest/rows.h"

namespace varve::rest {
namespace {

// The members that stageObject and linkPhysicalAddress have in common.
base::Result<model::Entry> entry_of(const JsonObject& body, std::string_view metadata_member,
                                    base::Timestamp now) {
  model::Entry entry;
  entry.size = body.number("size_bytes").value_or(0);
  if (entry.size < 0) {
    return base::Error(base::Code::InvalidArgument,
                       "argument size_bytes: invalid value: validation error");
  }
  entry.etag = body.text("checksum");
  entry.content_type = content_type_or_default(body.text("content_type"));
  entry.metadata = body.map(metadata_member);
  entry.last_modified = now;
  if (const auto mtime = body.number("mtime")) {
    entry.last_modified = {.seconds = *mtime, .nanos = 0};
  }
  return entry;
}

// Stores answer etags in quotes, and clients pass them on as they came.
std::string without_quotes(std::string_view checksum) {
  constexpr std::string_view Dropped = "\" ";
  const std::size_t first = checksum.find_first_not_of(Dropped);
  if (first == std::string_view::npos) return {};
  return std::string(checksum.substr(first, checksum.find_last_not_of(Dropped) + 1 - first));
}

}  // namespace

base::Task<Answer> stage_object(CallPtr call) {
  const JsonObject body = call->json();
  VARVE_CO_TRY(const model::BranchId branch, branch_id(call->argument("branch"), "branch"));
  VARVE_CO_TRY(const model::ObjectPath path, object_path(call->argument("path")));
  VARVE_CO_TRY(const engine::RepositoryRef repository, co_await repository_of(*call));
  VARVE_CO_TRY(model::Entry entry, entry_of(body, "metadata", call->services.clock.now()));
  engine::Uploads& uploads = call->engine().uploads();
  VARVE_CO_TRY(const engine::Uploads::LinkedAddress linked,
               uploads.verify_staged_address(*repository, body.text("physical_address")));
  entry.address = linked.address;
  entry.address_type = linked.type;
  engine::StageOptions options;
  options.force = body.flag("force");
  VARVE_CO_CHECK(co_await call->engine().objects().stage(call->context(), repository, branch, path,
                                                         entry, std::move(options)));
  const std::string address = uploads.physical_address(*repository, entry);
  co_return object_response(
      {.path = path.view(), .physical_address = address, .entry = entry, .metadata = nullptr}, 201);
}

// Neither the branch nor the path is checked here: the signature binds them, and linking checks.
base::Task<Answer> get_physical_address(CallPtr call) {
  VARVE_CO_TRY(const engine::RepositoryRef repository, co_await repository_of(*call));
  if (call->arguments.flag("presign")) co_return presign_not_supported(*call);
  const model::BranchId branch(call->argument("branch"));
  const model::ObjectPath path(call->argument("path"));
  const std::string address = call->engine().uploads().signed_address(*repository, branch, path);
  base::Bytes body;
  JsonWriter json(body);
  json.begin_object();
  json.field("physical_address", std::string_view(address));
  json.key("presigned_url");
  json.null();
  json.end_object();
  co_return json_response(std::move(body));
}

base::Task<Answer> link_physical_address(CallPtr call) {
  const JsonObject body = call->json();
  const std::string branch_text = call->argument("branch");
  const std::string address = body.object("staging").text("physical_address");
  VARVE_CO_TRY(const model::ObjectPath path, object_path(call->argument("path")));
  VARVE_CO_TRY(const engine::RepositoryRef repository, co_await repository_of(*call));
  VARVE_CO_TRY(engine::StageOptions options, stage_options(*call, body.flag("force")));
  VARVE_CO_TRY(model::Entry entry, entry_of(body, "user_metadata", call->services.clock.now()));
  VARVE_CO_TRY(const engine::Uploads::LinkedAddress linked,
               call->engine().uploads().verify_linked_address(
                   *repository, model::BranchId(branch_text), path, address));
  entry.address = linked.address;
  entry.address_type = linked.type;
  entry.etag = without_quotes(entry.etag);
  if (entry.etag.empty()) {
    co_return base::Error(base::Code::InvalidArgument, "checksum is required");
  }
  VARVE_CO_TRY(const model::BranchId branch, branch_id(branch_text, "branch"));
  VARVE_CO_CHECK(co_await call->engine().objects().stage(call->context(), repository, branch, path,
                                                         entry, std::move(options)));
  co_return object_response({.path = path.view(),
                             .physical_address = address,
                             .entry = entry,
                             .metadata = &entry.metadata},
                            200);
}

}  // namespace varve::rest
