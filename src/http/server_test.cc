// The protocol, over loopback sockets: what a client may send and what it gets back.
#include "http/server.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "http/body.h"
#include "http/harness_test.h"
#include "http/message.h"

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

class ServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server_.route("/hello", say_hello);
    server_.route("/echo", echo);
    server_.route("/ignore", ignore_body);
    server_.route("/read", read_in_steps);
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

TEST_F(ServerTest, AnswersWithDateLengthAndNoMoreThanItMust) {
  Wire wire(server_.port());
  wire.send(get("/hello"));
  EXPECT_EQ(wire.receive().head,
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
            "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: 5\r\n\r\n");
}

TEST_F(ServerTest, KeepsTheConnection) {
  Wire wire(server_.port());
  for (int i = 0; i < 3; ++i) expect_hello(wire);
  EXPECT_EQ(server_.server().counters().connections_accepted, 1U);
  EXPECT_EQ(server_.server().counters().requests_started, 3U);
}

TEST_F(ServerTest, ClosesWhenAsked) {
  Wire wire(server_.port());
  wire.send(get("/hello", "Connection: close\r\n"));
  const Answer answer = wire.receive();
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_TRUE(wire.is_ended());
}

TEST_F(ServerTest, SpeaksHttp10) {
  Wire closing(server_.port());
  closing.send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_EQ(closing.receive().body, "hello");
  EXPECT_TRUE(closing.is_ended());

  Wire keeping(server_.port());
  keeping.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(keeping.receive().header("Connection"), "keep-alive");
  expect_hello(keeping);
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  Wire wire(server_.port());
  wire.send(get("/hello") + put("/echo", "first") + get("/none") +
            put_chunked("/echo", "3\r\nsec\r\n3\r\nond\r\n0\r\n\r\n") + get("/hello"));
  EXPECT_EQ(wire.receive().body, "hello");
  EXPECT_EQ(wire.receive().body, "first");
  EXPECT_EQ(wire.receive().status, 404);
  EXPECT_EQ(wire.receive().body, "second");
  EXPECT_EQ(wire.receive().body, "hello");
}

TEST_F(ServerTest, TakesRequestsByteByByte) {
  Wire wire(server_.port());
  for (const char c : put("/echo", "slow") + put_chunked("/echo", "2\r\nly\r\n0\r\n\r\n")) {
    wire.send(std::string_view(&c, 1));
  }
  EXPECT_EQ(wire.receive().body, "slow");
  EXPECT_EQ(wire.receive().body, "ly");
}

TEST_F(ServerTest, HandsTrailersOver) {
  Wire wire(server_.port());
  wire.send(put_chunked("/echo", "5\r\nhello\r\n0\r\nx-amz-checksum-crc32: abc\r\n\r\n"));
  const Answer answer = wire.receive();
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.header("Trailer-x-amz-checksum-crc32"), "abc");
}

