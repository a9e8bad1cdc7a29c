// Configuration, version, health and statistics. rest-semantics.md 9.4-9.6.
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/engine.h"
#include "ports/object_types.h"
#include "rest/call.h"
#include "rest/handlers.h"
#include "rest/json_body.h"
#include "rest/json_writer.h"
#include "rest/options.h"
#include "rest/response.h"

namespace varve::rest {
namespace {

void write_storage_config(JsonWriter& json, const ports::ObjectStoreCapabilities& storage) {
  json.begin_object();
  json.field("blockstore_type", std::string_view(storage.type));
  json.field("blockstore_namespace_example", std::string_view(storage.namespace_example));
  json.field("blockstore_namespace_ValidityRegex", std::string_view(storage.namespace_regex));
  json.field("default_namespace_prefix", std::string_view(storage.default_namespace_prefix));
  json.field("pre_sign_support", storage.can_presign);
  // The interface in a browser presigns only if it is told that other origins may be asked.
  json.field("pre_sign_support_ui", false);
  json.field("pre_sign_multipart_upload", storage.can_presign_multipart);
  json.field("import_support", storage.can_import);
  json.field("import_validity_regex", std::string_view(storage.namespace_regex));
  json.field("blockstore_id", "");
  json.field("blockstore_description", "");
  json.end_object();
}

void write_version_config(JsonWriter& json, const ApiOptions& options) {
  json.begin_object();
  json.field("version", std::string_view(options.version));
  json.field("version_context", "lakeFS");
  json.end_object();
}

std::optional<std::string_view> fault_of_event(const JsonObject& event) {
  if (event.text("class").empty()) return "invalid value: class is required";
  if (event.text("name").empty()) return "invalid value: name is required";
  if (event.number("count").value_or(0) < 0) {
    return "invalid value: count must be a non-negative integer";
  }
  return std::nullopt;
}

}  // namespace

base::Task<Answer> health_check(CallPtr call) {
  static_cast<void>(call);
  co_return empty_response();
}

base::Task<Answer> get_config(CallPtr call) {
  base::Bytes body;
  JsonWriter json(body);
  json.begin_object();
  json.key("storage_config");
  write_storage_config(json, call->engine().storage());
  json.key("storage_config_list");
  json.begin_list();
  json.end_list();
  json.key("version_config");
  write_version_config(json, call->services.options);
  json.key("ui_config");
  json.begin_object();
  json.end_object();
  json.key("capabilities_config");
  json.begin_object();
  json.end_object();
  json.end_object();
  co_return json_response(std::move(body));
}

base::Task<Answer> get_storage_config(CallPtr call) {
  base::Bytes body;
  JsonWriter json(body);
  write_storage_config(json, call->engine().storage());
  co_return json_response(std::move(body));
}

base::Task<Answer> get_version(CallPtr call) {
  base::Bytes body;
  JsonWriter json(body);
  write_version_config(json, call->services.options);
  co_return json_response(std::move(body));
}

base::Task<Answer> get_gc_config(CallPtr call) {
  base::Bytes body;
  JsonWriter json(body);
  json.begin_object();
  json.field("grace_period", call->services.options.gc_grace_seconds);
  json.end_object();
  co_return json_response(std::move(body));
}

// Accepted and forgotten: nothing about anybody leaves the machine. Checked, so that a client's
// mistake is told.
base::Task<Answer> post_stats_events(CallPtr call) {
  for (const JsonObject& event : call->json().objects("events")) {
    if (const auto fault = fault_of_event(event)) {
      co_return base::Error(base::Code::InvalidArgument, std::string(*fault));
    }
  }
  co_return empty_response();
}

}  // namespace varve::rest
