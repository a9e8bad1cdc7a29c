#include "server/serve.h"

#include <signal.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "base/result.h"
#include "http/server.h"
#include "server/app.h"
#include "server/component_options.h"
#include "server/config.h"
#include "server/option.h"
#include "server/text.h"

namespace varve::server {

using base::Error;
using base::Result;

namespace {

constexpr const char* PreferredAddress = "127.0.0.1:8000";
constexpr const char* AnyPortAddress = "127.0.0.1:0";

void say(const std::string& text) { std::fputs((text + "\n").c_str(), stderr); }

ExitStatus fail(const Error& error, ExitStatus status) {
  for (const std::string& line : split(error.message(), '\n')) say("varve: " + line);
  return status;
}

ExitStatus status_of(const Error& error) {
  switch (start_fault_of(error)) {
    case StartFault::AddressUnusable:
      return ExitStatus::AddressUnusable;
    case StartFault::DataInUse:
      return ExitStatus::DataInUse;
    case StartFault::DataUnusable:
      return ExitStatus::DataUnusable;
    case StartFault::None:
      break;
  }
  // NotFound: the file that --config names.
  const bool is_ours =
      error.code() == base::Code::InvalidArgument || error.code() == base::Code::NotFound;
  return is_ours ? ExitStatus::BadConfiguration : ExitStatus::Failed;
}

void log_settings(const base::Log& log, const Settings& settings) {
  log.info("starting", {{"version", VARVE_VERSION}, {"config_file", settings.file()}});
  for (const Option& option : options()) {
    if (settings.origin(option.key) == Origin::Default) continue;
    log.info("setting", {{"key", option.key}, {"value", settings.shown(option)}});
  }
  for (const std::string& warning : settings.warnings()) {
    log.warn("configuration", {{"warning", warning}});
  }
}

// SIGHUP is held too and passed over: a server started from a terminal outlives it.
int wait_for_stop() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  int signal = SIGHUP;
  while (signal == SIGHUP) sigwait(&set, &signal);
  // A second one does what it always does, so that a drain can be cut short.
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  return signal;
}

ExitStatus run_until_stopped(App& app, const base::Log& log) {
  const int signal = wait_for_stop();
  log.info("stopping", {{"signal", signal}});
  say("varve: stopping");
  const http::DrainReport report = app.stop();
  log.info("stopped", {{"requests_cut", report.requests_cut}});
  return ExitStatus::Ok;
}

std::string absolute(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::absolute(path, ignored).string();
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

void print_quickstart(const Settings& settings, const App& app, const std::string& folder) {
  const std::string url = app.address().url();
  const std::string& key = settings.text("installation.access_key_id");
  const std::string& secret = settings.text("installation.secret_access_key");
  const char* warning = is_loopback(app.address().host)
                            ? "this server listens on this machine only."
                            : "whoever reaches this machine can use them.";
  std::printf(
      "Varve %s is serving %s\n\n"
      "  access key   %s\n"
      "  secret key   %s\n"
      "  repository   quickstart, with some sample data on branch main\n"
      "  data         %s (delete it to begin afresh)\n\n"
      "In another terminal:\n\n"
      "  export AWS_ENDPOINT_URL=%s AWS_DEFAULT_REGION=us-east-1\n"
      "  export AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=%s\n"
      "  aws s3 ls --recursive s3://quickstart/main/\n\n"
      "These keys are in every manual: %s Stop it with Ctrl-C.\n",
      VARVE_VERSION, url.c_str(), key.c_str(), secret.c_str(), absolute(folder).c_str(),
      url.c_str(), key.c_str(), secret.c_str(), warning);
  std::fflush(stdout);
}

struct Started {
  Settings settings;
  base::Log log;
  std::unique_ptr<App> app;
};

Result<Started> start(const ConfigSource& source) {
  VARVE_TRY(Settings settings, load_settings(source));
  VARVE_TRY(base::Log log, base::Log::open(log_component_options(settings)));
  log_settings(log, settings);
  Result<std::unique_ptr<App>> app = App::start(settings, log);
  if (!app) {
    log.error("could not start", {{"error", app.error().message()}});
    return std::move(app).error();
  }
  return Started{std::move(settings), std::move(log), *std::move(app)};
}

void announce(const App& app) {
  say(std::string("varve ") + VARVE_VERSION + " serving on " + app.address().url());
}

}  // namespace

void hold_signals() {
  std::signal(SIGPIPE, SIG_IGN);  // sendfile to a client that has gone raises it
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

ExitStatus serve(const ConfigSource& source) {
  Result<Started> started = start(source);
  if (!started) return fail(started.error(), status_of(started.error()));
  if (source.preset != Preset::None) {
    say("varve: these settings are for trying things out: their secrets are known to everybody");
  }
  announce(*started->app);
  return run_until_stopped(*started->app, started->log);
}

ExitStatus quickstart(QuickstartRequest request) {
  const std::string& folder = request.data_folder;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return fail(Error(base::Code::Unavailable, "--data: \"" + folder + "\": " + error.message()),
                ExitStatus::DataUnusable);
  }
  request.source.preset = Preset::Quickstart;
  request.source.defaults = {{"database.local.path", folder + "/metadata"},
                             {"blockstore.local.path", folder + "/objects"},
                             {"logging.output", folder + "/varve.log"},
                             {"listen_address", PreferredAddress}};
  Result<Started> started = start(request.source);
  if (!started && start_fault_of(started.error()) == StartFault::AddressUnusable) {
    // Only the default gives way; who asked for an address wants that one.
    request.source.defaults.back().second = AnyPortAddress;
    started = start(request.source);
  }
  if (!started) return fail(started.error(), status_of(started.error()));
  const Result<bool> sample = started->app->ensure_sample_repository("quickstart");
  if (!sample) return fail(sample.error(), ExitStatus::Failed);
  print_quickstart(started->settings, *started->app, folder);
  announce(*started->app);
  return run_until_stopped(*started->app, started->log);
}

}  // namespace varve::server
