#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/rng.h"
#include "base/task.h"
#include "base/time.h"
#include "http/message.h"
#include "http/server.h"
#include "s3/address.h"
#include "s3/call.h"
#include "s3/errors.h"
#include "s3/exchange.h"
#include "s3/s3.h"
#include "s3/signing_keys.h"
#include "s3/upload_ledger.h"
#include "s3/xml_writer.h"

namespace varve::s3 {

struct Gateway::Impl {
  Impl(engine::Engine& e, services::Auth& a, services::Authorizer& z, ports::KvStore& kv,
       base::Clock& c, base::Rng& r, GatewayOptions o, Fallback* f, Observer* w)
      : engine(e),
        auth(a),
        authorizer(z),
        clock(c),
        rng(r),
        options(std::move(o)),
        fallback(f),
        observer(w),
        ledger(kv, c),
        host_id(base::hex_encode(r.bytes(8))) {}

  Collaborators collaborators() {
    return {engine, auth, authorizer, clock, rng, ledger, keys, options, host_id, fallback};
  }

  // Tells the observer once the last byte went out, so that a download counts in full.
  void observe(std::string_view operation, base::MonotonicTime received, http::Response& response) {
    if (observer == nullptr) return;
    auto then = std::move(response.on_sent);
    response.on_sent = [this, operation, received, status = response.status,
                        next = std::move(then)](http::SendOutcome outcome) {
      const std::chrono::duration<double> took = clock.monotonic() - received;
      observer->finished(operation, outcome.is_complete ? status : 499, took.count());
      if (next) next(outcome);
    };
  }

  engine::Engine& engine;
  services::Auth& auth;
  services::Authorizer& authorizer;
  base::Clock& clock;
  base::Rng& rng;
  const GatewayOptions options;
  Fallback* fallback;
  Observer* observer;
  UploadLedger ledger;
  SigningKeys keys;
  const std::string host_id;
};

Gateway::Gateway(engine::Engine& engine, services::Auth& auth, services::Authorizer& authorizer,
                 ports::KvStore& kv, base::Clock& clock, base::Rng& rng, GatewayOptions options,
                 Fallback* fallback, Observer* observer)
    : impl_(std::make_unique<Impl>(engine, auth, authorizer, kv, clock, rng, std::move(options),
                                   fallback, observer)) {}
Gateway::~Gateway() = default;

bool Gateway::matches(const http::Request& request) const {
  return is_gateway_request(request, impl_->options.domains);
}

base::Task<http::Response> Gateway::handle(http::RequestContext context, http::Request request) {
  const base::MonotonicTime received = context.received;
  const std::shared_ptr<base::RequestScope> scope = context.scope;
  Exchange exchange(impl_->collaborators(), std::move(context), std::move(request));
  http::Response response = co_await exchange.run();
  scope->operation = exchange.operation();
  impl_->observe(exchange.operation(), received, response);
  co_return response;
}

http::Response Gateway::wrong_endpoint(const http::Request& request) const {
  std::string message(
      "S3 request received on an endpoint that does not serve S3. Send S3 requests to this "
      "server's address without a path, or to a configured domain: ");
  bool is_first = true;
  for (const std::string& domain : impl_->options.domains) {
    message.append(is_first ? "" : ", ").append(domain);
    is_first = false;
  }
  XmlWriter xml;
  xml.open_plain_root("Error");
  xml.element("Code", info(Code::LakeFsWrongEndpoint).name);
  xml.element("Message", std::string_view(message));
  xml.element("Resource", std::string_view(request.path));
  xml.element("Region", std::string_view(impl_->options.region));
  xml.element("HostId", std::string_view(impl_->host_id));
  xml.close("Error");
  return xml_response(xml.take(), info(Code::LakeFsWrongEndpoint).status);
}

const std::vector<std::string_view>& Gateway::operations() {
  static const std::vector<std::string_view> Labels{
      "list_buckets",  "head_bucket",    "put_bucket",  "list_objects",
      "get_object",    "head_object",    "put_object",  "post_object",
      "delete_object", "delete_objects", "unsupported", "not_found"};
  return Labels;
}

}  // namespace varve::s3
