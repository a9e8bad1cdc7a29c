// The OpenAPI document, written from the table that routes and validates: what it says is what
// happens. Schemas of answers are left out; rest-semantics.md has them.
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "http/message.h"
#include "rest/json_writer.h"
#include "rest/operation.h"
#include "rest/options.h"
#include "rest/pages.h"
#include "rest/schema.h"

namespace varve::rest {
namespace {

constexpr std::string_view SchemaRoot = "#/components/schemas/";

class OpenApiWriter {
 public:
  explicit OpenApiWriter(base::Bytes& out) : json_(out) {}

  void document(const ApiOptions& options) {
    json_.begin_object();
    json_.field("openapi", "3.0.0");
    json_.key("info");
    json_.begin_object();
    json_.field("title", "Varve API");
    json_.field("description", "Version control for data lakes; compatible with lakeFS 1.84.");
    json_.field("version", std::string_view(options.version));
    json_.end_object();
    json_.key("servers");
    json_.begin_list();
    json_.begin_object();
    json_.field("url", "/api/v1");
    json_.end_object();
    json_.end_list();
    write_security("jwt_token basic_auth cookie_auth");
    write_paths();
    write_components();
    json_.end_object();
  }

 private:
  // Any one of the schemes named; "" for none needed.
  void write_security(std::string_view schemes) {
    json_.key("security");
    json_.begin_list();
    while (!schemes.empty()) {
      const std::size_t space = schemes.find(' ');
      json_.begin_object();
      json_.key(schemes.substr(0, space));
      json_.begin_list();
      json_.end_list();
      json_.end_object();
      schemes.remove_prefix(space == std::string_view::npos ? schemes.size() : space + 1);
    }
    json_.end_list();
  }

  void write_paths() {
    json_.key("paths");
    json_.begin_object();
    std::set<std::string_view> done;
    for (const Operation& first : operations()) {
      if (!done.insert(first.path).second) continue;
      json_.key(first.path);
      json_.begin_object();
      for (const Operation& operation : operations()) {
        if (operation.path == first.path) write_operation(operation);
      }
      json_.end_object();
    }
    json_.end_object();
  }

  void write_operation(const Operation& operation) {
    std::string method(http::to_string(operation.method));
    for (char& c : method) c = static_cast<char>(c - 'A' + 'a');
    json_.key(method);
    json_.begin_object();
    json_.field("operationId", operation.name);
    if (operation.access == Access::Public) write_security("");
    write_parameters(operation);
    if (operation.body != nullptr) {
      json_.key("requestBody");
      json_.begin_object();
      json_.field("required", operation.is_body_required);
      write_content(*operation.body);
      json_.end_object();
    }
    write_responses(operation);
    json_.end_object();
  }

  void write_parameters(const Operation& operation) {
    json_.key("parameters");
    json_.begin_list();
    std::string_view path = operation.path;
    for (std::size_t at = path.find('{'); at != std::string_view::npos; at = path.find('{')) {
      path.remove_prefix(at + 1);
      write_parameter(path_parameter(path.substr(0, path.find('}'))));
    }
    for (const Parameter* parameter : operation.parameters) {
      if (parameter != nullptr) write_parameter(*parameter);
    }
    json_.end_list();
  }

  void write_parameter(const Parameter& parameter) {
    using In = Parameter::In;
    json_.begin_object();
    json_.field("name", parameter.name);
    json_.field("in", parameter.in == In::Path    ? "path"
                      : parameter.in == In::Query ? "query"
                                                  : "header");
    if (parameter.is_required) json_.field("required", true);
    if (parameter.allows_empty) json_.field("allowEmptyValue", true);
    json_.key("schema");
    json_.begin_object();
    write_parameter_schema(parameter);
    json_.end_object();
    json_.end_object();
  }

  void write_parameter_schema(const Parameter& parameter) {
    const Parameter limits;
    switch (parameter.type) {
      case Parameter::Type::Text:
      case Parameter::Type::Instant:
        json_.field("type", "string");
        break;
      case Parameter::Type::Integer:
        json_.field("type", "integer");
        break;
      case Parameter::Type::Boolean:
        json_.field("type", "boolean");
        break;
      case Parameter::Type::List:
        json_.field("type", "array");
        json_.key("items");
        json_.begin_object();
        json_.field("type", "string");
        json_.end_object();
        break;
    }
    if (parameter.type == Parameter::Type::Instant) json_.field("format", "date-time");
    if (parameter.minimum != limits.minimum) json_.field("minimum", parameter.minimum);
    if (parameter.maximum != limits.maximum) json_.field("maximum", parameter.maximum);
    if (parameter.pattern != nullptr) json_.field("pattern", parameter.pattern->regex);
    write_choices(parameter.choices);
    write_default(parameter);
  }

  void write_default(const Parameter& parameter) {
    const std::string_view text = parameter.default_text;
    if (text.empty()) return;
    if (parameter.type == Parameter::Type::Boolean) return json_.field("default", text == "true");
    if (parameter.type != Parameter::Type::Integer) return json_.field("default", text);
    json_.field("default", std::int64_t{std::stoll(std::string(text))});
  }

