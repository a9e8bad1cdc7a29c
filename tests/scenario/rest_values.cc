#include "tests/scenario/rest_values.h"

#include <boost/json.hpp>
#include <string>
#include <utility>

#include "model/errors.h"

namespace varve::scenario {

namespace json = boost::json;

namespace {

// Of a name that breaks its rule the API also says which argument it was, and what the rule is
// (rest-semantics.md 6.3, 11.1).
std::string without_argument(std::string message) {
  constexpr std::string_view Argument = "argument ";
  constexpr std::string_view Invalid = "validation error";
  if (!message.starts_with(Argument)) return message;
  message.erase(0, message.find(": ") + 2);
  return message.substr(0, message.find(Invalid) + Invalid.size());
}

}  // namespace

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* found = object.if_contains(name);
  return found == nullptr ? std::string() : std::string(found->as_string());
}

json::object json_of(const Metadata& metadata) {
  json::object object;
  for (const auto& [key, value] : metadata) object[key] = value;
  return object;
}

json::array json_of(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

Metadata metadata_of(const json::object& object) {
  Metadata metadata;
  for (const auto& [key, value] : object) metadata[key] = std::string(value.as_string());
  return metadata;
}

CommitView commit_of(const json::object& object) {
  CommitView view;
  view.id = text_of(object, "id");
  view.message = text_of(object, "message");
  view.committer = text_of(object, "committer");
  for (const json::value& parent : object.at("parents").as_array()) {
    view.parents.emplace_back(parent.as_string());
  }
  view.metadata = metadata_of(object.at("metadata").as_object());
  view.tree = text_of(object, "meta_range_id");
  view.date = object.at("creation_date").as_int64();
  view.generation = object.at("generation").to_number<std::int32_t>();
  view.version = object.at("version").to_number<std::int32_t>();
  return view;
}

base::Error error_of(const RestReply& reply) {
  base::Code code = base::Code::InvalidArgument;
  if (reply.status == 404) code = base::Code::NotFound;
  if (reply.status == 409) code = base::Code::Conflict;
  const json::object body = json::parse(reply.body).as_object();
  // The one refusal with a body of its own: a merge without result (rest-semantics.md 15.1).
  if (body.contains("reference")) return model::conflict_found();
  return {code, without_argument(text_of(body, "message"))};
}

}  // namespace varve::scenario
