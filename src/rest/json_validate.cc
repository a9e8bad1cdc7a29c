#include "rest/json_validate.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rest/schema.h"

namespace varve::rest {
namespace {

namespace json = boost::json;
using Fault = std::optional<std::string>;

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

Fault fault_of_text(const json::value& value, const Schema& schema) {
  const json::string* found = value.if_string();
  if (found == nullptr) return "value must be a string";
  const std::string_view text = view(*found);
  if (text.size() < schema.size_min) return "minimum string length is 1";
  if (!schema.choices.empty() &&
      std::find(schema.choices.begin(), schema.choices.end(), text) == schema.choices.end()) {
    return "value is not one of the allowed values";
  }
  if (schema.pattern != nullptr && !schema.pattern->matches(text)) {
    return "string doesn't match the regular expression \"" + std::string(schema.pattern->regex) +
           "\"";
  }
  return {};
}

Fault fault_of_integer(const json::value& value, const Schema& schema) {
  const std::int64_t* number = value.if_int64();
  // A number above 2^63 or with a fraction is kept as another kind, and no integer of ours is one.
  if (number == nullptr) return "value must be an integer";
  if (*number < schema.minimum) return "number must be at least " + std::to_string(schema.minimum);
  if (*number > schema.maximum) return "number must be at most " + std::to_string(schema.maximum);
  return {};
}

Fault at(std::string_view name, Fault fault) {
  if (fault) fault->insert(0, "property \"" + std::string(name) + "\": ");
  return fault;
}

Fault fault_of_object(const json::value& value, const Schema& schema) {
  const json::object* object = value.if_object();
  if (object == nullptr) return "value must be an object";
  for (const Property& property : schema.properties) {
    const json::value* member = object->if_contains({property.name.data(), property.name.size()});
    if (member == nullptr) {
      if (property.is_required) return at(property.name, "property is missing");
      continue;
    }
    if (Fault fault = at(property.name, find_fault(*member, *property.schema))) return fault;
  }
  return {};
}

Fault fault_of_map(const json::value& value, const Schema& schema) {
  const json::object* object = value.if_object();
  if (object == nullptr) return "value must be an object";
  if (schema.items == nullptr) return {};
  for (const json::key_value_pair& member : *object) {
    const std::string_view name(member.key().data(), member.key().size());
    if (Fault fault = at(name, find_fault(member.value(), *schema.items))) return fault;
  }
  return {};
}

Fault fault_of_list(const json::value& value, const Schema& schema) {
  const json::array* list = value.if_array();
  if (list == nullptr) return "value must be an array";
  if (list->size() < schema.size_min) return "minimum number of items is 1";
  for (std::size_t i = 0; i < list->size(); ++i) {
    if (Fault fault = at(std::to_string(i), find_fault((*list)[i], *schema.items))) return fault;
  }
  return {};
}

}  // namespace

Fault find_fault(const json::value& value, const Schema& schema) {
  if (value.is_null() && schema.is_nullable) return {};
  switch (schema.type) {
    case Schema::Type::Text:
      return fault_of_text(value, schema);
    case Schema::Type::Integer:
      return fault_of_integer(value, schema);
    case Schema::Type::Boolean:
      return value.is_bool() ? Fault() : Fault("value must be a boolean");
    case Schema::Type::List:
      return fault_of_list(value, schema);
    case Schema::Type::Object:
      return fault_of_object(value, schema);
    case Schema::Type::Map:
      return fault_of_map(value, schema);
    case Schema::Type::Any:
      return {};
  }
  return {};
}

}  // namespace varve::rest
