#include "server/dispatcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "adapters/kv_memory/kv_memory.h"
#include "adapters/object_memory/object_memory.h"
#include "adapters/system/system.h"
#include "base/context.h"
#include "base/log.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/run.h"
#include "base/task.h"
#include "engine/engine.h"
#include "http/headers.h"
#include "http/message.h"
#include "http/server.h"
#include "ports/kv_store.h"
#include "s3/s3.h"
#include "server/access_log.h"
#include "server/app.h"
#include "server/metrics.h"
#include "server/stores.h"
#include "server/system_pages.h"
#include "services/auth/auth.h"
#include "services/auth/authorizer.h"

namespace varve::server {
namespace {

using ::testing::HasSubstr;

// Answers with what it was asked for, or does what nobody foresaw.
class FakeApi final : public http::Handler {
 public:
  base::Task<http::Response> handle(http::RequestContext context, http::Request request) override {
    if (request.path == "/api/v1/throw") throw std::runtime_error("secret detail");
    context.scope->operation = "fake";
    co_return http::Response(200, "text/plain", "api " + request.path);
  }
};

class DispatcherTest : public ::testing::Test {
 protected:
  static services::AuthOptions auth_options() {
    services::AuthOptions options;
    options.secret_key = base::Secret(std::string("x"));
    return options;
  }
  static base::OffloadOptions inline_jobs() {
    base::OffloadOptions options;
    options.threads = 0;
    return options;
  }

  http::Response ask(const std::string& target, http::Headers headers = {}) {
    http::RequestContext context;
    context.scope = std::make_shared<base::RequestScope>();
    context.received = clock_.monotonic();
    scope_ = context.scope;
    http::Request request = http::make_request(http::Method::Get, target, std::move(headers));
    return base::run(dispatcher_.handle(std::move(context), std::move(request)));
  }
  static std::string body_of(http::Response response) {
    return *base::run(http::collect_body(std::move(response.body)));
  }

  adapters::SystemClock clock_;
  adapters::SystemRng rng_;
  base::Offload offload_{inline_jobs()};
  adapters::MemoryKv kv_;
  adapters::MemoryObjects objects_{clock_, rng_};
  services::AllowKnownUsers authorizer_;
  services::Auth auth_{kv_, clock_, rng_, offload_, auth_options()};
  engine::Engine engine_{kv_, objects_, clock_, rng_, offload_, {}};
  s3::Gateway gateway_{engine_, auth_, authorizer_, kv_, clock_, rng_, {}};
  Metrics metrics_{"mem", "mem"};
  SystemPages pages_{auth_, kv_, objects_, metrics_, [] { return MetricsSources(); }, true};
  AccessLog access_log_{base::Log(), base::LogLevel::Off, clock_, metrics_};
  FakeApi api_;
  Dispatcher dispatcher_{gateway_, api_, pages_, access_log_, metrics_, rng_, base::Log()};
  std::shared_ptr<base::RequestScope> scope_;
};

TEST_F(DispatcherTest, GivesEveryRequestAnIdOfItsOwn) {
  ask("/api/v1/x");
  const std::string first = scope_->request_id;
  ask("/api/v1/x");
  EXPECT_EQ(first.size(), 36U);
  EXPECT_NE(scope_->request_id, first);
}

TEST_F(DispatcherTest, SignedRequestsAreTheGateways) {
  http::Headers headers;
  headers.add("Authorization", "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/s3/aws4_request");
  const http::Response response = ask("/bucket/key", std::move(headers));
  EXPECT_GE(response.status, 400);
  EXPECT_THAT(std::string(response.headers.get_or_empty("Content-Type")), HasSubstr("xml"));
}

TEST_F(DispatcherTest, PagesOfTheServerAreAnsweredWithoutTheApi) {
  EXPECT_EQ(body_of(ask("/_health")), "alive!");
  EXPECT_EQ(body_of(ask("/_ready")), "ready\n");
  EXPECT_THAT(body_of(ask("/metrics")), HasSubstr("varve_build_info"));
  EXPECT_EQ(body_of(ask("/index.html")), "api /index.html");
}

TEST_F(DispatcherTest, AnExceptionIsAnInternalErrorThatTellsNothingAndIsCounted) {
  http::Response response = ask("/api/v1/throw");
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(body_of(std::move(response)), "{\"message\":\"internal error\"}\n");
  EXPECT_THAT(body_of(ask("/metrics")), HasSubstr("varve_internal_errors_total 1"));
}

TEST_F(DispatcherTest, ARequestIsCountedWhenItsLastByteWentOut) {
  const http::Response response = ask("/api/v1/x");
  ASSERT_TRUE(response.on_sent);
  EXPECT_THAT(body_of(ask("/metrics")), ::testing::Not(HasSubstr("operation=\"fake\"")));
  response.on_sent({.body_bytes = 10, .is_complete = true});
  EXPECT_THAT(body_of(ask("/metrics")),
              HasSubstr("api_request_duration_seconds_count{code=\"200\",operation=\"fake\"} 1"));
}

// Or a client could fill the memory with labels.
TEST_F(DispatcherTest, AMethodThatNobodyKnowsIsNoLabelOfItsOwn) {
  for (const std::string method : {"BREW", "STEEP"}) {
    http::Request request = http::make_request(http::Method::Other, "/api/v1/x");
    request.method_name = method;
    http::RequestContext context;
    context.scope = std::make_shared<base::RequestScope>();
    const http::Response response =
        base::run(dispatcher_.handle(std::move(context), std::move(request)));
    response.on_sent({.body_bytes = 10, .is_complete = true});
  }
  const std::string page = body_of(ask("/metrics"));
  EXPECT_THAT(page, HasSubstr("api_requests_total{code=\"200\",method=\"other\"} 2"));
  EXPECT_THAT(page, ::testing::Not(HasSubstr("brew")));
}

TEST_F(DispatcherTest, AClientThatWentAwayIsStatus499) {
  const http::Response response = ask("/api/v1/x");
  response.on_sent({.body_bytes = 3, .is_complete = false});
  EXPECT_THAT(body_of(ask("/metrics")),
              HasSubstr("api_requests_total{code=\"499\",method=\"get\"} 1"));
}

TEST(Schema, AnEmptyStoreIsGivenTheVersionAndKeepsIt) {
  adapters::MemoryKv kv;
  EXPECT_TRUE(base::run(check_schema(base::Context(), &kv)));
  EXPECT_TRUE(base::run(check_schema(base::Context(), &kv)));
  const auto row =
      base::run(kv.get(base::Context(), ports::KvKey("kv-internal-metadata", "kv/schema/version")));
  EXPECT_EQ(row->value(), "4");
}

TEST(Schema, AnotherVersionIsRefused) {
  for (const char* version : {"3", "5", ""}) {
    adapters::MemoryKv kv;
    ports::KvWrite write;
    write.updates.push_back(
        ports::KvUpdate::set(ports::KvKey("kv-internal-metadata", "kv/schema/version"), version));
    ASSERT_TRUE(base::run(kv.write(base::Context(), std::move(write))));
    const base::Result<void> checked = base::run(check_schema(base::Context(), &kv));
    ASSERT_FALSE(checked);
    EXPECT_EQ(start_fault_of(checked.error()), StartFault::DataUnusable);
  }
}

}  // namespace
}  // namespace varve::server
