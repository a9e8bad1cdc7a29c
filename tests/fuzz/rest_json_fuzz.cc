// JSON bodies and JSON text. Whatever a body holds, parsing ends with a value that fits its schema
// or with an Error; whatever text is written comes back from the parser, bytes that are not UTF-8
// as U+FFFD.
//
// links: varve_rest
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/bytes.h"
#include "rest/json_body.h"
#include "rest/json_writer.h"
#include "rest/schema.h"

namespace varve::fuzz {
namespace {

void parse_as(std::string_view input, const rest::Schema& schema) {
  const auto body = rest::JsonBody::parse(input, schema);
  if (!body.has_value()) return;
  const rest::JsonObject object = body->object();
  for (const rest::Property& property : schema.properties) {
    if (property.is_required) VARVE_ASSERT(object.has(property.name));
    if (property.schema->type == rest::Schema::Type::Text) object.text(property.name);
    if (property.schema->type == rest::Schema::Type::Integer) object.number(property.name);
    if (property.schema->type == rest::Schema::Type::Boolean) object.flag(property.name);
  }
}

void write_and_read(std::string_view input) {
  base::Bytes out;
  rest::JsonWriter json(out);
  json.begin_object();
  json.field("path", input);
  json.field("metadata", model::Metadata{{std::string(input), std::string(input)}});
  json.end_object();
  const rest::Schema map{.type = rest::Schema::Type::Map};
  const auto body = rest::JsonBody::parse(out, map);
  VARVE_ASSERT(body.has_value());
  const std::string expected = rest::with_valid_utf8(input);
  VARVE_ASSERT(body->object().text("path") == expected);
  VARVE_ASSERT(body->object().map("metadata").at(expected) == expected);
}

}  // namespace
}  // namespace varve::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  namespace schemas = varve::rest::schemas;
  for (const varve::rest::Schema* schema :
       {&schemas::CommitRecordCreation, &schemas::StagingMetadata, &schemas::Setup,
        &schemas::RevertCreation}) {
    varve::fuzz::parse_as(input, *schema);
  }
  varve::fuzz::write_and_read(input);
  return 0;
}
