#include "server/system_pages.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/context.h"
#include "base/result.h"
#include "http/message.h"
#include "http/server.h"
#include "ports/kv_store.h"
#include "ports/object_store.h"
#include "ports/object_types.h"
#include "server/metrics.h"
#include "services/auth/auth.h"

namespace varve::server {

using base::Result;
using base::Task;
using http::Request;
using http::RequestContext;
using http::Response;

namespace {

constexpr std::string_view PlainText = "text/plain; charset=utf-8";

}  // namespace

SystemPages::SystemPages(services::Auth& auth, ports::KvStore& kv, ports::ObjectStore& objects,
                         Metrics& metrics, std::function<MetricsSources()> metrics_sources,
                         bool shows_metrics)
    : auth_(auth),
      kv_(kv),
      objects_(objects),
      metrics_(metrics),
      metrics_sources_(std::move(metrics_sources)),
      shows_metrics_(shows_metrics) {}

bool SystemPages::answers(const Request& request) const {
  if (request.path == "/metrics") return shows_metrics_;
  return request.path == "/_health" || request.path == "/_ready";
}

Task<Response> SystemPages::handle(RequestContext context, Request request) {
  if (request.path == "/metrics") co_return metrics_page();
  if (request.path == "/_ready") co_return co_await ready(context.context());
  co_return co_await health(context.context());
}

Response SystemPages::metrics_page() {
  return Response(200, "text/plain; version=0.0.4; charset=utf-8",
                  metrics_.render(metrics_sources_()));
}

Task<Response> SystemPages::health(base::Context context) {
  // Alive is alive, also when the store that knows the id is not.
  const Result<std::string> id = co_await auth_.installation_id(std::move(context));
  std::string text = "alive!";
  if (id && !id->empty()) text += " " + *id;
  co_return Response(200, PlainText, std::move(text));
}

Task<Response> SystemPages::ready(base::Context context) {
  ports::KvKey key("kv-internal-metadata", "kv/schema/version");
  const Result<std::optional<base::Bytes>> row = co_await kv_.get(context, std::move(key));
  if (!row) co_return Response(503, PlainText, "key-value store: " + row.error().message() + "\n");
  // Absence is an answer; only a store that cannot be reached is not ready.
  ports::ObjectAddress probe(objects_.capabilities().type + "://_varve/ready");
  const Result<ports::ObjectInfo> info = co_await objects_.stat(context, std::move(probe));
  if (!info && info.error().code() != base::Code::NotFound) {
    co_return Response(503, PlainText, "object store: " + info.error().message() + "\n");
  }
  co_return Response(200, PlainText, "ready\n");
}

Task<Response> MetricsOnly::handle(RequestContext, Request request) {
  if (request.path == "/metrics") co_return pages_.metrics_page();
  co_return Response(404, PlainText, "not found\n");
}

}  // namespace varve::server
