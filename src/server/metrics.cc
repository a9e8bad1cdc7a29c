#include "server/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/staging/staging.h"
#include "http/message.h"
#include "http/server.h"
#include "server/process_stats.h"
#include "server/text.h"

namespace varve::server {

namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

const Histogram::BucketBoundaries RequestBuckets{0.01, 0.02, 0.05, 0.1, 0.2, 0.5,
                                                 1,    2,    5,    10,  30,  60};
const Histogram::BucketBoundaries KvBuckets{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
constexpr std::array<std::string_view, 5> KvNames{"Get", "Set", "SetIf", "Delete", "Scan"};

std::string operation_label(std::string_view operation) {
  return operation.empty() ? "unknown" : std::string(operation);
}

}  // namespace

std::string_view to_string(Service service) {
  switch (service) {
    case Service::Api:
      return "api";
    case Service::Gateway:
      return "gateway";
    case Service::Other:
      return "other";
  }
  return "";
}

struct Metrics::Impl {
  prometheus::Registry registry;

  Family<Counter>& counters(const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  }
  Family<Gauge>& gauges(const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
  }
  Family<Histogram>& histograms(const char* name, const char* help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
  }

  Family<Counter>& requests = counters("api_requests_total", "REST requests by status and method");
  Family<Histogram>& api_seconds =
      histograms("api_request_duration_seconds", "Time of a REST request until its last byte");
  Family<Histogram>& api_first_byte_seconds = histograms(
      "api_request_ttfb_duration_seconds", "Time of a REST request until its first byte");
  Family<Histogram>& gateway_seconds =
      histograms("gateway_request_duration_seconds", "Time of an S3 request until its last byte");
  Family<Gauge>& concurrent = gauges("lakefs_concurrent_requests", "Requests under way");
  Family<Histogram>& kv_seconds =
      histograms("kv_request_duration_seconds", "Time of an operation of the key-value store");
  Family<Counter>& kv_failures =
      counters("kv_request_failures_total", "Operations of the key-value store that failed");
  Family<Gauge>& blockstore =
      gauges("blockstore_concurrent_operations", "Operations of the object store under way");
  Family<Counter>& internal_errors =
      counters("varve_internal_errors_total", "Requests answered 500 because of an exception");
  Family<Gauge>& connections = gauges("varve_http_connections", "Open connections");
  Family<Counter>& http_events =
      counters("varve_http_events_total", "What happened to connections and requests");
  Family<Counter>& http_bytes =
      counters("varve_http_bytes_total", "Bytes over the network by direction");
  Family<Gauge>& offload = gauges("varve_offload_queued", "Jobs that wait for a thread");
  Family<Gauge>& compactions = gauges("varve_compactions_running", "Branches being compacted");
  Family<Counter>& compaction_runs =
      counters("varve_compaction_runs_total", "Compactions of branches by result");
  Family<Counter>& compaction_tokens =
      counters("varve_compaction_tokens_total", "Staging tokens merged into others");
  Family<Counter>& compaction_rows =
      counters("varve_compaction_rows_total", "Staged rows copied by compactions");
  Family<Gauge>& build = gauges("varve_build_info", "1, with the version as label");
  Family<Counter>& cpu =
      counters("process_cpu_seconds_total", "User and system time of the process");
  Family<Gauge>& resident =
      gauges("process_resident_memory_bytes", "Resident memory of the process");
  Family<Gauge>& virtual_size =
      gauges("process_virtual_memory_bytes", "Virtual memory of the process");
  Family<Gauge>& files = gauges("process_open_fds", "Open file descriptors of the process");
  Family<Gauge>& files_max =
      gauges("process_max_fds", "Most file descriptors the process may open");
  Family<Gauge>& started =
      gauges("process_start_time_seconds", "When the process began, in Unix seconds");

  std::array<Histogram*, KvNames.size()> kv_seconds_by{};
  std::array<Counter*, KvNames.size()> kv_failures_by{};
  Counter* internal_error_count = nullptr;
  std::string blockstore_type;

  // Families hash their labels at every look-up; requests repeat the same few.
  std::mutex mutex;
  std::map<std::tuple<Service, std::string, int>, Histogram*, std::less<>> seconds_by;
  std::map<std::pair<int, http::Method>, Counter*> requests_by;
  std::map<std::pair<Service, std::string>, Gauge*> running_by;

  Gauge& running(Service service, std::string_view operation) {
    const std::lock_guard lock(mutex);
    Gauge*& cached = running_by[{service, std::string(operation)}];
    if (cached == nullptr) {
      cached = &concurrent.Add(
          {{"service", std::string(to_string(service))}, {"operation", std::string(operation)}});
    }
    return *cached;
  }

  Histogram& seconds(const FinishedRequest& request) {
    const std::lock_guard lock(mutex);
    Histogram*& cached =
        seconds_by[{request.service, std::string(request.operation), request.status}];
    if (cached == nullptr) {
      Family<Histogram>& all = request.service == Service::Api ? api_seconds : gateway_seconds;
      cached = &all.Add({{"operation", operation_label(request.operation)},
                         {"code", std::to_string(request.status)}},
                        RequestBuckets);
    }
    return *cached;
  }

