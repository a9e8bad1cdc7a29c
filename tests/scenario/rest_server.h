// The REST API of a server in this process: everything between a request and its answer but the
// socket, over the stores of one scenario. An administrator "admin" is set up.
//
// Background tasks end before send() returns.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/json/fwd.hpp>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/offload.h"
#include "engine/engine.h"
#include "http/message.h"
#include "rest/api.h"
#include "services/auth/auth.h"
#include "services/auth/authorizer.h"
#include "services/jobs/jobs.h"
#include "tests/scenario/stores.h"

namespace varve::scenario {

struct RestReply {
  int status = 0;
  base::Bytes body;
  bool is_success() const { return status >= 200 && status < 300; }
};

class RestServer {
 public:
  RestServer();
  ~RestServer();

  Stores& stores() { return stores_; }

  // `path` follows /api/v1; `headers` come on top of the credentials.
  RestReply send(http::Method method, const std::string& path, http::Headers headers = {},
                 base::Bytes body = {});
  RestReply send_json(http::Method method, const std::string& path,
                      const boost::json::object& body);

 private:
  static engine::EngineOptions engine_options();
  static services::AuthOptions auth_options();
  void run_all();

  Stores stores_;
  base::Offload offload_{base::OffloadOptions{.threads = 0}};
  engine::Engine engine_{stores_.kv,  stores_.objects, stores_.clock,
                         stores_.rng, offload_,        engine_options()};
  services::Auth auth_{stores_.kv, stores_.clock, stores_.rng, offload_, auth_options()};
  services::AllowKnownUsers authorizer_;
  boost::asio::io_context loop_{1};
  services::Jobs jobs_{loop_.get_executor(),   stores_.kv,      stores_.clock,    stores_.rng,
                       engine_.repositories(), engine_.dumps(), engine_.imports()};
  rest::Api api_{engine_, auth_, authorizer_, stores_.clock, stores_.rng, rest::ApiOptions{},
                 nullptr, &jobs_};
};

}  // namespace varve::scenario
