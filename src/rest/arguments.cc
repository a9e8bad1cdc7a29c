#include "rest/arguments.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/number.h"
#include "base/result.h"
#include "base/time.h"
#include "http/message.h"
#include "http/uri.h"
#include "rest/operation.h"
#include "rest/router.h"

namespace varve::rest {
namespace {

using In = Parameter::In;
using Type = Parameter::Type;

base::Error fault(const Parameter& parameter, std::string_view why) {
  const std::string_view where = parameter.in == In::Path    ? "path"
                                 : parameter.in == In::Query ? "query"
                                                             : "header";
  std::string text = "parameter \"";
  text.append(parameter.name).append("\" in ").append(where).append(" has an error: ").append(why);
  return {base::Code::InvalidArgument, std::move(text)};
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  return base::parse_number<std::int64_t>(text);
}

std::optional<bool> parse_boolean(std::string_view text) {
  for (const std::string_view yes : {"1", "t", "T", "TRUE", "true", "True"}) {
    if (text == yes) return true;
  }
  for (const std::string_view no : {"0", "f", "F", "FALSE", "false", "False"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

// The query's parameters; a piece with a broken escape is dropped, as every Go server drops it.
struct QueryPair {
  std::string name;
  std::string value;
};

std::vector<QueryPair> parse_query(std::string_view query) {
  std::vector<QueryPair> out;
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view piece = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    const std::size_t equals = piece.find('=');
    auto name = http::form_decode(piece.substr(0, equals));
    auto value = http::form_decode(equals == std::string_view::npos ? std::string_view()
                                                                    : piece.substr(equals + 1));
    if (piece.empty() || !name || !value) continue;
    out.push_back({*std::move(name), *std::move(value)});
  }
  return out;
}

std::vector<std::string> take_values(const Parameter& parameter, const http::Request& request,
                                     std::vector<QueryPair>& query) {
  std::vector<std::string> values;
  if (parameter.in == In::Header) {
    // A repeated header counts once, as the first.
    const auto value = request.headers.get(parameter.name);
    if (value) values.emplace_back(*value);
    return values;
  }
  for (QueryPair& pair : query) {
    if (pair.name == parameter.name) values.push_back(std::move(pair.value));
  }
  return values;
}

}  // namespace

base::Result<Arguments> Arguments::parse(const Route& route, const http::Request& request) {
  Arguments arguments;
  arguments.arguments_.reserve(route.count + 8);
  std::string_view path = route.operation->path;
  for (std::size_t i = 0; i < route.count; ++i) {
    path.remove_prefix(path.find('{') + 1);
    const Parameter parameter = path_parameter(path.substr(0, path.find('}')));
    auto decoded = http::percent_decode(route.values[i]);
    if (!decoded) return fault(parameter, "invalid URL escape");
    std::vector<std::string> values;
    values.push_back(*std::move(decoded));
    VARVE_CHECK(arguments.add(parameter, std::move(values)));
  }
  std::vector<QueryPair> query = parse_query(request.query);
  for (const Parameter* parameter : route.operation->parameters) {
    if (parameter == nullptr) break;
    VARVE_CHECK(arguments.add(*parameter, take_values(*parameter, request, query)));
  }
  return arguments;
}

base::Result<void> Arguments::add(const Parameter& parameter, std::vector<std::string> values) {
  Argument& argument = arguments_.emplace_back();
  argument.name = parameter.name;
  argument.is_present = !values.empty();
  if (values.empty()) {
    if (parameter.is_required) return fault(parameter, "value is required but missing");
    argument.text = parameter.default_text;
    if (parameter.type == Type::Integer) argument.number = parse_integer(argument.text).value_or(0);
    if (parameter.type == Type::Boolean) argument.number = argument.text == "true" ? 1 : 0;
    return {};
  }
  for (const std::string& value : values) {
    if (value.empty() && !parameter.allows_empty) {
      return fault(parameter, "empty value is not allowed");
    }
  }
  if (parameter.type == Type::List) {
    argument.list = std::move(values);
    return {};
  }
  if (values.size() > 1) return fault(parameter, "multiple values for single value parameter");
  argument.text = std::move(values.front());
  if (argument.text.empty()) return {};
  const std::string& text = argument.text;
  if (parameter.type == Type::Integer) {
    const auto number = parse_integer(text);
    if (!number) return fault(parameter, "value " + text + ": an invalid integer");
    if (*number < parameter.minimum) {
      return fault(parameter, "number must be at least " + std::to_string(parameter.minimum));
    }
    if (*number > parameter.maximum) {
      return fault(parameter, "number must be at most " + std::to_string(parameter.maximum));
    }
    argument.number = *number;
  }
  if (parameter.type == Type::Boolean) {
    const auto flag = parse_boolean(text);
    if (!flag) return fault(parameter, "value " + text + ": an invalid boolean");
    argument.number = *flag ? 1 : 0;
  }
  if (parameter.type == Type::Instant) {
    argument.instant = base::parse_rfc3339(text);
    if (!argument.instant) return fault(parameter, "value is not a date-time");
  }
  if (!parameter.choices.empty() && std::find(parameter.choices.begin(), parameter.choices.end(),
                                              text) == parameter.choices.end()) {
    return fault(parameter, "value is not one of the allowed values");
  }
  if (parameter.pattern != nullptr && !parameter.pattern->matches(text)) {
    return fault(parameter, "string doesn't match the regular expression");
  }
  return {};
}

const Arguments::Argument& Arguments::get(std::string_view name) const {
  const auto it = std::find_if(arguments_.begin(), arguments_.end(),
                               [name](const Argument& a) { return a.name == name; });
  VARVE_ASSERT(it != arguments_.end());
  return *it;
}

bool Arguments::has(std::string_view name) const { return get(name).is_present; }
const std::string& Arguments::text(std::string_view name) const { return get(name).text; }
std::int64_t Arguments::number(std::string_view name) const { return get(name).number; }
bool Arguments::flag(std::string_view name) const { return get(name).number != 0; }

const std::vector<std::string>& Arguments::list(std::string_view name) const {
  return get(name).list;
}

std::optional<base::Timestamp> Arguments::instant(std::string_view name) const {
  return get(name).instant;
}

}  // namespace varve::rest
