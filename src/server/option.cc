#include "server/option.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "base/number.h"
#include "base/result.h"
#include "server/option_tables.h"
#include "server/text.h"

namespace varve::server {

using base::Code;
using base::Error;
using base::Result;

std::string_view to_string(OptionType type) {
  switch (type) {
    case OptionType::Boolean:
      return "boolean";
    case OptionType::Integer:
      return "integer";
    case OptionType::Real:
      return "number";
    case OptionType::Text:
      return "text";
    case OptionType::Duration:
      return "duration";
    case OptionType::List:
      return "list";
    case OptionType::Map:
      return "map";
    case OptionType::Objects:
      return "list of objects";
  }
  return "";
}

const std::vector<Option>& options() {
  static const std::vector<Option> table = [] {
    std::vector<Option> rows = process_options();
    for (const auto& part : {storage_options(), engine_options(), auth_options()}) {
      rows.insert(rows.end(), part.begin(), part.end());
    }
    return rows;
  }();
  return table;
}

const Option* find_option(std::string_view key) {
  const std::string wanted = lower_case(key);
  for (const Option& option : options()) {
    if (option.key == wanted) return &option;
  }
  return nullptr;
}

std::string nearest_key(std::string_view key) {
  const std::string wanted = lower_case(key);
  // A third of the letters may differ: `blockstor.typ` is a slip, `foo` for `tls.enabled` is not.
  std::size_t best = wanted.size() / 3 + 1;
  std::string nearest;
  for (const Option& option : options()) {
    const std::size_t distance = edit_distance(wanted, option.key);
    if (distance < best) {
      best = distance;
      nearest = std::string(option.key);
    }
  }
  return nearest;
}

namespace {

Error bad_value(const Option& option, std::string_view text, std::string_view reason) {
  const std::string shown = option.is_secret ? "******" : "\"" + std::string(text) + "\"";
  return Error(Code::InvalidArgument,
               shown + ": " + std::string(reason) + "; allowed: " + allowed_values(option));
}

// The forms Go's strconv.ParseBool takes, since these files were written for it.
std::optional<bool> parse_boolean(std::string_view text) {
  const std::string lower = lower_case(text);
  for (const std::string_view yes : {"true", "t", "1", "yes", "on"}) {
    if (lower == yes) return true;
  }
  for (const std::string_view no : {"false", "f", "0", "no", "off"}) {
    if (lower == no) return false;
  }
  return std::nullopt;
}

std::optional<OptionMap> parse_map(std::string_view text) {
  OptionMap map;
  for (const std::string& pair : split(text, ',')) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos) return std::nullopt;
    map[trim(std::string_view(pair).substr(0, equals))] =
        trim(std::string_view(pair).substr(equals + 1));
  }
  return map;
}

std::optional<OptionValue> value_of_text(const Option& option, std::string_view text) {
  const auto wrap = [](auto value) -> std::optional<OptionValue> {
    if (!value) return std::nullopt;
    return OptionValue(*std::move(value));
  };
  switch (option.type) {
    case OptionType::Boolean:
      return wrap(parse_boolean(text));
    case OptionType::Integer:
      return wrap(base::parse_number<std::int64_t>(text));
    case OptionType::Real:
      return wrap(base::parse_number<double>(text));
    case OptionType::Text:
      return OptionValue(std::string(text));
    case OptionType::Duration: {
      Result<std::chrono::nanoseconds> duration = parse_duration(text);
      if (!duration) return std::nullopt;
      return OptionValue(*duration);
    }
    case OptionType::List:
      return OptionValue(split(text, ','));
    case OptionType::Map:
      return wrap(parse_map(text));
    case OptionType::Objects:
      break;  // only with structure: config.cc reads them as JSON
  }
  return std::nullopt;
}

double number_of(const OptionValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  if (const auto* real = std::get_if<double>(&value)) return *real;
  if (const auto* duration = std::get_if<std::chrono::nanoseconds>(&value)) {
    return static_cast<double>(duration->count());
  }
  return 0;
}

bool is_host_name(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  });
}

bool is_under(std::string_view name, std::string_view parent) {
  return name.size() > parent.size() && name.ends_with(parent) &&
         name[name.size() - parent.size() - 1] == '.';
}

// "" if every name may stand beside the others.
std::string fault_of_hosts(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (!is_host_name(name)) return "'" + name + "' is no host name";
    for (const std::string& other : names) {
      if (is_under(name, other)) return name + " is a sub-domain of " + other;
    }
  }
  return "";
}

