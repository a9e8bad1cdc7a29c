#include "server/dispatcher.h"

#include <exception>
#include <optional>
#include <utility>

#include "base/log.h"
#include "base/rng.h"
#include "base/uuid.h"
#include "http/message.h"
#include "http/server.h"
#include "s3/s3.h"
#include "server/access_log.h"
#include "server/metrics.h"
#include "server/system_pages.h"

namespace varve::server {

using base::Task;
using http::Request;
using http::RequestContext;
using http::Response;

Dispatcher::Dispatcher(s3::Gateway& gateway, http::Handler& api, SystemPages& pages,
                       AccessLog& access_log, Metrics& metrics, base::Rng& rng, base::Log log)
    : gateway_(gateway),
      api_(api),
      pages_(pages),
      access_log_(access_log),
      metrics_(metrics),
      rng_(rng),
      log_(std::move(log)) {}

Service Dispatcher::service_of(const Request& request) const {
  if (gateway_.matches(request)) return Service::Gateway;
  if (pages_.answers(request)) return Service::Other;
  return request.path.starts_with("/api/") ? Service::Api : Service::Other;
}

Task<Response> Dispatcher::handle(RequestContext context, Request request) {
  context.scope->request_id = base::make_uuid(rng_);
  const Service service = service_of(request);
  AccessLog::Mark mark = access_log_.begin(context, request, service);
  std::optional<Response> response;
  std::string failure;
  try {
    response = co_await route(context, std::move(request), service);
  } catch (const std::exception& unforeseen) {
    failure = unforeseen.what();
  }
  if (!response) {
    // A mistake of ours: the client learns that much, the log learns the rest.
    metrics_.internal_error();
    log_.error("request failed", {{"request_id", context.scope->request_id},
                                  {"operation_id", context.scope->operation},
                                  {"error", failure}});
    response.emplace(500, "application/json", "{\"message\":\"internal error\"}\n");
  }
  access_log_.end_when_sent(std::move(mark), context, *response);
  co_return std::move(*response);
}

Task<Response> Dispatcher::route(RequestContext context, Request request, Service service) {
  if (service == Service::Gateway) {
    return gateway_.handle(std::move(context), std::move(request));
  }
  if (service == Service::Other && pages_.answers(request)) {
    return pages_.handle(std::move(context), std::move(request));
  }
  return api_.handle(std::move(context), std::move(request));
}

}  // namespace varve::server
