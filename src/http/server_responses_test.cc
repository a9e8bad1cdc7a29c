// The protocol, over loopback sockets: what responses look like, whatever their sources do.
#include <gtest/gtest.h>
#include <stdio.h>

#include <cstdint>
#include <cstdio>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "http/body.h"
#include "http/harness_test.h"
#include "http/message.h"
#include "http/server.h"

namespace varve::http::test {
namespace {

using base::Bytes;
using base::Task;

std::string put(std::string_view path, std::string_view body, std::string_view fields = {}) {
  return "PUT " + std::string(path) +
         " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(fields) + "\r\n" + std::string(body);
}

std::string put_chunked(std::string_view path, std::string_view chunks) {
  return "PUT " + std::string(path) + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
         std::string(chunks);
}

class ServerResponsesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server_.route("/hello", say_hello);
    server_.route("/echo", echo);
    server_.start();
  }
  // The connection still works.
  static void expect_hello(Wire& wire) {
    wire.send(get("/hello"));
    const Answer answer = wire.receive();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "hello");
  }

  TestServer server_;
};

TEST_F(ServerResponsesTest, AnswersHeadWithTheLengthAlone) {
  server_.route("/length", [](RequestContext, Request) -> Task<Response> {
    Response response(200);
    response.headers.set("Content-Length", "123456789012");
    co_return response;
  });
  Wire wire(server_.port());
  wire.send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\nHEAD /length HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(wire.receive(true).header("Content-Length"), "5");
  EXPECT_EQ(wire.receive(true).header("Content-Length"), "123456789012");
  expect_hello(wire);
}

