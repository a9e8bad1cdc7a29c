#include "server/app.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "adapters/system/system.h"
#include "base/log.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/engine.h"
#include "http/event_loops.h"
#include "http/server.h"
#include "ports/object_store.h"
#include "rest/api.h"
#include "s3/s3.h"
#include "server/access_log.h"
#include "server/background.h"
#include "server/component_options.h"
#include "server/config.h"
#include "server/dispatcher.h"
#include "server/first_setup.h"
#include "server/metered_kv.h"
#include "server/metered_objects.h"
#include "server/metrics.h"
#include "server/stores.h"
#include "server/system_pages.h"
#include "services/auth/auth.h"
#include "services/auth/authorizer.h"
#include "services/jobs/jobs.h"

namespace varve::server {

using base::Error;
using base::Result;

namespace {

base::OffloadOptions offload_options() {
  base::OffloadOptions options;
  // They wait for disks more than they compute, so a few more than there are cores.
  options.threads = std::max(4U, std::thread::hardware_concurrency());
  return options;
}

// Whoever collects metrics needs one.
constexpr std::size_t MetricsConnectionsMax = 16;

Error address_error(const char* key, const Error& error) {
  // A bad certificate is InvalidArgument as well; the message names it.
  return Error(error.code(), static_cast<std::uint16_t>(StartFault::AddressUnusable),
               std::string(key) + ": " + error.message());
}

}  // namespace

StartFault start_fault_of(const Error& error) {
  const auto fault = static_cast<StartFault>(error.detail());
  const bool is_ours = fault >= StartFault::AddressUnusable && fault <= StartFault::DataUnusable;
  return is_ours ? fault : StartFault::None;
}

std::string Address::url() const {
  const bool is_any = host.empty() || host == "0.0.0.0" || host == "[::]";
  return std::string(is_tls ? "https" : "http") + "://" + (is_any ? "localhost" : host) + ":" +
         std::to_string(port);
}

// Members are made from top to bottom and destroyed from bottom to top.
struct App::Impl {
  Impl(const Settings& s, base::Log l)
      : settings(s),
        log(std::move(l)),
        offload(offload_options()),
        loops(static_cast<std::size_t>(s.integer("server.loops"))),
        metrics(s.text("database.type"), s.text("blockstore.type")) {}

  Result<void> open();
  Result<void> set_up();
  void compose();
  Result<void> listen();
  MetricsSources metrics_sources() const;
  http::DrainReport stop();

  // Runs a task to its end on the loops, from the thread that starts the server.
  template <class T>
  T wait_for(base::Task<T> task) {
    std::optional<T> outcome;
    loops.run(keep(std::move(task), &outcome));
    return std::move(*outcome);
  }
  template <class T>
  static base::Task<void> keep(base::Task<T> task, std::optional<T>* outcome) {
    outcome->emplace(co_await std::move(task));
  }

  const Settings settings;
  base::Log log;
  adapters::SystemClock clock;
  adapters::SystemRng rng;
  base::Offload offload;
  http::EventLoops loops;
  Metrics metrics;

  std::unique_ptr<ports::KvStore> plain_kv;
  std::unique_ptr<ports::ObjectStore> plain_objects;
  std::unique_ptr<MeteredKv> kv;
  std::unique_ptr<MeteredObjects> objects;

  services::AllowKnownUsers authorizer;
  std::unique_ptr<services::Auth> auth;
  std::unique_ptr<engine::Engine> engine;

  std::unique_ptr<services::Jobs> jobs;
  std::unique_ptr<Background> background;
  std::unique_ptr<ApiObserver> api_observer;
  std::unique_ptr<rest::Api> api;
  std::unique_ptr<s3::Gateway> gateway;
  std::unique_ptr<SystemPages> pages;
  std::unique_ptr<MetricsOnly> metrics_only;
  std::unique_ptr<AccessLog> access_log;
  std::unique_ptr<Dispatcher> dispatcher;

