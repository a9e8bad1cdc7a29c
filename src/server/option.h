// Option: one row of the table that declares everything a server can be told. Parsing, flags,
// --help, the reference page and its freshness test all come from the table (options()).
//
// A key is lakeFS's where lakeFS has one, so its configuration files start Varve unchanged.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace varve::server {

enum class OptionType : std::uint8_t { Boolean, Integer, Real, Text, Duration, List, Map, Objects };
std::string_view to_string(OptionType type);

using OptionMap = std::map<std::string, std::string>;
using OptionObjects = std::vector<OptionMap>;
using OptionValue = std::variant<bool, std::int64_t, double, std::string, std::chrono::nanoseconds,
                                 std::vector<std::string>, OptionMap, OptionObjects>;

// What a value must satisfy beyond its type.
enum class Check : std::uint8_t {
  None,
  Positive,     // > 0
  NotNegative,  // >= 0
  Fraction,     // 0 .. 1
  Address,      // host:port, :port, [v6]:port
  Url,          // http:// or https://
  HostNames,    // a list of DNS names
  Folder,       // a path name, not empty
};

enum class Support : std::uint8_t {
  Used,     // does what its text says
  Ignored,  // accepted because lakeFS has it and nothing is lost; a warning tells
  Unbuilt,  // asks for something this version cannot do: any value but the default is refused
};

struct Option {
  std::string_view key{};
  OptionType type = OptionType::Text;
  std::string_view initial{};  // the default as one would write it; "" for none
  std::string_view unit{};     // "bytes", "entries"; "" where the type says it all
  std::string_view text{};     // one sentence
  std::string_view choices{};  // comma-separated values allowed; "" for any that pass `check`
  // Values of `choices`' kind that lakeFS has and this version has not, so that the refusal can say
  // that it is not a typing error.
  std::string_view choices_unbuilt{};
  Check check = Check::None;
  Support support = Support::Used;
  bool is_secret = false;
  bool is_required = false;
};

// Every option, in the order of the reference page.
const std::vector<Option>& options();

// Null if there is none. Keys are compared without case.
const Option* find_option(std::string_view key);

// The key nearest to `key` by edit distance, "" if none is near enough to be a slip of the fingers.
std::string nearest_key(std::string_view key);

// The value `text` stands for, checked. `text` is what a flag or the environment would carry: lists
// comma-separated or in brackets, maps as k=v,k=v, objects as JSON.
//   InvalidArgument  "<value>: <reason>; allowed: <what>"; secrets are not repeated  [I-14]
base::Result<OptionValue> parse_value(const Option& option, std::string_view text);

// The same check for a value that came with structure (a YAML list or map).
base::Result<OptionValue> check_value(const Option& option, OptionValue value);

// A value as one would write it; a secret as "******".
std::string show_value(const Option& option, const OptionValue& value);

// What `option` accepts, for messages and for the reference page.
std::string allowed_values(const Option& option);

// Go's notation: 300ms, 10s, 1h30m, 1.5h; "0". InvalidArgument for anything else.
base::Result<std::chrono::nanoseconds> parse_duration(std::string_view text);
std::string format_duration(std::chrono::nanoseconds duration);

}  // namespace varve::server
