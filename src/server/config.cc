#include "server/config.h"

#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "base/assert.h"
#include "base/result.h"
#include "server/option.h"
#include "server/text.h"

extern char** environ;

namespace varve::server {

using base::Code;
using base::Error;
using base::Result;

// Collects values in order of precedence, and complaints instead of stopping at the first.
class SettingsBuilder {
 public:
  explicit SettingsBuilder(std::string home) { settings_.home_ = std::move(home); }

  void set_defaults() {
    for (const Option& option : options()) {
      Settings::Set set;
      // Absent objects and absent numbers of ignored stores stay empty text; nobody reads them.
      Result<OptionValue> value = option.initial.empty() && option.type != OptionType::List
                                      ? Result<OptionValue>(OptionValue(std::string()))
                                      : parse_value(option, option.initial);
      VARVE_ASSERT(value.has_value());
      set.value = *std::move(value);
      settings_.values_.emplace(option.key, std::move(set));
    }
  }

  void set_text(std::string_view key, std::string_view text, Origin origin,
                const std::string& where) {
    const Option* option = find_option(key);
    if (option == nullptr) return complain_unknown(key, where);
    const bool has_structure = text.starts_with('[') || text.starts_with('{');
    const bool may_have = option->type == OptionType::List || option->type == OptionType::Map ||
                          option->type == OptionType::Objects;
    if (has_structure && may_have) return set_flow(*option, std::string(text), origin, where);
    keep(*option, parse_value(*option, text), origin, where);
  }

  void read_file(const std::string& name) {
    settings_.file_ = name;
    try {
      const YAML::Node root = YAML::LoadFile(name);
      if (root.IsNull()) return;
      if (!root.IsMap()) return complain_file(name + ": is no YAML map of keys");
      walk(root, "", name);
    } catch (const YAML::BadFile&) {
      complain_file(name + ": cannot be read");
    } catch (const YAML::Exception& failure) {
      complain_file(name + ": line " + std::to_string(failure.mark.line + 1) + ": " + failure.msg);
    }
  }

  // Of what was set and refused, the refusal is complaint enough; of a file that says nothing, too.
  void require() {
    if (is_file_broken_) return;
    for (const Option& option : options()) {
      if (!option.is_required || refused_.contains(option.key)) continue;
      const auto* text = std::get_if<std::string>(&settings_.at(option.key).value);
      if (text != nullptr && text->empty()) {
        std::string line = std::string(option.key) + ": is required and nobody set it";
        if (!option.choices.empty()) line += "; allowed: " + allowed_values(option);
        complaints_.push_back(std::move(line));
      }
    }
    require_with("tls.enabled", {"tls.cert_file", "tls.key_file"});
  }

  void warn(std::string warning) { settings_.warnings_.push_back(std::move(warning)); }

  Result<Settings> finish() {
    if (!complaints_.empty()) return Error(Code::InvalidArgument, join(complaints_, "\n"));
    for (const Option& option : options()) {
      const Settings::Set& set = settings_.at(option.key);
      // Set to what it is anyway, such as telemetry to off, it has its effect.
      if (option.support == Support::Ignored && set.origin > Origin::Preset &&
          show_value(option, set.value) != option.initial) {
        warn(std::string(option.key) + " is set and has no effect: " + std::string(option.text));
      }
    }
    return std::move(settings_);
  }

 private:
  // What a switch that is on cannot do without.
  void require_with(std::string_view toggle, const std::vector<std::string_view>& keys) {
    if (!settings_.boolean(toggle)) return;
    for (const std::string_view key : keys) {
      if (!settings_.text(key).empty() || refused_.contains(key)) continue;
      complaints_.push_back(std::string(key) + ": is required if " + std::string(toggle) +
                            " is true");
    }
  }

  void complain_file(std::string complaint) {
    complaints_.push_back(std::move(complaint));
    is_file_broken_ = true;
  }

  void complain_unknown(std::string_view key, const std::string& where) {
    std::string line = where + ": " + std::string(key) + ": unknown key";
    const std::string nearest = nearest_key(key);
    if (!nearest.empty()) line += "; did you mean " + nearest + "?";
    complaints_.push_back(std::move(line));
  }

  void keep(const Option& option, Result<OptionValue> value, Origin origin,
            const std::string& where) {
    if (!value) return refuse(option, value.error().message(), where);
    if (option.support == Support::Unbuilt && show_value(option, *value) != option.initial &&
        !show_value(option, *value).empty()) {
      return refuse(option,
                    "\"" + show_value(option, *value) +
                        "\": not built into this version; allowed: " +
                        (option.initial.empty() ? "empty" : std::string(option.initial)),
                    where);
    }
    Settings::Set& set = settings_.values_.find(option.key)->second;
    set.value = *std::move(value);
    set.origin = origin;
  }

