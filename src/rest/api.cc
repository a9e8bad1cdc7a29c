#include "rest/api.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/task.h"
#include "base/time.h"
#include "base/uuid.h"
#include "http/body.h"
#include "http/headers.h"
#include "http/message.h"
#include "http/server.h"
#include "model/limits.h"
#include "rest/arguments.h"
#include "rest/call.h"
#include "rest/errors.h"
#include "rest/handlers.h"
#include "rest/json_body.h"
#include "rest/operation.h"
#include "rest/options.h"
#include "rest/pages.h"
#include "rest/permissions.h"
#include "rest/response.h"
#include "rest/router.h"
#include "services/auth/auth.h"
#include "services/auth/authorizer.h"
#include "services/auth/principal.h"

namespace varve::rest {
namespace {

constexpr std::string_view BasePath = "/api/v1";

bool is_api_path(std::string_view path) {
  return path.starts_with(BasePath) &&
         (path.size() == BasePath.size() || path[BasePath.size()] == '/');
}

bool is_json(std::string_view content_type) {
  return content_type.substr(0, content_type.find(';')) == "application/json";
}

base::Error bad_request(std::string_view why) {
  return {base::Code::InvalidArgument, "request body has an error: " + std::string(why)};
}

// What is read and parsed for somebody who has not said who he is.
constexpr std::size_t StrangerBodyBytesMax = 64U << 10U;

bool is_for_strangers(const http::BodyStream& body) {
  const std::optional<std::uint64_t> length = body.content_length();
  return length ? *length <= StrangerBodyBytesMax : !body.is_chunked();
}

// The JSON body of an operation that has one; nothing if none was sent and none is needed.
base::Task<base::Result<std::optional<JsonBody>>> read_body(http::BodyStream body,
                                                            std::string content_type,
                                                            const Operation* operation) {
  if (operation->body == nullptr) co_return std::optional<JsonBody>();
  const bool is_public = operation->access == Access::Public;
  const std::size_t bytes_max = is_public ? StrangerBodyBytesMax : model::JsonBodyBytesMax;
  VARVE_CO_TRY(const base::Bytes bytes, co_await body.read_all(bytes_max));
  if (bytes.empty()) {
    if (operation->is_body_required) co_return bad_request("value is required but missing");
    co_return std::optional<JsonBody>();
  }
  if (!is_json(content_type)) {
    co_return bad_request("header Content-Type has unexpected value \"" + content_type + "\"");
  }
  VARVE_CO_TRY(JsonBody parsed, JsonBody::parse(bytes, *operation->body));
  co_return std::optional<JsonBody>(std::move(parsed));
}

// A `%` in a new name is refused before anybody asks whether the name may be made.
base::Result<void> check_new_name(const Call& call) {
  const Op op = call.operation.id;
  const std::string_view kind = op == Op::CreateUser     ? "User"
                                : op == Op::CreateGroup  ? "Group"
                                : op == Op::CreatePolicy ? "Policy"
                                                         : "";
  if (kind.empty() || call.json().text("id").find('%') == std::string::npos) return {};
  return base::Error(base::Code::InvalidArgument, std::string(kind) + " name cannot contain '%'");
}

// Tells the observer of a request's beginning and, whatever becomes of it, of its end.
class Observed {
 public:
  Observed(Observer* observer, std::string_view operation, base::Clock& clock,
           base::MonotonicTime received)
      : observer_(observer), operation_(operation), clock_(clock), received_(received) {
    if (observer_ != nullptr) observer_->started(operation_);
  }
  Observed(const Observed&) = delete;
  Observed& operator=(const Observed&) = delete;
  ~Observed() {
    if (observer_ == nullptr) return;
    const std::chrono::duration<double> took = clock_.monotonic() - received_;
    observer_->finished(operation_, status_, took.count());
  }

  void set_status(int status) { status_ = status; }

 private:
  Observer* const observer_;
  const std::string_view operation_;
  base::Clock& clock_;
  const base::MonotonicTime received_;
  int status_ = 500;  // an exception is answered so
};

}  // namespace

struct Api::Impl {
  Impl(engine::Engine& engine, services::Auth& auth, services::Authorizer& authorizer,
       base::Clock& clock, base::Rng& rng, ApiOptions o, Observer* told, services::Jobs* jobs)
      : options(std::move(o)),
        services{engine, auth, authorizer, clock, rng, options, jobs},
        router(operations()),
        pages(options),
        observer(told) {}

