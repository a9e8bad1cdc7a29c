// The S3 gateway: a bucket is a repository, the first part of a key is a branch, tag or any other
// ref expression. Translates S3 requests to the engine and its answers to S3's; decides nothing
// about versions itself. reference s3-gateway.md is the specification.
//
// What it promises:
//   1. Nobody reads or writes without a valid signature (or another proof the API accepts), and
//      nothing of a repository is read before the caller's right to it is known.  [I-12]
//   2. A body becomes visible only after its length, chunk signatures, SHA-256, MD5 and checksum,
//      as far as the client sent them, have been verified to the last byte.  [I-11]
//   3. Memory per transfer is bounded, however large the object.  [I-13]
//   4. A client's mistake is never answered 500.
//
// Any thread may call; requests are independent.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/rng.h"
#include "base/task.h"
#include "base/time.h"
#include "http/message.h"
#include "http/server.h"

namespace varve::engine {
class Engine;
}
namespace varve::ports {
class KvStore;
}
namespace varve::services {
class Auth;
class Authorizer;
}  // namespace varve::services

namespace varve::s3 {

struct GatewayOptions {
  std::vector<std::string> domains{"s3.local.lakefs.io"};  // gateways.s3.domain_name
  std::string region = "us-east-1";                        // gateways.s3.region
  bool verify_unsupported = true;                          // gateways.s3.verify_unsupported
  // Peers whose X-Forwarded-Host may stand for Host when a signature is checked.
  std::vector<std::string> trusted_proxies;
  // With a prefix, PutBucket creates <prefix>/<name>; without, it is not implemented.
  std::string create_bucket_namespace;
  // Origins browsers may call from; "*" for all. Empty: no CORS.
  std::vector<std::string> cors_origins;
  std::int64_t put_bytes_max = 5LL << 30U;  // of one PUT or part
};

// Called for a request whose repository does not exist; answers in the gateway's place
// (gateways.s3.fallback_url). The composition root provides it where it is configured.
class Fallback {
 public:
  virtual ~Fallback() = default;
  virtual base::Task<http::Response> forward(http::RequestContext context,
                                             http::Request request) = 0;
};

// Told once per finished request; labels come from closed sets.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void finished(std::string_view operation, int status, double seconds) = 0;
};

class Gateway final : public http::Handler {
 public:
  // Everything referred to outlives the gateway; `fallback` and `observer` may be null.
  Gateway(engine::Engine& engine, services::Auth& auth, services::Authorizer& authorizer,
          ports::KvStore& kv, base::Clock& clock, base::Rng& rng, GatewayOptions options,
          Fallback* fallback = nullptr, Observer* observer = nullptr);
  ~Gateway() override;

  // Whether a request is the gateway's (by host, or because it is signed as AWS clients sign).
  bool matches(const http::Request& request) const;

  base::Task<http::Response> handle(http::RequestContext context, http::Request request) override;

  // The answer to a signed request that ended up at the web interface: it names the domains.
  http::Response wrong_endpoint(const http::Request& request) const;

  // Operation labels of Observer::finished.
  static const std::vector<std::string_view>& operations();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::s3