  Counter& count(const FinishedRequest& request) {
    const std::lock_guard lock(mutex);
    Counter*& cached = requests_by[{request.status, request.method}];
    if (cached == nullptr) {
      cached = &requests.Add({{"code", std::to_string(request.status)},
                              {"method", lower_case(http::to_string(request.method))}});
    }
    return *cached;
  }

  void show(Family<Counter>& all, const prometheus::Labels& labels, double value) {
    Counter& counter = all.Add(labels);
    // Counters only grow; the source is read again at every page.
    counter.Increment(value - counter.Value());
  }

  void show_compaction(const engine::CompactionCounters& now) {
    compactions.Add({}).Set(static_cast<double>(now.running));
    show(compaction_runs, {{"result", "done"}}, static_cast<double>(now.runs));
    show(compaction_runs, {{"result", "given_up"}}, static_cast<double>(now.failures));
    show(compaction_tokens, {}, static_cast<double>(now.tokens));
    show(compaction_rows, {}, static_cast<double>(now.rows));
  }

  void show_http(const http::ServerCounters& now) {
    connections.Add({}).Set(static_cast<double>(now.connections_open));
    const auto event = [&](const char* name, std::uint64_t value) {
      show(http_events, {{"event", name}}, static_cast<double>(value));
    };
    event("connection_accepted", now.connections_accepted);
    event("connection_refused", now.connections_refused);
    event("request_started", now.requests_started);
    event("request_rejected", now.requests_rejected);
    event("client_gone", now.clients_gone);
    event("timeout", now.timeouts);
    event("loop_stall", now.loop_stalls);
    show(http_bytes, {{"direction", "in"}}, static_cast<double>(now.bytes_in));
    show(http_bytes, {{"direction", "out"}}, static_cast<double>(now.bytes_out));
  }

  void show_process() {
    const ProcessStats stats = read_process_stats();
    show(cpu, {}, stats.cpu_seconds);
    resident.Add({}).Set(static_cast<double>(stats.resident_bytes));
    virtual_size.Add({}).Set(static_cast<double>(stats.virtual_bytes));
    files.Add({}).Set(static_cast<double>(stats.open_files));
    files_max.Add({}).Set(static_cast<double>(stats.open_files_max));
    started.Add({}).Set(stats.started_at);
  }
};

Metrics::Metrics(std::string_view kv_type, std::string_view blockstore_type)
    : impl_(std::make_unique<Impl>()) {
  const std::string type(kv_type);
  for (std::size_t i = 0; i < KvNames.size(); ++i) {
    const prometheus::Labels labels{{"type", type}, {"operation", std::string(KvNames[i])}};
    impl_->kv_seconds_by[i] = &impl_->kv_seconds.Add(labels, KvBuckets);
    impl_->kv_failures_by[i] = &impl_->kv_failures.Add(labels);
  }
  impl_->internal_error_count = &impl_->internal_errors.Add({});
  impl_->build.Add({{"version", VARVE_VERSION}}).Set(1);
  impl_->blockstore_type = std::string(blockstore_type);
}

Metrics::~Metrics() = default;

void Metrics::running(Service service, std::string_view operation, int change) {
  impl_->running(service, operation).Increment(change);
}

void Metrics::request_finished(const FinishedRequest& request) {
  if (request.service == Service::Other) return;
  impl_->seconds(request).Observe(request.seconds);
  if (request.service != Service::Api) return;
  impl_->count(request).Increment();
  if (request.operation == "getObject") {
    impl_->api_first_byte_seconds.Add({{"operation", "GetObject"}}, RequestBuckets)
        .Observe(request.seconds_to_response);
  }
}

void Metrics::kv_finished(KvOperation operation, double seconds, bool is_failure) {
  const auto index = static_cast<std::size_t>(operation);
  impl_->kv_seconds_by.at(index)->Observe(seconds);
  if (is_failure) impl_->kv_failures_by.at(index)->Increment();
}

void Metrics::blockstore_running(std::string_view operation, int change) {
  impl_->blockstore
      .Add({{"operation", std::string(operation)}, {"blockstore_type", impl_->blockstore_type}})
      .Increment(change);
}

void Metrics::internal_error() { impl_->internal_error_count->Increment(); }

std::string Metrics::render(const MetricsSources& sources) {
  impl_->show_http(sources.http);
  impl_->show_process();
  impl_->show_compaction(sources.compaction);
  impl_->offload.Add({}).Set(static_cast<double>(sources.offload_queued));
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

std::vector<std::string> Metrics::names() {
  render({});
  std::vector<std::string> names;
  for (const prometheus::MetricFamily& family : impl_->registry.Collect()) {
    names.push_back(family.name);
  }
  return names;
}

}  // namespace varve::server
