// Dispatcher: the first to see a request. Gives it an id, decides who answers it, writes its line
// in the access log, and is the last to catch what nobody foresaw.
//
//   S3 requests (by host or by signature)   s3::Gateway
//   /metrics, /_health, /_ready             answered here
//   everything else                         the API handler, with the web interface behind it
//
// Any thread may call; requests are independent.
#pragma once

#include <functional>
#include <string>

#include "base/log.h"
#include "base/rng.h"
#include "http/server.h"
#include "s3/s3.h"
#include "server/access_log.h"
#include "server/metrics.h"
#include "server/system_pages.h"

namespace varve::server {

class Dispatcher final : public http::Handler {
 public:
  // Everything outlives the dispatcher.
  Dispatcher(s3::Gateway& gateway, http::Handler& api, SystemPages& pages, AccessLog& access_log,
             Metrics& metrics, base::Rng& rng, base::Log log);

  base::Task<http::Response> handle(http::RequestContext context, http::Request request) override;

 private:
  Service service_of(const http::Request& request) const;
  base::Task<http::Response> route(http::RequestContext context, http::Request request,
                                   Service service);

  s3::Gateway& gateway_;
  http::Handler& api_;
  SystemPages& pages_;
  AccessLog& access_log_;
  Metrics& metrics_;
  base::Rng& rng_;
  base::Log log_;
};

}  // namespace varve::server
