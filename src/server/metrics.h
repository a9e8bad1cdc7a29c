// Metrics: what /metrics shows. Names and labels are lakeFS's where it has them, so its dashboards
// keep working; ours begin with varve_. Sole home of prometheus-cpp.
//
// Labels come from closed sets: operation names, statuses, methods. A repository is no label.
//
// Any thread may call.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/staging/staging.h"
#include "http/message.h"
#include "http/server.h"
#include "rest/api.h"

namespace varve::server {

enum class Service : std::uint8_t { Api, Gateway, Other };
std::string_view to_string(Service service);

enum class KvOperation : std::uint8_t { Get, Set, SetIf, Delete, Scan };

struct FinishedRequest {
  Service service = Service::Other;
  std::string_view operation;                 // "" if the request was never routed
  http::Method method = http::Method::Other;  // not its text: clients may send any word
  int status = 0;
  double seconds = 0;              // until the last byte went out
  double seconds_to_response = 0;  // until the first could
};

// Numbers that others keep, read when the page is made.
struct MetricsSources {
  http::ServerCounters http;
  std::uint64_t offload_queued = 0;
  engine::CompactionCounters compaction;
};

class Metrics {
 public:
  // `kv_type`, `blockstore_type`: the label values of the stores in use.
  Metrics(std::string_view kv_type, std::string_view blockstore_type);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // Requests under way: +1 when one begins, -1 when it ends.
  void running(Service service, std::string_view operation, int change);
  void request_finished(const FinishedRequest& request);
  void kv_finished(KvOperation operation, double seconds, bool is_failure);
  // +1 when an operation of the object store begins, -1 when it ends.
  void blockstore_running(std::string_view operation, int change);
  void internal_error();

  // Prometheus text, version 0.0.4.
  std::string render(const MetricsSources& sources);

  // Every name that render() can show, for the test that compares them with the documentation.
  std::vector<std::string> names();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Tells the metrics which REST operations are under way.
class ApiObserver final : public rest::Observer {
 public:
  explicit ApiObserver(Metrics& metrics) : metrics_(metrics) {}
  void started(std::string_view operation) override {
    metrics_.running(Service::Api, operation, 1);
  }
  void finished(std::string_view operation, int, double) override {
    metrics_.running(Service::Api, operation, -1);
  }

 private:
  Metrics& metrics_;
};

}  // namespace varve::server
