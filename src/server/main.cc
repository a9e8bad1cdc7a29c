// The varve binary: `varve serve` and its relations. Sole home of CLI11 besides cli/.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <deque>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/config.h"
#include "server/option.h"
#include "server/reference_page.h"
#include "server/serve.h"
#include "server/text.h"

// What jemalloc reads before the first allocation. Few arenas and quick returns keep an idle server
// small; a thread in the background does the returning, so that requests do not. Files of committed
// trees come and go and are large: their memory is kept for the next one as other memory is.
extern "C" {
// NOLINTNEXTLINE(readability-identifier-naming): the name is jemalloc's
const char* malloc_conf =
    "background_thread:true,narenas:4,dirty_decay_ms:2000,muzzy_decay_ms:0,metadata_thp:disabled,"
    "oversize_threshold:0";
}

namespace varve::server {
namespace {

// Every option of the table as a flag named after its key.
struct OptionFlags {
  std::deque<std::pair<std::string, std::string>> texts;  // stable: CLI11 keeps references

  void add_to(CLI::App& command) {
    for (const Option& option : options()) {
      auto& [key, text] = texts.emplace_back(std::string(option.key), "");
      CLI::Option* flag =
          command.add_option("--" + key, text, std::string(option.text))->group("Configuration");
      if (!option.initial.empty()) flag->default_str(std::string(option.initial));
      flag->type_name(std::string(to_string(option.type)));
    }
  }

  void read_into(const CLI::App& command, ConfigSource& source) const {
    for (const auto& [key, text] : texts) {
      if (command.count("--" + key) != 0) source.flags.emplace_back(key, text);
    }
  }
};

struct ServeCommand {
  CLI::App* app = nullptr;
  OptionFlags flags;
  std::string config;
  bool is_quickstart = false;
  bool is_local = false;

  void declare(CLI::App& root) {
    app = root.add_subcommand("serve", "Serve REST and S3")->alias("run");
    app->add_option("-c,--config", config, "Configuration file (YAML)");
    app->add_flag("--quickstart", is_quickstart, "Embedded stores, a user and keys that all know");
    app->add_flag("--local-settings", is_local, "Embedded stores, with a secret that all know");
    flags.add_to(*app);
  }

  ExitStatus run() const {
    ConfigSource source;
    source.environment = process_environment();
    if (app->count("--config") != 0) source.config_file = config;
    if (is_local) source.preset = Preset::LocalSettings;
    if (is_quickstart) source.preset = Preset::Quickstart;
    flags.read_into(*app, source);
    return serve(source);
  }
};

struct QuickstartCommand {
  CLI::App* app = nullptr;
  OptionFlags flags;
  std::string folder = "varve-data";

  void declare(CLI::App& root) {
    app = root.add_subcommand("quickstart", "Serve with everything in one folder, ready to try");
    app->add_option("--data", folder, "Folder for everything")->capture_default_str();
    flags.add_to(*app);
  }

  ExitStatus run() const {
    QuickstartRequest request;
    request.source.environment = process_environment();
    request.data_folder = folder;
    flags.read_into(*app, request.source);
    return quickstart(std::move(request));
  }
};

constexpr const char* Footer =
    "To try it:      varve quickstart\n"
    "To serve:       varve serve --config config.yaml\n"
    "All settings:   varve serve --help";

// What else `word` may have meant among the commands, or "".
std::string nearest_command(const std::string& word) {
  for (const char* name : {"serve", "run", "quickstart", "version", "help"}) {
    if (edit_distance(word, name) <= 2) return name;
  }
  return "";
}

// What is wrong with the value of a flag, given CLI11's complaint, "--<key>: ...", or "".
std::string value_complaint(const std::string& text) {
  const std::string flag = text.substr(0, text.find(':'));
  const std::size_t begin = flag.find_first_not_of('-');
  const Option* option = begin == std::string::npos ? nullptr : find_option(flag.substr(begin));
  if (option == nullptr) return "";
  const bool is_repeated = text.find("At Most") != std::string::npos;
  return flag + (is_repeated ? ": is given more than once"
                             : ": needs a value; allowed: " + allowed_values(*option));
}

// What is wrong with a command line, in one line that names what was probably meant.
std::string usage_complaint(const CLI::App& root, const CLI::ParseError& error) {
  const std::vector<std::string> rest = root.remaining(true);
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    const std::string complaint = value_complaint(error.what());
    if (!complaint.empty()) return complaint;
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) == nullptr || rest.empty()) {
    return error.what();
  }
  const auto flag = std::find_if(rest.begin(), rest.end(),
                                 [](const std::string& word) { return word.starts_with('-'); });
  if (flag != rest.end()) {
    const std::string name = flag->substr(0, flag->find('='));
    const std::string nearest = nearest_key(name.substr(name.find_first_not_of('-')));
    const std::string hint = nearest.empty() ? "" : "; did you mean --" + nearest + "?";
    return name + ": unknown flag" + hint;
  }
  if (!root.get_subcommands().empty()) return "\"" + rest.front() + "\": is one word too many";
  const std::string nearest = nearest_command(rest.front());
  return "\"" + rest.front() + "\": unknown command; " +
         (nearest.empty() ? "allowed: serve, run, quickstart, version, help"
                          : "did you mean " + nearest + "?");
}

int fail_usage(const CLI::App& root, const CLI::ParseError& error) {
  std::fprintf(stderr, "varve: %s\nvarve: --help says what there is\n",
               usage_complaint(root, error).c_str());
  return static_cast<int>(ExitStatus::BadConfiguration);
}

int run(int argc, char** argv) {
  CLI::App root("Varve: version control for data lakes", "varve");
  root.set_version_flag("-v,--version", "varve version: " VARVE_VERSION);
  root.require_subcommand(0, 1);
  ServeCommand serve_command;
  serve_command.declare(root);
  QuickstartCommand quickstart_command;
  quickstart_command.declare(root);
  bool is_json = false;
  CLI::App* version = root.add_subcommand("version", "Print the version");
  version->add_flag("--json", is_json, "As JSON");
  CLI::App* reference = root.add_subcommand("config-reference", "Print the page on configuration");
  reference->group("");  // for ./dev docs only
  root.footer(Footer);   // last, so that the commands do not inherit it
  try {
    if (argc == 2 && std::string_view(argv[1]) == "help") {
      throw CLI::CallForHelp();
    }
    root.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool is_answer = error.get_exit_code() == 0;  // --help, --version
    return is_answer ? root.exit(error) : fail_usage(root, error);
  }
  if (serve_command.app->parsed()) return static_cast<int>(serve_command.run());
  if (quickstart_command.app->parsed()) return static_cast<int>(quickstart_command.run());
  if (version->parsed()) {
    std::printf(is_json ? "{\"version\":\"%s\"}\n" : "varve version: %s\n", VARVE_VERSION);
  } else if (reference->parsed()) {
    std::fputs(reference_page().c_str(), stdout);
  } else {
    std::fputs(root.help().c_str(), stdout);
  }
  return 0;
}

}  // namespace
}  // namespace varve::server

int main(int argc, char** argv) {
  varve::server::hold_signals();
  try {
    return varve::server::run(argc, argv);
  } catch (const std::exception& unforeseen) {
    std::fprintf(stderr, "varve: %s\n", unforeseen.what());
    return static_cast<int>(varve::server::ExitStatus::Failed);
  }
}