bool is_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  const std::optional<int> port = base::parse_number<int>(text.substr(colon + 1));
  return port && *port >= 0 && *port <= 65535;
}

bool is_choice(std::string_view choices, std::string_view value) {
  for (const std::string& choice : split(choices, ',')) {
    if (choice == value) return true;
  }
  return false;
}

std::string fault_of_choice(const Option& option, const std::string& text) {
  if (option.choices.empty() || text.empty()) return "";
  const std::string lower = lower_case(text);
  if (is_choice(option.choices, lower)) return "";
  if (is_choice(option.choices_unbuilt, lower)) return "not built into this version";
  return "unknown value";
}

// "" for a value that passes; the reason why it does not otherwise.
std::string fault_of(const Option& option, const OptionValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (text != nullptr) {
    if (std::string fault = fault_of_choice(option, *text); !fault.empty()) return fault;
  }
  switch (option.check) {
    case Check::None:
      return "";
    case Check::Positive:
      return number_of(value) > 0 ? "" : "must be above 0";
    case Check::NotNegative:
      return number_of(value) >= 0 ? "" : "must not be negative";
    case Check::Fraction:
      return number_of(value) >= 0 && number_of(value) <= 1 ? "" : "must lie between 0 and 1";
    case Check::Address:
      return text != nullptr && is_address(*text) ? "" : "is no address";
    case Check::Url:
      return text != nullptr && (text->starts_with("http://") || text->starts_with("https://"))
                 ? ""
                 : "is no URL";
    case Check::HostNames:
      return fault_of_hosts(std::get<std::vector<std::string>>(value));
    case Check::Folder:
      return text != nullptr && !text->empty() ? "" : "must not be empty";
  }
  return "";
}

}  // namespace

Result<OptionValue> parse_value(const Option& option, std::string_view text) {
  std::optional<OptionValue> value = value_of_text(option, text);
  if (!value) {
    return bad_value(option, text, "is not a value of type " + std::string(to_string(option.type)));
  }
  return check_value(option, *std::move(value));
}

Result<OptionValue> check_value(const Option& option, OptionValue value) {
  const std::string fault = fault_of(option, value);
  if (!fault.empty()) {
    return bad_value(option, show_value(option, value), fault);
  }
  // One spelling inside: `INFO` and `info` are the same choice.
  auto* text = std::get_if<std::string>(&value);
  if (text != nullptr && !option.choices.empty()) *text = lower_case(*text);
  return value;
}

namespace {

std::string show_map(const OptionMap& map) {
  std::string text;
  for (const auto& [name, value] : map) {
    if (!text.empty()) text += ',';
    text += name + "=" + value;
  }
  return text;
}

struct Shower {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const {
    char buffer[32];
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
    return error == std::errc{} ? std::string(buffer, end) : "";
  }
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(std::chrono::nanoseconds value) const { return format_duration(value); }
  std::string operator()(const std::vector<std::string>& value) const { return join(value, ","); }
  std::string operator()(const OptionMap& value) const { return show_map(value); }
  std::string operator()(const OptionObjects& value) const {
    std::vector<std::string> parts;
    for (const OptionMap& object : value) parts.push_back("{" + show_map(object) + "}");
    return join(parts, ",");
  }
};

}  // namespace

std::string show_value(const Option& option, const OptionValue& value) {
  std::string text = std::visit(Shower(), value);
  if (option.is_secret && !text.empty()) return "******";
  return text;
}

std::string allowed_values(const Option& option) {
  if (!option.choices.empty()) return join(split(option.choices, ','), ", ");
  switch (option.check) {
    case Check::Address:
      return "host:port, :port or [v6]:port, with a port up to 65535";
    case Check::Url:
      return "http://... or https://...";
    case Check::HostNames:
      return "a list of host names, none a sub-domain of another";
    case Check::Folder:
      return "the name of a folder";
    case Check::Fraction:
      return "a number from 0 to 1";
    case Check::Positive:
    case Check::NotNegative:
    case Check::None:
      break;
  }
  const std::string bound = option.check == Check::Positive      ? " above 0"
                            : option.check == Check::NotNegative ? " of at least 0"
                                                                 : "";
  if (option.type == OptionType::Boolean) return "true, false";
  if (option.type == OptionType::Duration) return "a duration" + bound + ", such as 300ms or 1h30m";
  if (option.type == OptionType::Map) return "k1=v1,k2=v2";
  return "a value of type " + std::string(to_string(option.type)) + bound;
}

}  // namespace varve::server
