#include "server/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "http/message.h"
#include "server/access_log.h"

namespace varve::server {
namespace {

using ::testing::HasSubstr;

TEST(Metrics, EveryNameIsDocumented) {
  std::ifstream file(std::string(VARVE_SOURCE_DIR) + "/docs/operating/metrics.md");
  std::stringstream page;
  page << file.rdbuf();
  Metrics metrics("local", "local");
  for (const std::string& name : metrics.names()) {
    EXPECT_THAT(page.str(), HasSubstr("`" + name + "`"));
  }
}

TEST(Metrics, ARequestIsCountedUnderOperationAndStatus) {
  Metrics metrics("mem", "mem");
  metrics.request_finished({.service = Service::Api,
                            .operation = "getObject",
                            .method = http::Method::Get,
                            .status = 206,
                            .seconds = 0.03,
                            .seconds_to_response = 0.001});
  metrics.request_finished({.service = Service::Gateway,
                            .operation = "PutObject",
                            .method = http::Method::Put,
                            .status = 200,
                            .seconds = 3,
                            .seconds_to_response = 3});
  const std::string text = metrics.render({});
  EXPECT_THAT(text, HasSubstr("api_requests_total{code=\"206\",method=\"get\"} 1"));
  EXPECT_THAT(text, HasSubstr("api_request_duration_seconds_bucket{code=\"206\","
                              "operation=\"getObject\",le=\"0.02\"} 0"));
  EXPECT_THAT(text, HasSubstr("api_request_duration_seconds_bucket{code=\"206\","
                              "operation=\"getObject\",le=\"0.05\"} 1"));
  EXPECT_THAT(text,
              HasSubstr("api_request_ttfb_duration_seconds_count{operation=\"GetObject\"} 1"));
  EXPECT_THAT(text, HasSubstr("gateway_request_duration_seconds_sum{code=\"200\","
                              "operation=\"PutObject\"} 3"));
}

TEST(Metrics, ALostRaceIsNoFailureOfTheStore) {
  Metrics metrics("mem", "mem");
  metrics.kv_finished(KvOperation::SetIf, 0.001, false);
  metrics.kv_finished(KvOperation::Scan, 0.001, true);
  const std::string text = metrics.render({});
  EXPECT_THAT(text, HasSubstr("kv_request_failures_total{operation=\"SetIf\",type=\"mem\"} 0"));
  EXPECT_THAT(text, HasSubstr("kv_request_failures_total{operation=\"Scan\",type=\"mem\"} 1"));
}

TEST(Metrics, CountersThatOthersKeepOnlyGrow) {
  Metrics metrics("mem", "mem");
  MetricsSources sources;
  sources.http.bytes_in = 10;
  metrics.render(sources);
  sources.http.bytes_in = 25;
  EXPECT_THAT(metrics.render(sources), HasSubstr("varve_http_bytes_total{direction=\"in\"} 25"));
}

struct TargetRow {
  const char* target;
  const char* want;
};
class Targets : public ::testing::TestWithParam<TargetRow> {};
TEST_P(Targets, AreLoggedWithoutSecrets) {
  EXPECT_EQ(redacted_target(GetParam().target), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(
    AccessLog, Targets,
    ::testing::Values(TargetRow{"/a/b", "/a/b"}, TargetRow{"/a?x=1&y", "/a?x=1&y"},
                      TargetRow{"/a?", "/a"},
                      TargetRow{"/a?X-Amz-Signature=abc&X-Amz-Date=d",
                                "/a?X-Amz-Signature=***&X-Amz-Date=d"},
                      TargetRow{"/a?x-amz-credential=K/2026/s3", "/a?x-amz-credential=***"},
                      TargetRow{"/a?AWSAccessKeyId=K&Signature=s%3D&Expires=1",
                                "/a?AWSAccessKeyId=***&Signature=***&Expires=1"},
                      TargetRow{"/a?%58-Amz-Signature=abc&sign%61ture=s",
                                "/a?%58-Amz-Signature=***&sign%61ture=***"}));

TEST(AccessLog, TheClientIsWhoATrustedProxySaysItIs) {
  const std::vector<std::string> proxies{"10.0.0.1"};
  http::Request request;
  request.peer.address = "10.0.0.1";
  EXPECT_EQ(source_ip(request, proxies), "10.0.0.1");
  request.headers.add("X-Real-IP", "192.0.2.7");
  EXPECT_EQ(source_ip(request, proxies), "192.0.2.7");
  request.headers.add("X-Forwarded-For", " 198.51.100.3 , 10.0.0.9");
  EXPECT_EQ(source_ip(request, proxies), "198.51.100.3");
  EXPECT_EQ(source_ip(request, {}), "10.0.0.1");
  request.peer.address = "203.0.113.66";
  EXPECT_EQ(source_ip(request, proxies), "203.0.113.66");
}

}  // namespace
}  // namespace varve::server