  void refuse(const Option& option, const std::string& reason, const std::string& where) {
    const bool is_flag = where == "--" + std::string(option.key);
    const std::string label = is_flag ? where : where + ": " + std::string(option.key);
    complaints_.push_back(label + ": " + reason);
    refused_.insert(option.key);
  }

  void set_flow(const Option& option, const std::string& text, Origin origin,
                const std::string& where) {
    try {
      set_node(option, YAML::Load(text), origin, where);
    } catch (const YAML::Exception& failure) {
      keep(option, Error(Code::InvalidArgument, failure.msg), origin, where);
    }
  }

  void walk(const YAML::Node& map, const std::string& prefix, const std::string& where) {
    for (const auto& child : map) {
      const std::string key = prefix + child.first.as<std::string>();
      if (!keys_of_file_.insert(lower_case(key)).second) {
        complaints_.push_back(where + ": " + key + ": is given twice");
        continue;
      }
      const Option* option = find_option(key);
      if (option != nullptr) {
        set_node(*option, child.second, Origin::File, where);
      } else if (child.second.IsMap()) {
        walk(child.second, key + ".", where);
      } else if (!is_section(key)) {
        complain_unknown(key, where);
      } else if (!child.second.IsNull()) {
        const std::string value = child.second.IsScalar() ? child.second.Scalar() : "a list";
        complaints_.push_back(where + ": " + key + ": \"" + value +
                              "\": has the wrong shape; allowed: a map of keys");
      }
    }
  }

  static bool is_section(const std::string& key) {
    const std::string prefix = lower_case(key) + ".";
    return std::any_of(options().begin(), options().end(),
                       [&](const Option& option) { return option.key.starts_with(prefix); });
  }

  static OptionMap map_of(const YAML::Node& node) {
    OptionMap map;
    for (const auto& pair : node) map[pair.first.as<std::string>()] = pair.second.as<std::string>();
    return map;
  }

  void set_node(const Option& option, const YAML::Node& node, Origin origin,
                const std::string& where) {
    if (node.IsNull()) return;  // `key:` with nothing behind it leaves the default
    if (node.IsScalar()) {
      keep(option, parse_value(option, node.Scalar()), origin, where);
    } else if (node.IsSequence() && option.type == OptionType::List) {
      keep(option, check_value(option, node.as<std::vector<std::string>>()), origin, where);
    } else if (node.IsMap() && option.type == OptionType::Map) {
      keep(option, check_value(option, map_of(node)), origin, where);
    } else if (node.IsSequence() && option.type == OptionType::Objects) {
      OptionObjects objects;
      for (const YAML::Node& object : node) objects.push_back(map_of(object));
      keep(option, check_value(option, std::move(objects)), origin, where);
    } else {
      keep(option,
           Error(Code::InvalidArgument, "has the wrong shape; allowed: " + allowed_values(option)),
           origin, where);
    }
  }

