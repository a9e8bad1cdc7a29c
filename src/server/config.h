// Settings: what this server was told, parsed, checked and frozen. Order: default, preset, file,
// environment, flag; the last one that speaks wins.
//
// Stops at server/: components get options structs of their own (server/component_options.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "server/option.h"

namespace varve::server {

enum class Origin : std::uint8_t { Default, Preset, File, Environment, Flag };

class Settings {
 public:
  // Each asserts that the table has `key` with that type: a misspelt key is our fault.
  bool boolean(std::string_view key) const;
  std::int64_t integer(std::string_view key) const;
  double real(std::string_view key) const;
  const std::string& text(std::string_view key) const;
  std::chrono::nanoseconds duration(std::string_view key) const;
  const std::vector<std::string>& list(std::string_view key) const;
  std::string path(std::string_view key) const;  // text with ~ expanded

  Origin origin(std::string_view key) const;
  std::string shown(const Option& option) const;     // the value, a secret as "******"
  const std::string& file() const { return file_; }  // the file that was read, or ""

  // Sentences for the log: keys that were set and have no effect, variables that look misspelt.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  friend class SettingsBuilder;
  struct Set {
    OptionValue value;
    Origin origin = Origin::Default;
  };
  const Set& at(std::string_view key) const;

  std::map<std::string, Set, std::less<>> values_;
  std::string file_;
  std::string home_;
  std::vector<std::string> warnings_;
};

enum class Preset : std::uint8_t { None, LocalSettings, Quickstart };

// The world as configuration sees it, handed in so that tests need no environment.
struct ConfigSource {
  std::vector<std::pair<std::string, std::string>> flags;  // key, text; in order
  std::map<std::string, std::string> environment;
  std::optional<std::string> config_file;  // --config
  Preset preset = Preset::None;
  // Further defaults, above the preset's: `varve quickstart` keeps its data in one folder.
  std::vector<std::pair<std::string, std::string>> defaults;
};

// Reads everything and gives the settings, or every complaint at once, one a line, each naming
// key, value, reason and what is allowed.
//   InvalidArgument  unknown keys, wrong values, required keys that nobody set
//   NotFound         --config names a file that is not there
base::Result<Settings> load_settings(const ConfigSource& source);

// The environment of this process.
std::map<std::string, std::string> process_environment();

// "~" and "~/x" with the home folder put in.
std::string expand_home(std::string_view path, std::string_view home);

// Where a configuration file is looked for without --config.
std::vector<std::string> config_search_paths(std::string_view home);

}  // namespace varve::server