TEST_F(ServerResponsesTest, StreamsSources) {
  server_.route("/known", [](RequestContext, Request) -> Task<Response> {
    Response response(200);
    response.body = source_of({"one ", "two ", "three"}, 13);
    co_return response;
  });
  server_.route("/unknown", [](RequestContext, Request) -> Task<Response> {
    Response response(200);
    response.body = source_of({"one ", std::string(100000, 'x')}, std::nullopt);
    co_return response;
  });
  Wire wire(server_.port());
  wire.send(get("/known") + get("/unknown"));
  const Answer known = wire.receive();
  EXPECT_EQ(known.body, "one two three");
  EXPECT_EQ(known.header("Content-Length"), "13");
  const Answer unknown = wire.receive();
  EXPECT_EQ(unknown.header("Transfer-Encoding"), "chunked");
  EXPECT_EQ(unknown.body, "one " + std::string(100000, 'x'));
  expect_hello(wire);
  Wire old(server_.port());
  old.send("GET /unknown HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_TRUE(old.receive_all().ends_with("\r\n\r\none " + std::string(100000, 'x')));
}

TEST_F(ServerResponsesTest, BreaksOffWhenASourceFailsOrLies) {
  struct Bad {
    std::vector<std::string> pieces;
    std::optional<std::uint64_t> length;
    bool fails;
  };
  const std::vector<Bad> bad = {
      {{"one"}, 10, false}, {{"one"}, 10, true}, {{"one", "two"}, 5, false}, {{"x"}, {}, true}};
  for (const Bad& row : bad) {
    server_.route("/bad", [row](RequestContext, Request) {
      Response response(200);
      response.body = source_of(row.pieces, row.length, row.fails);
      return reply(std::move(response));
    });
    Wire wire(server_.port());
    wire.send(get("/bad"));
    const std::string all = wire.receive_all();
    EXPECT_EQ(all.find("two"), std::string::npos);
    EXPECT_FALSE(all.ends_with("0\r\n\r\n"));
  }
}

TEST_F(ServerResponsesTest, OutlivesASourceThatThrows) {
  class Thrower final : public BodySource {
   public:
    Task<base::Result<Bytes>> next() override {
      throw std::runtime_error("secret");
      co_return Bytes();
    }
    std::optional<std::uint64_t> length() const override { return 10; }
  };
  server_.route("/throw", [](RequestContext, Request) -> Task<Response> {
    Response response(200);
    response.body = std::make_unique<Thrower>();
    co_return response;
  });
  Wire wire(server_.port());
  wire.send(get("/throw"));
  EXPECT_EQ(wire.receive_all(), "");
  Wire other(server_.port());
  expect_hello(other);
}

TEST_F(ServerResponsesTest, SendsARequestBodyBack) {
  class Echo final : public BodySource {
   public:
    explicit Echo(BodyStream body) : body_(std::move(body)) {}
    Task<base::Result<Bytes>> next() override { return body_.read(65536); }
    std::optional<std::uint64_t> length() const override { return body_.content_length(); }

   private:
    BodyStream body_;
  };
  server_.route("/mirror", [](RequestContext, Request request) -> Task<Response> {
    Response response(200);
    response.body = std::make_unique<Echo>(std::move(request.body));
    co_return response;
  });
  Wire wire(server_.port());
  wire.send(put("/mirror", "look") + put_chunked("/mirror", "4\r\nhere\r\n0\r\n\r\n"));
  EXPECT_EQ(wire.receive().body, "look");
  EXPECT_EQ(wire.receive().body, "here");
  expect_hello(wire);
}

TEST_F(ServerResponsesTest, SendsFiles) {
  std::FILE* file = std::tmpfile();
  const std::string text = std::string(3U << 20U, 'f') + "end";
  ASSERT_EQ(std::fwrite(text.data(), 1, text.size(), file), text.size());
  std::fflush(file);
  const int descriptor = ::fileno(file);
  const auto serve = [&](std::string path, std::uint64_t offset, std::uint64_t length) {
    server_.route(std::move(path), [=](RequestContext, Request) {
      Response response(200);
      response.body = FileBody{.descriptor = descriptor, .offset = offset, .length = length};
      return reply(std::move(response));
    });
  };
  serve("/whole", 0, text.size());
  serve("/part", text.size() - 4, 4);
  serve("/none", 5, 0);
  serve("/beyond", 100, text.size());
  Wire wire(server_.port());
  wire.send(get("/whole") + get("/part") + get("/none") + get("/hello"));
  EXPECT_EQ(wire.receive().body, text);
  EXPECT_EQ(wire.receive().body, "fend");
  const Answer none = wire.receive();
  EXPECT_EQ(none.header("Content-Length"), "0");
  EXPECT_EQ(wire.receive().body, "hello");
  wire.send(get("/beyond"));
  const std::string cut = wire.receive_all();
  EXPECT_NE(cut.find("Content-Length: 3145731"), std::string::npos);
  EXPECT_LT(cut.size(), text.size());
  std::fclose(file);
}

TEST_F(ServerResponsesTest, SendsNoBodyWhereThereMustBeNone) {
  server_.route("/204", [](RequestContext, Request) -> Task<Response> {
    co_return Response(204, "a/b", "ignored");
  });
  server_.route("/304", [](RequestContext, Request) -> Task<Response> { co_return Response(304); });
  Wire wire(server_.port());
  wire.send(get("/204") + get("/304") + get("/hello"));
  EXPECT_EQ(wire.receive().header("Content-Length"), "");
  EXPECT_EQ(wire.receive().header("Content-Length"), "");
  EXPECT_EQ(wire.receive().body, "hello");
}

TEST_F(ServerResponsesTest, KeepsFieldsFromBreakingOut) {
  server_.route("/inject", [](RequestContext, Request) -> Task<Response> {
    Response response(200);
    response.headers.add("X-Meta", "a\r\nSet-Cookie: b");
    response.headers.add("Content-Length", "999");
    response.headers.add("Transfer-Encoding", "chunked");
    co_return response;
  });
  Wire wire(server_.port());
  wire.send(get("/inject"));
  const Answer answer = wire.receive();
  EXPECT_EQ(answer.header("X-Meta"), "a  Set-Cookie: b");
  EXPECT_EQ(answer.header("Set-Cookie"), "");
  EXPECT_EQ(answer.header("Content-Length"), "0");
}

TEST_F(ServerResponsesTest, TurnsExceptionsInto500) {
  server_.route("/throw", [](RequestContext, Request) -> Task<Response> {
    throw std::runtime_error("secret");
    co_return Response(200);
  });
  Wire wire(server_.port());
  wire.send(get("/throw"));
  EXPECT_EQ(wire.receive_all().find("secret"), std::string::npos);
  EXPECT_EQ(server_.server().counters().handler_failures, 1U);
}

TEST_F(ServerResponsesTest, TellsWhenAResponseIsOut) {
  std::promise<SendOutcome> sent;
  server_.route("/told", [&](RequestContext, Request) {
    Response response(200, "a/b", "12345");
    response.on_sent = [&](SendOutcome outcome) { sent.set_value(outcome); };
    return reply(std::move(response));
  });
  Wire wire(server_.port());
  wire.send(get("/told"));
  const SendOutcome outcome = sent.get_future().get();
  EXPECT_TRUE(outcome.is_complete);
  EXPECT_EQ(outcome.body_bytes, 5U);
}

}  // namespace
}  // namespace varve::http::test