  Settings settings_;
  std::vector<std::string> complaints_;
  std::set<std::string> keys_of_file_;
  std::set<std::string_view> refused_;  // keys that were set to what they cannot be
  bool is_file_broken_ = false;
};

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs preset_defaults(Preset preset) {
  Pairs pairs;
  if (preset == Preset::None) return pairs;
  pairs = {{"database.type", "local"},
           {"blockstore.type", "local"},
           {"auth.encrypt.secret_key", "THIS_MUST_BE_CHANGED_IN_PRODUCTION"},
           // Who knows the secret may do everything, and everybody knows it.
           {"listen_address", "127.0.0.1:8000"}};
  if (preset == Preset::Quickstart) {
    pairs.emplace_back("installation.user_name", "quickstart");
    pairs.emplace_back("installation.access_key_id", "AKIAIOSFOLQUICKSTART");
    pairs.emplace_back("installation.secret_access_key",
                       "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
  }
  return pairs;
}

std::string variable_name(std::string_view prefix, std::string_view key) {
  std::string name = std::string(prefix) + upper_case(key);
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

void read_environment(SettingsBuilder& builder, const ConfigSource& source) {
  for (const Option& option : options()) {
    // VARVE_* speaks after LAKEFS_*, hence wins.
    for (const std::string_view prefix : {"LAKEFS_", "VARVE_"}) {
      const auto at = source.environment.find(variable_name(prefix, option.key));
      if (at == source.environment.end()) continue;
      builder.set_text(option.key, at->second, Origin::Environment, at->first);
    }
  }
}

// Orchestrators put VARVE_PORT and the like into environments, so an unknown variable cannot be an
// error; one that is a slip away from a real one is worth a word.
void warn_about_variables(SettingsBuilder& builder, const ConfigSource& source) {
  std::set<std::string> known;
  for (const Option& option : options()) known.insert(variable_name("VARVE_", option.key));
  for (const auto& [name, value] : source.environment) {
    if (!name.starts_with("VARVE_") || known.count(name) != 0) continue;
    for (const std::string& real : known) {
      if (edit_distance(name, real) <= 2) builder.warn(name + " is unknown; " + real + " exists");
    }
  }
}

// Quickstart's keys are printed in every manual, so it must not guard anything that matters.
Result<void> check_quickstart(const Settings& settings) {
  for (const auto& [key, value] : preset_defaults(Preset::Quickstart)) {
    if (key == "auth.encrypt.secret_key" || key == "listen_address") continue;
    const bool may_be_mem = key == "database.type" && settings.text(key) == "mem";
    if (settings.text(key) == value || may_be_mem) continue;
    return Error(Code::InvalidArgument,
                 key +
                     ": quickstart keeps this at its own value; use `varve serve` without "
                     "--quickstart to choose another");
  }
  return {};
}

}  // namespace

Result<Settings> load_settings(const ConfigSource& source) {
  const auto home = source.environment.find("HOME");
  const std::string home_folder = home == source.environment.end() ? "" : home->second;
  SettingsBuilder builder(home_folder);
  builder.set_defaults();
  for (const auto& [key, text] : preset_defaults(source.preset)) {
    builder.set_text(key, text, Origin::Preset, "preset");
  }
  for (const auto& [key, text] : source.defaults) {
    builder.set_text(key, text, Origin::Preset, "preset");
  }
  if (source.config_file) {
    const std::string name = expand_home(*source.config_file, home_folder);
    std::error_code ignored;
    if (!std::filesystem::exists(name, ignored)) {
      return Error(Code::NotFound, "--config: \"" + name + "\": there is no such file");
    }
    if (std::filesystem::is_directory(name, ignored)) {
      return Error(Code::InvalidArgument, "--config: \"" + name + "\": is a folder, not a file");
    }
    builder.read_file(name);
  } else {
    for (const std::string& path : config_search_paths(home_folder)) {
      std::error_code ignored;
      if (!std::filesystem::is_regular_file(path, ignored)) continue;
      builder.read_file(path);
      break;
    }
  }
  read_environment(builder, source);
  warn_about_variables(builder, source);
  for (const auto& [key, text] : source.flags) {
    builder.set_text(key, text, Origin::Flag, "--" + key);
  }
  builder.require();
  VARVE_TRY(Settings settings, builder.finish());
  if (source.preset == Preset::Quickstart) VARVE_CHECK(check_quickstart(settings));
  return settings;
}

const Settings::Set& Settings::at(std::string_view key) const {
  const auto found = values_.find(key);
  VARVE_ASSERT(found != values_.end());
  return found->second;
}

bool Settings::boolean(std::string_view key) const { return std::get<bool>(at(key).value); }
std::int64_t Settings::integer(std::string_view key) const {
  return std::get<std::int64_t>(at(key).value);
}
double Settings::real(std::string_view key) const { return std::get<double>(at(key).value); }
const std::string& Settings::text(std::string_view key) const {
  return std::get<std::string>(at(key).value);
}
std::chrono::nanoseconds Settings::duration(std::string_view key) const {
  return std::get<std::chrono::nanoseconds>(at(key).value);
}
const std::vector<std::string>& Settings::list(std::string_view key) const {
  return std::get<std::vector<std::string>>(at(key).value);
}
std::string Settings::path(std::string_view key) const { return expand_home(text(key), home_); }
std::string Settings::shown(const Option& option) const {
  return show_value(option, at(option.key).value);
}
Origin Settings::origin(std::string_view key) const { return at(key).origin; }

std::map<std::string, std::string> process_environment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

std::string expand_home(std::string_view path, std::string_view home) {
  if (home.empty() || !(path == "~" || path.starts_with("~/"))) return std::string(path);
  return std::string(home) + std::string(path.substr(1));
}

std::vector<std::string> config_search_paths(std::string_view home) {
  std::vector<std::string> paths{"config.yaml"};
  if (!home.empty()) paths.push_back(std::string(home) + "/.varve/config.yaml");
  if (!home.empty()) paths.push_back(std::string(home) + "/.lakefs/config.yaml");
  paths.emplace_back("/etc/varve/config.yaml");
  paths.emplace_back("/etc/lakefs/config.yaml");
  if (!home.empty()) paths.push_back(std::string(home) + "/.lakefs.yaml");
  return paths;
}

}  // namespace varve::server
