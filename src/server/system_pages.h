// What the server says about itself, to anybody who asks:
//
//   /_health   200 "alive! <installation id>": the process answers; nothing behind it is asked
//   /_ready    200 or 503: the key-value store and the object store answer
//   /metrics   Prometheus text (not here if metrics.listen_address gives it a place of its own)
//
// Any thread may call.
#pragma once

#include <functional>
#include <string>

#include "http/server.h"
#include "ports/kv_store.h"
#include "ports/object_store.h"
#include "server/metrics.h"
#include "services/auth/auth.h"

namespace varve::server {

class SystemPages final : public http::Handler {
 public:
  // `metrics_sources` reads what others count. Everything outlives the pages.
  SystemPages(services::Auth& auth, ports::KvStore& kv, ports::ObjectStore& objects,
              Metrics& metrics, std::function<MetricsSources()> metrics_sources,
              bool shows_metrics);

  bool answers(const http::Request& request) const;
  base::Task<http::Response> handle(http::RequestContext context, http::Request request) override;

  http::Response metrics_page();

 private:
  base::Task<http::Response> health(base::Context context);
  base::Task<http::Response> ready(base::Context context);

  services::Auth& auth_;
  ports::KvStore& kv_;
  ports::ObjectStore& objects_;
  Metrics& metrics_;
  std::function<MetricsSources()> metrics_sources_;
  bool shows_metrics_;
};

// /metrics and nothing else, for metrics.listen_address.
class MetricsOnly final : public http::Handler {
 public:
  explicit MetricsOnly(SystemPages& pages) : pages_(pages) {}
  base::Task<http::Response> handle(http::RequestContext context, http::Request request) override;

 private:
  SystemPages& pages_;
};

}  // namespace varve::server