  std::unique_ptr<http::Server> server;
  std::unique_ptr<http::Server> metrics_server;
  std::optional<http::DrainReport> report;  // once stopped
};

Result<void> App::Impl::open() {
  VARVE_TRY(plain_kv, open_kv(settings, offload, clock));
  VARVE_TRY(plain_objects, open_objects(settings, offload, clock, rng));
  kv = std::make_unique<MeteredKv>(*plain_kv, clock, metrics);
  objects = std::make_unique<MeteredObjects>(*plain_objects, metrics);
  return wait_for(check_schema(base::Context(), kv.get()));
}

Result<void> App::Impl::set_up() {
  auth =
      std::make_unique<services::Auth>(*kv, clock, rng, offload, auth_component_options(settings));
  FirstSetup setup(*auth, first_user(settings));
  return wait_for(setup.make_user(base::Context()));
}

void App::Impl::compose() {
  engine = std::make_unique<engine::Engine>(*kv, *objects, clock, rng, offload,
                                            engine_component_options(settings));
  jobs =
      std::make_unique<services::Jobs>(loops.loop(0).get_executor(), *kv, clock, rng,
                                       engine->repositories(), engine->dumps(), engine->imports());
  background = std::make_unique<Background>(*engine, *jobs, log);
  api_observer = std::make_unique<ApiObserver>(metrics);
  api =
      std::make_unique<rest::Api>(*engine, *auth, authorizer, clock, rng,
                                  rest_component_options(settings), api_observer.get(), jobs.get());
  gateway = std::make_unique<s3::Gateway>(*engine, *auth, authorizer, *kv, clock, rng,
                                          gateway_component_options(settings));
  const bool has_own_metrics_address = !settings.text("metrics.listen_address").empty();
  pages = std::make_unique<SystemPages>(
      *auth, *kv, *objects, metrics, [this] { return metrics_sources(); },
      !has_own_metrics_address);
  metrics_only = std::make_unique<MetricsOnly>(*pages);
  access_log =
      std::make_unique<AccessLog>(log, log_level(settings.text("logging.audit_log_level")), clock,
                                  metrics, settings.list("gateways.s3.trusted_proxies"));
  dispatcher = std::make_unique<Dispatcher>(*gateway, *api, *pages, *access_log, metrics, rng, log);
}

Result<void> App::Impl::listen() {
  if (const std::string& address = settings.text("metrics.listen_address"); !address.empty()) {
    http::ServerOptions options;
    options.listen = {address};
    options.connections_max = MetricsConnectionsMax;
    metrics_server =
        std::make_unique<http::Server>(std::move(options), loops, clock, *metrics_only);
    if (Result<void> started = metrics_server->start(); !started) {
      return address_error("metrics.listen_address", started.error());
    }
  }
  server = std::make_unique<http::Server>(http_component_options(settings, log), loops, clock,
                                          *dispatcher);
  if (Result<void> started = server->start(); !started) {
    return address_error("listen_address", started.error());
  }
  return {};
}

MetricsSources App::Impl::metrics_sources() const {
  MetricsSources sources;
  if (server) sources.http = server->counters();
  sources.offload_queued = offload.queued();
  if (engine) sources.compaction = engine->staging().compaction();
  return sources;
}

http::DrainReport App::Impl::stop() {
  if (report) return *report;
  report.emplace();
  if (server) report = server->stop();
  if (metrics_server) metrics_server->stop();
  // Background tasks end before their loops do.
  if (background) background->cancel();
  if (jobs) loops.run(jobs->close());
  loops.stop();
  // What still refers to the stores goes before them; only then are they closed.
  dispatcher.reset();
  gateway.reset();
  api.reset();
  background.reset();
  jobs.reset();
  engine.reset();
  auth.reset();
  return *report;
}

App::App(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

App::~App() { stop(); }

Result<std::unique_ptr<App>> App::start(const Settings& settings, base::Log log) {
  // Owned by an App from the start, so that whatever was opened is closed on the way out.
  std::unique_ptr<App> app(new App(std::make_unique<Impl>(settings, std::move(log))));
  Impl& impl = *app->impl_;
  VARVE_CHECK(impl.open());
  VARVE_CHECK(impl.set_up());
  impl.compose();
  impl.loops.spawn(impl.background->sweep());
  impl.loops.spawn(impl.background->expire());
  impl.loops.spawn(impl.background->beat());
  impl.loops.spawn(impl.background->compact());
  VARVE_CHECK(impl.listen());
  impl.log.info("serving", {{"address", app->address().url()}});
  return app;
}

Address App::address() const {
  const std::string& text = impl_->settings.text("listen_address");
  Address address;
  address.host = text.substr(0, text.rfind(':'));
  address.port = impl_->server->ports().front();
  address.is_tls = impl_->settings.boolean("tls.enabled");
  return address;
}

Result<bool> App::ensure_sample_repository(const std::string& repository) {
  SampleRepository sample(*impl_->api, first_user(impl_->settings),
                          impl_->plain_objects->capabilities().type);
  return impl_->wait_for(sample.ensure(repository));
}

http::DrainReport App::stop() { return impl_->stop(); }

}  // namespace varve::server
