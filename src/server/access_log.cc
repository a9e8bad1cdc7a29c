#include "server/access_log.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/log.h"
#include "base/time.h"
#include "http/message.h"
#include "http/server.h"
#include "http/uri.h"
#include "server/metrics.h"
#include "server/option.h"
#include "server/text.h"

namespace varve::server {
namespace {

// What nginx calls a request whose client went away before the answer.
constexpr int ClientGoneStatus = 499;

constexpr std::array<std::string_view, 9> TellingParameters{
    "x-amz-signature", "x-amz-credential", "x-amz-security-token", "signature", "awsaccesskeyid",
    "token",           "access_key_id",    "secret_access_key",    "password"};

// `name` as it was sent: escapes hide nothing from a front end, which decodes them.
bool is_telling(std::string_view name) {
  const std::string lower = lower_case(http::form_decode(name).value_or(std::string(name)));
  for (const std::string_view telling : TellingParameters) {
    if (lower == telling) return true;
  }
  return false;
}

std::string_view service_name(Service service) {
  switch (service) {
    case Service::Api:
      return "rest_api";
    case Service::Gateway:
      return "s3_gateway";
    case Service::Other:
      return "other";
  }
  return "";
}

double seconds_between(base::MonotonicTime from, base::MonotonicTime until) {
  return std::chrono::duration<double>(until - from).count();
}

}  // namespace

std::string redacted_target(std::string_view target) {
  const std::size_t question = target.find('?');
  std::string out(target.substr(0, question));
  if (question == std::string_view::npos) return out;
  char separator = '?';
  for (const std::string& pair : split(target.substr(question + 1), '&')) {
    out += separator;
    separator = '&';
    const std::size_t equals = pair.find('=');
    if (equals != std::string::npos && is_telling(std::string_view(pair).substr(0, equals))) {
      out += pair.substr(0, equals) + "=***";
    } else {
      out += pair;
    }
  }
  return out;
}

std::string source_ip(const http::Request& request, const std::vector<std::string>& proxies) {
  if (std::find(proxies.begin(), proxies.end(), request.peer.address) == proxies.end()) {
    return request.peer.address;
  }
  const std::string_view forwarded = request.headers.get_or_empty("X-Forwarded-For");
  if (!forwarded.empty()) return trim(forwarded.substr(0, forwarded.find(',')));
  const std::string_view real = request.headers.get_or_empty("X-Real-IP");
  return real.empty() ? request.peer.address : std::string(real);
}

AccessLog::AccessLog(base::Log log, base::LogLevel level, base::Clock& clock, Metrics& metrics,
                     std::vector<std::string> proxies)
    : log_(std::move(log)),
      level_(level),
      clock_(clock),
      metrics_(metrics),
      proxies_(std::move(proxies)) {}

AccessLog::Mark AccessLog::begin(const http::RequestContext& context, const http::Request& request,
                                 Service service) {
  // The API's own observer knows the operation; the gateway learns it late.
  if (service == Service::Gateway) metrics_.running(service, "", 1);
  Mark mark;
  mark.service = service;
  mark.method = request.method;
  mark.received = context.received;
  if (level_ == base::LogLevel::Off || !log_.is_on(level_)) return mark;
  mark.method_name = request.method_name;
  mark.target = redacted_target(request.target);
  mark.host = request.host;
  mark.source_ip = source_ip(request, proxies_);
  const std::string_view client = request.headers.get_or_empty("X-Lakefs-Client");
  mark.client = client.empty() ? request.headers.get_or_empty("User-Agent") : client;
  return mark;
}

void AccessLog::end_when_sent(Mark mark, const http::RequestContext& context,
                              http::Response& response) {
  const double seconds = seconds_between(mark.received, clock_.monotonic());
  // std::function copies, and the line must be written once: the mark is shared by the copies.
  auto kept = std::make_shared<const Mark>(std::move(mark));
  response.on_sent = [this, kept = std::move(kept), scope = context.scope, status = response.status,
                      before = std::move(response.on_sent), seconds](http::SendOutcome outcome) {
    if (before) before(outcome);
    end(*kept, *scope, status, outcome, seconds);
  };
}

void AccessLog::end(const Mark& mark, const base::RequestScope& scope, int status,
                    http::SendOutcome outcome, double seconds_to_response) const {
  const int seen = outcome.is_complete ? status : ClientGoneStatus;
  const double took = seconds_between(mark.received, clock_.monotonic());
  if (mark.service == Service::Gateway) metrics_.running(mark.service, "", -1);
  metrics_.request_finished({.service = mark.service,
                             .operation = scope.operation,
                             .method = mark.method,
                             .status = seen,
                             .seconds = took,
                             .seconds_to_response = seconds_to_response});
  if (level_ == base::LogLevel::Off || !log_.is_on(level_)) return;
  const auto nanos = std::chrono::nanoseconds(static_cast<std::int64_t>(took * 1e9));
  log_.write(level_, "HTTP call ended",
             {{"request_id", scope.request_id},
              {"method", mark.method_name},
              {"path", mark.target},
              {"host", mark.host},
              {"operation_id", scope.operation},
              {"user", scope.principal},
              {"service_name", service_name(mark.service)},
              {"status_code", seen},
              {"took", nanos.count()},
              {"took_str", format_duration(nanos)},
              {"sent_bytes", outcome.body_bytes},
              {"source_ip", mark.source_ip},
              {"client", mark.client},
              {"log_audit", true}});
}

}  // namespace varve::server