TEST_F(ServerTest, PassesUnknownMethodsOn) {
  server_.route("/pot", [](RequestContext, Request request) -> Task<Response> {
    co_return Response(request.method == Method::Other ? 418 : 500, "a/b", request.method_name);
  });
  Wire wire(server_.port());
  wire.send("BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(wire.receive().body, "BREW");
}

TEST_F(ServerTest, TellsThePeerAndTheTransport) {
  server_.route("/who", [](RequestContext, Request request) -> Task<Response> {
    co_return Response(200, "a/b",
                       request.peer.address + (request.is_tls ? " tls" : " plain") +
                           (request.peer.port > 0 ? "" : " portless"));
  });
  Wire wire(server_.port());
  wire.send(get("/who"));
  EXPECT_EQ(wire.receive().body, "127.0.0.1 plain");
}

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST_F(ServerTest, RefusesBadRequestsAndCloses) {
  for (const auto& [text, status] : std::vector<std::pair<std::string, int>>{
           {"GET / HTTP/1.1\r\n\r\n", 400},
           {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
           {"GET /hello HTTP/1.1\nHost: a\n\n", 400},
           {"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
           {"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0",
            400},
           {"GET /" + std::string(40000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
           {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(70000, 'a') + "\r\n\r\n", 431},
           {"GET / HTTP/1.1\r\nHost: a\r\n" + repeated("a:\r\n", 1024) + "\r\n", 431}}) {
    Wire wire(server_.port());
    wire.send(text);
    const Answer answer = wire.receive();
    EXPECT_EQ(answer.status, status) << text.substr(0, 40);
    EXPECT_EQ(answer.header("Connection"), "close");
    EXPECT_NE(answer.body, "");
    EXPECT_TRUE(wire.is_ended());
  }
  EXPECT_EQ(server_.server().counters().requests_started, 0U);
  EXPECT_EQ(server_.server().counters().requests_rejected, 8U);
}

TEST_F(ServerTest, AcceptsLongLinesAndManyHeaders) {
  Wire wire(server_.port());
  std::string fields;
  for (int i = 0; i < 1000; ++i) {
    fields += "X-" + std::to_string(i) + ": " + std::string(20, 'v') + "\r\n";
  }
  wire.send(get("/hello?" + std::string(30000, 'q'), fields));
  EXPECT_EQ(wire.receive().status, 200);
}

// Expect: 100-continue.

TEST_F(ServerTest, ContinuesOnlyWhenTheBodyIsRead) {
  Wire wire(server_.port());
  wire.send("PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(wire.receive().head, "HTTP/1.1 100 Continue\r\n\r\n");
  wire.send("body");
  EXPECT_EQ(wire.receive().body, "body");
  expect_hello(wire);
}

TEST_F(ServerTest, AnswersInsteadOfContinuing) {
  Wire wire(server_.port());
  wire.send("PUT /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  const Answer answer = wire.receive();
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_TRUE(wire.is_ended());
}

TEST_F(ServerTest, DoesNotContinueWhatHasBegun) {
  Wire wire(server_.port());
  wire.send(put("/echo", "body", "Expect: 100-continue\r\n"));
  EXPECT_EQ(wire.receive().status, 200);
  wire.send(put("/echo", "", "Expect: 100-continue\r\n"));
  EXPECT_EQ(wire.receive().status, 200);
}

TEST_F(ServerTest, ContinuesChunkedBodies) {
  Wire wire(server_.port());
  wire.send(
      "PUT /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: "
      "100-continue\r\n\r\n");
  EXPECT_EQ(wire.receive_line(), "HTTP/1.1 100 Continue");
  EXPECT_EQ(wire.receive_line(), "");
  wire.send("4\r\nbody\r\n0\r\n\r\n");
  EXPECT_EQ(wire.receive().body, "body");
}

// Bodies.

TEST_F(ServerTest, TellsWhatWasAnnounced) {
  server_.route("/announced", [](RequestContext, Request request) -> Task<Response> {
    const auto length = request.body.content_length();
    co_return Response(200, "a/b",
                       (length ? std::to_string(*length) : "none") +
                           (request.body.is_chunked() ? " chunked" : ""));
  });
  Wire wire(server_.port());
  wire.send(get("/announced"));
  EXPECT_EQ(wire.receive().body, "none");
  wire.send(put("/announced", ""));
  EXPECT_EQ(wire.receive().body, "0");
  wire.send(put("/announced", "1234567"));
  EXPECT_EQ(wire.receive().body, "7");
  wire.send(put_chunked("/announced", "0\r\n\r\n"));
  EXPECT_EQ(wire.receive().body, "none chunked");
}

TEST_F(ServerTest, ReadsLargeBodiesOfEitherFraming) {
  std::string body(5U << 20U, '\0');
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < body.size(); ++i) {
    body[i] = static_cast<char>(i * 31 % 251);
    sum += static_cast<unsigned char>(body[i]);
  }
  const std::string wanted = std::to_string(body.size()) + " " + std::to_string(sum);
  std::string chunks;
  for (std::size_t at = 0; at < body.size(); at += 100000) {
    const std::string_view chunk = std::string_view(body).substr(at, 100000);
    char size[32];
    std::snprintf(size, sizeof size, "%zx\r\n", chunk.size());
    chunks.append(size).append(chunk).append("\r\n");
  }
  chunks += "0\r\n\r\n";
  Wire wire(server_.port());
  wire.send(put("/read", body));
  EXPECT_EQ(wire.receive().body, wanted);
  wire.send(put_chunked("/read", chunks));
  EXPECT_EQ(wire.receive().body, wanted);
  expect_hello(wire);
}

TEST_F(ServerTest, BoundsWhatIsReadIntoMemory) {
  const std::string large(9U << 20U, 'x');
  Wire announced(server_.port());
  announced.send("PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9437184\r\n\r\n");
  EXPECT_EQ(announced.receive().status, 413);
  Wire chunked(server_.port());
  std::thread sender([&] { chunked.send(put_chunked("/echo", "900000\r\n" + large)); });
  EXPECT_EQ(chunked.receive().status, 413);
  sender.join();
}

TEST_F(ServerTest, TellsAShortBodyFromAWholeOne) {
  Wire wire(server_.port());
  wire.send("PUT /read HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nshort");
  wire.finish_sending();
  const Answer answer = wire.receive();
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, "the body ended after 5 of the 10 bytes announced");
  EXPECT_TRUE(wire.is_ended());
  Wire chunked(server_.port());
  chunked.send(put_chunked("/read", "a\r\nshort"));
  chunked.finish_sending();
  const Answer of_chunks = chunked.receive();
  EXPECT_EQ(of_chunks.status, 400);
  EXPECT_EQ(of_chunks.body, "the body ended before its last chunk");
}

TEST_F(ServerTest, RefusesMalformedChunks) {
  Wire wire(server_.port());
  wire.send(put_chunked("/read", "5\r\nhello\r\nnonsense\r\n"));
  const Answer answer = wire.receive();
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.header("Connection"), "close");
}

TEST_F(ServerTest, SkipsSmallUnreadBodies) {
  Wire wire(server_.port());
  wire.send(put("/ignore", std::string(200000, 'x')));
  EXPECT_EQ(wire.receive().status, 403);
  expect_hello(wire);
  wire.send(put_chunked("/ignore", "3\r\nabc\r\n0\r\n\r\n"));
  EXPECT_EQ(wire.receive().status, 403);
  expect_hello(wire);
}

TEST_F(ServerTest, ClosesRatherThanSkipLargeUnreadBodies) {
  Wire wire(server_.port());
  wire.send("PUT /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n");
  wire.send(std::string(100000, 'x'));
  const Answer answer = wire.receive();
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.header("Connection"), "close");
}

}  // namespace
}  // namespace varve::http::test
