#include "tests/scenario/rest_server.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/json.hpp>
#include <memory>
#include <string>
#include <utility>

#include "base/run.h"

namespace varve::scenario {

namespace {

constexpr std::string_view KeyId = "AKIDSCENARIO";
constexpr std::string_view Secret = "a secret";

base::Task<void> answer(rest::Api* api, http::Request request, RestReply* reply) {
  http::RequestContext context;
  context.scope = std::make_shared<base::RequestScope>();
  http::Response response = co_await api->handle(context, std::move(request));
  reply->status = response.status;
  auto body = co_await http::collect_body(std::move(response.body));
  EXPECT_TRUE(body.has_value());
  if (body.has_value()) reply->body = *std::move(body);
}

}  // namespace

engine::EngineOptions RestServer::engine_options() {
  engine::EngineOptions options;
  options.signing_key = "secret";
  return options;
}

services::AuthOptions RestServer::auth_options() {
  services::AuthOptions options;
  options.secret_key = base::Secret<std::string>("installation key");
  return options;
}

RestServer::RestServer() {
  services::KeyPair key{std::string(KeyId), base::Secret<std::string>(std::string(Secret))};
  EXPECT_TRUE(base::run(auth_.setup(base::Context(), "admin", std::move(key), {})).has_value());
}

RestServer::~RestServer() {
  boost::asio::co_spawn(loop_, jobs_.close(), boost::asio::detached);
  run_all();
}

void RestServer::run_all() {
  loop_.restart();
  loop_.run();
}

RestReply RestServer::send(http::Method method, const std::string& path, http::Headers headers,
                           base::Bytes body) {
  const std::string key = std::string(KeyId) + ":" + std::string(Secret);
  headers.add("Authorization", "Basic " + base::base64_encode(key));
  RestReply reply;
  boost::asio::co_spawn(
      loop_,
      answer(&api_, http::make_request(method, "/api/v1" + path, std::move(headers), body), &reply),
      boost::asio::detached);
  run_all();
  return reply;
}

RestReply RestServer::send_json(http::Method method, const std::string& path,
                                const boost::json::object& body) {
  http::Headers headers;
  headers.add("Content-Type", "application/json");
  return send(method, path, std::move(headers), boost::json::serialize(body));
}

}  // namespace varve::scenario
