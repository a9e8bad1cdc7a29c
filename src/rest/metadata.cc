// Metaranges and ranges, the files of a commit's tree: getMetaRange, getRange, getMetadataObject.
// rest-semantics.md 22.1.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/engine.h"
#include "engine/uploads/uploads.h"
#include "http/message.h"
#include "model/records.h"
#include "ports/object_types.h"
#include "rest/call.h"
#include "rest/handlers.h"
#include "rest/json_writer.h"
#include "rest/object_access.h"
#include "rest/response.h"

namespace varve::rest {
namespace {

constexpr std::string_view MetadataFolder = "_lakefs/";

http::Response location_response(std::string_view id) {
  const std::string location = std::string(MetadataFolder) + std::string(id);
  base::Bytes body;
  JsonWriter json(body);
  json.begin_object();
  json.field("location", std::string_view(location));
  json.end_object();
  http::Response response = json_response(std::move(body));
  response.headers.add("Location", location);
  return response;
}

// Ids are hexadecimal: anything else would name a file elsewhere in the folder, or out of it.
bool is_metadata_id(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

base::Task<Answer> get_meta_range(CallPtr call) {
  VARVE_CO_CHECK(co_await repository_of(*call));
  co_return location_response(call->argument("meta_range"));
}

base::Task<Answer> get_range(CallPtr call) {
  VARVE_CO_CHECK(co_await repository_of(*call));
  co_return location_response(call->argument("range"));
}

base::Task<Answer> get_metadata_object(CallPtr call) {
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_of(*call));
  if (call->arguments.flag("presign")) co_return presign_not_supported(*call);
  const std::string& id = call->argument("object_id");
  if (!is_metadata_id(id)) co_return error_response(410, "No data");
  model::Entry entry;
  entry.address = std::string(MetadataFolder) + id;
  ports::ByteRange whole;
  VARVE_CO_TRY(std::unique_ptr<ports::ObjectReader> reader,
               co_await call->engine().uploads().open(call->context(), std::move(repository),
                                                      std::move(entry), whole));
  http::Response response(200);
  response.headers.add("Content-Type", "application/octet-stream");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("X-Frame-Options", "SAMEORIGIN");
  response.headers.add("Content-Security-Policy", "default-src 'none'");
  const std::int64_t size = reader->info().size;
  response.body = body_of_reader(std::move(reader), size);
  co_return response;
}

}  // namespace varve::rest
