// The one line that every request gets, and the numbers it leaves behind, written when its last
// byte went out. Fields are lakeFS's (config.md 7, auth.md 14).
//
// No line carries a secret: signatures, tokens and credentials in a query are blanked.  [I-14]
#pragma once

#include <string>
#include <string_view>

#include "base/log.h"
#include "base/time.h"
#include "http/server.h"
#include "server/metrics.h"

namespace varve::server {

// A request target fit for a log: the values of X-Amz-Signature, X-Amz-Credential,
// X-Amz-Security-Token, Signature, AWSAccessKeyId and of other telling parameters are "***".
std::string redacted_target(std::string_view target);

// The client's address as it wants to be seen: the first X-Forwarded-For, X-Real-IP, the peer.
std::string source_ip(const http::Request& request);

class AccessLog {
 public:
  // `level` is that of the line; Off writes none. All outlive the requests.
  AccessLog(base::Log log, base::LogLevel level, base::Clock& clock, Metrics& metrics);

  // Notes what the line needs before the request is moved on to its front end, and counts the
  // request as begun.
  struct Mark {
    Service service = Service::Other;
    std::string method;
    std::string target;  // these four only if a line will be written
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
};

}  // namespace varve::server