  base::Task<http::Response> serve(http::RequestContext context, http::Request request);
  base::Task<base::Result<services::UserRef>> authenticate(base::Context context,
                                                           const http::Headers* headers);
  base::Task<Answer> answer(CallPtr call);
  base::Task<base::Result<void>> admit(Call* call);

  const ApiOptions options;
  const Services services;
  const Router router;
  const Pages pages;
  Observer* const observer;
};

// Steps 1 and 2: what is asked for, and whether it can be.
base::Task<http::Response> Api::Impl::serve(http::RequestContext context, http::Request request) {
  const std::string_view below = std::string_view(request.path).substr(BasePath.size());
  const auto route = router.find(request.method, below);
  if (!route) co_return error_response(404, "invalid API endpoint");
  const Operation& operation = *route->operation;
  context.scope->operation = operation.name;
  auto arguments = Arguments::parse(*route, request);
  if (!arguments) co_return error_response(arguments.error());
  std::string content_type(request.headers.get_or_empty("Content-Type"));
  std::optional<JsonBody> body;
  if (operation.body != nullptr) {
    // A large body takes time and memory before it is found to be wrong: whoever sends it is known
    // by then.
    if (operation.access != Access::Public && !is_for_strangers(request.body)) {
      auto known = co_await authenticate(context.context(), &request.headers);
      if (!known) co_return error_response(known.error());
      if (*known == nullptr) co_return error_response(unauthenticated());
    }
    auto read = co_await read_body(std::move(request.body), std::move(content_type), &operation);
    if (!read) co_return error_response(read.error());
    body = *std::move(read);
  }
  const auto scope = context.scope;
  Observed observed(observer, operation.name, services.clock, context.received);
  auto call = std::make_unique<Call>(services, std::move(context), std::move(request), operation,
                                     *std::move(arguments), std::move(body));
  if (scope->request_id.empty()) scope->request_id = base::make_uuid(services.rng);
  Answer answered = co_await answer(std::move(call));
  const bool is_error = !answered.has_value();
  http::Response response = is_error ? error_response(answered.error()) : *std::move(answered);
  response.headers.add("X-Request-ID", scope->request_id);
  if (operation.id == Op::HeadObject && is_error) {
    response = http::Response(response.status);  // no body, and nothing that describes one
    response.headers.add("X-Request-ID", scope->request_id);
  }
  observed.set_status(response.status);
  co_return response;
}

base::Task<Answer> Api::Impl::answer(CallPtr call) {
  VARVE_CO_CHECK(co_await admit(call.get()));
  co_return co_await dispatch(std::move(call));
}

// Null: the request says nothing of it.
base::Task<base::Result<services::UserRef>> Api::Impl::authenticate(base::Context context,
                                                                    const http::Headers* headers) {
  services::RequestCredentials carried(headers->get_or_empty("Authorization"),
                                       headers->get_or_empty("Cookie"));
  co_return co_await services.auth.authenticate(std::move(context), std::move(carried));
}

// Steps 4 and 5: who asks, and whether they may.  [I-12]
base::Task<base::Result<void>> Api::Impl::admit(Call* call) {
  if (call->operation.access == Access::Public) co_return base::Result<void>();
  VARVE_CO_TRY(call->principal, co_await authenticate(call->context(), &call->request.headers));
  if (call->principal == nullptr) {
    if (call->operation.access == Access::Anonymous) co_return base::Result<void>();
    co_return unauthenticated();
  }
  call->request_context.scope->principal = call->principal->committer();
  VARVE_CO_CHECK(check_new_name(*call));
  if (services.authorizer.allows_everything()) co_return base::Result<void>();
  std::vector<services::Permission> needed = permissions_of(*call);
  if (needed.empty()) co_return base::Result<void>();
  co_return co_await services.authorizer.allow(call->context(), call->principal, std::move(needed));
}

Api::Api(engine::Engine& engine, services::Auth& auth, services::Authorizer& authorizer,
         base::Clock& clock, base::Rng& rng, ApiOptions options, Observer* observer,
         services::Jobs* jobs)
    : impl_(std::make_unique<Impl>(engine, auth, authorizer, clock, rng, std::move(options),
                                   observer, jobs)) {}

Api::~Api() = default;

base::Task<http::Response> Api::handle(http::RequestContext context, http::Request request) {
  if (is_api_path(request.path)) {
    co_return co_await impl_->serve(std::move(context), std::move(request));
  }
  co_return impl_->pages.answer(request);
}

}  // namespace varve::rest