  void write_choices(std::span<const std::string_view> choices) {
    if (choices.empty()) return;
    json_.key("enum");
    json_.begin_list();
    for (const std::string_view choice : choices) json_.text(choice);
    json_.end_list();
  }

  void write_content(const Schema& schema) {
    json_.key("content");
    json_.begin_object();
    json_.key("application/json");
    json_.begin_object();
    json_.key("schema");
    write_schema(schema);
    json_.end_object();
    json_.end_object();
  }

  void write_responses(const Operation& operation) {
    json_.key("responses");
    json_.begin_object();
    json_.key(std::to_string(operation.status));
    json_.begin_object();
    json_.field("description", "success");
    json_.end_object();
    json_.key("default");
    json_.begin_object();
    json_.field("description", "error");
    json_.key("content");
    json_.begin_object();
    json_.key("application/json");
    json_.begin_object();
    json_.key("schema");
    write_reference("Error");
    json_.end_object();
    json_.end_object();
    json_.end_object();
    json_.end_object();
  }

  void write_reference(std::string_view name) {
    json_.begin_object();
    json_.field("$ref", std::string_view(std::string(SchemaRoot).append(name)));
    json_.end_object();
  }

  // A component by reference, to be written later; anything else in place.
  void write_schema(const Schema& schema) {
    if (schema.name.empty()) return write_whole_schema(schema);
    if (named_.insert(schema.name).second) waiting_.push_back(&schema);
    write_reference(schema.name);
  }

  void write_whole_schema(const Schema& schema) {
    const Schema limits;
    json_.begin_object();
    switch (schema.type) {
      case Schema::Type::Text:
        json_.field("type", "string");
        if (schema.size_min > 0)
          json_.field("minLength", static_cast<std::int64_t>(schema.size_min));
        break;
      case Schema::Type::Integer:
        json_.field("type", "integer");
        break;
      case Schema::Type::Boolean:
        json_.field("type", "boolean");
        break;
      case Schema::Type::List:
        json_.field("type", "array");
        if (schema.size_min > 0)
          json_.field("minItems", static_cast<std::int64_t>(schema.size_min));
        json_.key("items");
        write_schema(*schema.items);
        break;
      case Schema::Type::Object:
        write_properties(schema);
        break;
      case Schema::Type::Map:
        json_.field("type", "object");
        if (schema.items != nullptr) {
          json_.key("additionalProperties");
          write_schema(*schema.items);
        }
        break;
      case Schema::Type::Any:
        break;
    }
    if (schema.minimum != limits.minimum) json_.field("minimum", schema.minimum);
    if (schema.maximum != limits.maximum) json_.field("maximum", schema.maximum);
    if (schema.pattern != nullptr) json_.field("pattern", schema.pattern->regex);
    if (schema.is_nullable) json_.field("nullable", true);
    write_choices(schema.choices);
    json_.end_object();
  }

  void write_properties(const Schema& schema) {
    json_.field("type", "object");
    std::vector<std::string_view> required;
    json_.key("properties");
    json_.begin_object();
    for (const Property& property : schema.properties) {
      if (property.is_required) required.push_back(property.name);
      json_.key(property.name);
      write_schema(*property.schema);
    }
    json_.end_object();
    if (required.empty()) return;
    json_.key("required");
    json_.begin_list();
    for (const std::string_view name : required) json_.text(name);
    json_.end_list();
  }

  void write_components() {
    json_.key("components");
    json_.begin_object();
    write_security_schemes();
    json_.key("schemas");
    json_.begin_object();
    json_.key("Error");
    json_.begin_object();
    json_.field("type", "object");
    json_.key("properties");
    json_.begin_object();
    json_.key("message");
    json_.begin_object();
    json_.field("type", "string");
    json_.end_object();
    json_.end_object();
    json_.end_object();
    // Writing one may bring others.
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      json_.key(waiting_[i]->name);
      write_whole_schema(*waiting_[i]);
    }
    json_.end_object();
    json_.end_object();
  }

  void write_security_schemes() {
    json_.key("securitySchemes");
    json_.begin_object();
    json_.key("basic_auth");
    json_.begin_object();
    json_.field("type", "http");
    json_.field("scheme", "basic");
    json_.end_object();
    json_.key("jwt_token");
    json_.begin_object();
    json_.field("type", "http");
    json_.field("scheme", "bearer");
    json_.field("bearerFormat", "JWT");
    json_.end_object();
    json_.key("cookie_auth");
    json_.begin_object();
    json_.field("type", "apiKey");
    json_.field("in", "cookie");
    json_.field("name", "internal_auth_session");
    json_.end_object();
    json_.end_object();
  }

  JsonWriter json_;
  std::set<std::string_view> named_;
  std::vector<const Schema*> waiting_;
};

}  // namespace

base::Bytes openapi_document(const ApiOptions& options) {
  base::Bytes out;
  OpenApiWriter(out).document(options);
  out.push_back('\n');
  return out;
}

}  // namespace varve::rest
