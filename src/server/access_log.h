// The one line that every request gets, and the numbers it leaves behind, written when its last
// byte went out. Fields are lakeFS's (config.md 7, auth.md 14).
//
// No line carries a secret: signatures, tokens and credentials in a query are blanked.  [I-14]
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/time.h"
#include "http/message.h"
#include "http/server.h"
#include "server/metrics.h"

namespace varve::server {

// A request target fit for a log: the values of X-Amz-Signature, X-Amz-Credential,
// X-Amz-Security-Token, Signature, AWSAccessKeyId and of other telling parameters are "***".
std::string redacted_target(std::string_view target);

// The client's address: the peer's; or, if that is a proxy we trust, what it says, in
// X-Forwarded-For (the first) or X-Real-IP. Anybody else could write there what he likes.
std::string source_ip(const http::Request& request, const std::vector<std::string>& proxies);

class AccessLog {
 public:
  // `level` is that of the line; Off writes none. `proxies` are the addresses of those whose word
  // about the client counts. All outlive the requests.
  AccessLog(base::Log log, base::LogLevel level, base::Clock& clock, Metrics& metrics,
            std::vector<std::string> proxies = {});

  // Notes what the line needs before the request is moved on to its front end, and counts the
  // request as begun.
  struct Mark {
    Service service = Service::Other;
    http::Method method = http::Method::Other;
    std::string method_name;  // these five only if a line will be written
    std::string target;
    std::string host;
    std::string source_ip;
    std::string client;
    base::MonotonicTime received;
  };
  Mark begin(const http::RequestContext& context, const http::Request& request, Service service);

  // Arranges that the line is written and the request counted once `response` has been sent.
  void end_when_sent(Mark mark, const http::RequestContext& context, http::Response& response);

 private:
  void end(const Mark& mark, const base::RequestScope& scope, int status, http::SendOutcome outcome,
           double seconds_to_response) const;

  base::Log log_;
  base::LogLevel level_;
  base::Clock& clock_;
  Metrics& metrics_;
  const std::vector<std::string> proxies_;
};

}  // namespace varve::server
