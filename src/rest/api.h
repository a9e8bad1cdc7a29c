// Api: the lakeFS-compatible REST API under /api/v1, and what else a browser or a client finds on
// the same port: /openapi.json, /logout, the web interface. Translates; the rules live in engine/
// and services/. rest-semantics.md is the specification.
//
// What happens to an API request, in this order:
//
//   1. route            no such method and path: 404 "invalid API endpoint", never 405
//   2. validation       parameters and JSON body against the table: 400, before anybody is asked
//                       who they are, and without X-Request-ID; but a body beyond 64 KiB is read
//                       only for somebody known
//   3. request id       X-Request-ID on every answer from here on
//   4. authentication   401
//   5. authorisation    401  [I-12]
//   6. the handler      one file per resource
//
// Any thread may call; requests are independent.
#pragma once

#include <memory>
#include <string_view>

#include "base/rng.h"
#include "base/task.h"
#include "base/time.h"
#include "http/message.h"
#include "http/server.h"
#include "rest/options.h"

namespace varve::engine {
class Engine;
}
namespace varve::services {
class Auth;
class Authorizer;
class Jobs;
}  // namespace varve::services

namespace varve::rest {

// Told about API requests; the labels are operation ids, a closed set.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void started(std::string_view operation) = 0;
  // `seconds`: from the arrival of the head to the response's being ready to send.
  virtual void finished(std::string_view operation, int status, double seconds) = 0;
};

class Api final : public http::Handler {
 public:
  // Everything referred to outlives the API. `observer` may be null; without `jobs` the operations
  // that need background tasks answer 501.
  Api(engine::Engine& engine, services::Auth& auth, services::Authorizer& authorizer,
      base::Clock& clock, base::Rng& rng, ApiOptions options, Observer* observer = nullptr,
      services::Jobs* jobs = nullptr);
  ~Api() override;

  // Writes the operation's id into the request's scope, for the access log.
  base::Task<http::Response> handle(http::RequestContext context, http::Request request) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::rest
