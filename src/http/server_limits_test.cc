// What the server does when it has had enough: of waiting, of connections, of running at all.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "base/context.h"
#include "base/result.h"
#include "http/event_loops.h"
#include "http/harness_test.h"
#include "http/message.h"
#include "http/server.h"

namespace varve::http::test {
namespace {

using base::Code;
using base::milliseconds;
using base::Task;

constexpr milliseconds Short{40};

TEST(ServerTimeouts, EndAConnectionThatSaysNothing) {
  ServerOptions options = TestServer::quick_options();
  options.header_timeout = Short;
  TestServer server(std::move(options));
  Wire wire(server.start());
  EXPECT_TRUE(wire.is_ended());
}

TEST(ServerTimeouts, EndAnIdleConnection) {
  ServerOptions options = TestServer::quick_options();
  options.idle_timeout = Short;
  TestServer server(std::move(options));
  server.route("/hello", say_hello);
  Wire wire(server.start());
  wire.send(get("/hello"));
  EXPECT_EQ(wire.receive().status, 200);
  EXPECT_TRUE(wire.is_ended());
}

TEST(ServerTimeouts, AnswerAHeadThatDoesNotEnd) {
  ServerOptions options = TestServer::quick_options();
  options.header_timeout = Short;
  TestServer server(std::move(options));
  Wire wire(server.start());
  wire.send("GET / HTTP/1.1\r\nHost:");
  EXPECT_EQ(wire.receive().status, 408);
  EXPECT_TRUE(wire.is_ended());
}

TEST(ServerTimeouts, TellTheHandlerThatABodyStalled) {
  ServerOptions options = TestServer::quick_options();
  options.body_timeout = Short;
  TestServer server(std::move(options));
  server.route("/read", read_in_steps);
  Wire wire(server.start());
  wire.send("PUT /read HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf");
  const Answer answer = wire.receive();
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_EQ(server.server().counters().timeouts, 1U);
}

TEST(ServerTimeouts, GiveUpOnAClientThatReadsNothing) {
  ServerOptions options = TestServer::quick_options();
  options.write_timeout = Short;
  TestServer server(std::move(options));
  std::promise<SendOutcome> sent;
  server.route("/large", [&](RequestContext, Request) {
    Response response(200, "a/b", std::string(64U << 20U, 'x'));
    response.on_sent = [&](SendOutcome outcome) { sent.set_value(outcome); };
    return reply(std::move(response));
  });
  Wire wire(server.start());
  wire.send(get("/large"));
  EXPECT_FALSE(sent.get_future().get().is_complete);
  EXPECT_LT(wire.receive_all().size(), 64U << 20U);
  EXPECT_EQ(server.server().counters().clients_gone, 1U);
}

TEST(ServerTimeouts, DoNotTouchASlowHandler) {
  ServerOptions options = TestServer::quick_options();
  options.header_timeout = options.idle_timeout = options.body_timeout = Short;
  TestServer server(std::move(options));
  server.route("/slow", [](RequestContext, Request) -> Task<Response> {
    co_await sleep_for(milliseconds(200));
    co_return Response(200, "a/b", "done");
  });
  Wire wire(server.start());
  wire.send(get("/slow"));
  EXPECT_EQ(wire.receive().body, "done");
}

TEST(ServerLimits, AnswerBusyBeyondTheMostConnections) {
  ServerOptions options = TestServer::quick_options();
  options.connections_max = 2;
  TestServer server(std::move(options));
  server.route("/hello", say_hello);
  server.start();
  {
    Wire first(server.port());
    Wire second(server.port());
    for (Wire* wire : {&first, &second}) {
      wire->send(get("/hello"));
      EXPECT_EQ(wire->receive().status, 200);
    }
    Wire third(server.port());
    const Answer answer = third.receive();
    EXPECT_EQ(answer.status, 503);
    EXPECT_TRUE(third.is_ended());
    EXPECT_EQ(server.server().counters().connections_refused, 1U);
  }
  EXPECT_TRUE(eventually([&] { return server.server().counters().connections_open == 0; }));
  Wire later(server.port());
  later.send(get("/hello"));
  EXPECT_EQ(later.receive().status, 200);
}

TEST(ServerLimits, SpreadConnectionsOverTheLoops) {
  TestServer server;
  std::mutex mutex;
  std::map<std::thread::id, int> threads;
  server.route("/thread", [&](RequestContext, Request) {
    const std::lock_guard lock(mutex);
    ++threads[std::this_thread::get_id()];
    return reply(Response(200));
  });
  server.start();
  for (int i = 0; i < 4; ++i) {
    Wire wire(server.port());
    wire.send(get("/thread") + get("/thread"));
    EXPECT_EQ(wire.receive().status, 200);
    EXPECT_EQ(wire.receive().status, 200);
  }
  ASSERT_EQ(threads.size(), 2U);
  for (const auto& [id, count] : threads) EXPECT_EQ(count, 4);
}

// Ends when its request is cancelled.
Task<Response> wait_for_cancel(base::Context context, std::atomic<int>* cancelled) {
  while (!context.is_cancelled()) co_await sleep_for(milliseconds(1));
  ++*cancelled;
  co_return Response(200);
}

Task<Response> echo_after(Gate* gate, Request request) {
  co_await gate->pass();
  co_return co_await echo(RequestContext(), std::move(request));
}

TEST(ServerLimits, CountALoopThatWasKeptFromRunning) {
  TestServer server;
  server.route("/block", [](RequestContext, Request) -> Task<Response> {
    const auto end = std::chrono::steady_clock::now() + milliseconds(100);
    while (std::chrono::steady_clock::now() < end) {
    }
    co_return Response(200);
  });
  Wire wire(server.start());
  wire.send(get("/block"));
  EXPECT_EQ(wire.receive().status, 200);
  EXPECT_TRUE(eventually([&] { return server.server().counters().loop_stalls > 0; }));
}

class GoneClient : public ::testing::Test {
 protected:
  void SetUp() override {
    server_.route("/wait", [this](RequestContext context, Request) {
      ++started_;
      return wait_for_cancel(context.context(), &cancelled_);
    });
    server_.start();
  }

  TestServer server_;
  std::atomic<int> started_{0};
  std::atomic<int> cancelled_{0};
};

TEST_F(GoneClient, IsToldToTheHandler) {
  Wire closing(server_.port());
  closing.send(get("/wait"));
  Wire resetting(server_.port());
  resetting.send(get("/wait"));
  ASSERT_TRUE(eventually([&] { return started_ == 2; }));
  closing.finish_sending();
  resetting.reset();
  EXPECT_TRUE(eventually([&] { return cancelled_ == 2; }));
  EXPECT_TRUE(eventually([&] { return server_.server().counters().clients_gone == 2; }));
}

TEST_F(GoneClient, IsNoticedBehindBytesNobodyReads) {
  Wire wire(server_.port());
  wire.send(get("/wait") + get("/wait"));
  ASSERT_TRUE(eventually([&] { return started_ == 1; }));
  wire.reset();
  EXPECT_TRUE(eventually([&] { return cancelled_ >= 1; }));
}

// Start and stop.

TEST(ServerStart, NamesTheAddressThatIsTaken) {
  TestServer first;
  first.start();
  ServerOptions options = TestServer::quick_options();
  const std::string address = "127.0.0.1:" + std::to_string(first.port());
  options.listen = {address};
  TestServer second(std::move(options));
  const base::Result<void> started = second.server().start();
  ASSERT_FALSE(started.has_value());
  EXPECT_EQ(started.error().code(), Code::Unavailable);
  EXPECT_EQ(started.error().message(), "cannot listen on " + address + ": Address already in use");
}

TEST(ServerStart, RefusesWhatIsNoAddress) {
  for (const std::string address : {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000",
                                    "::1:80", "[::1:80", "no.such.host.invalid:80"}) {
    ServerOptions options;
    options.listen = {address};
    TestServer server(std::move(options));
    const base::Result<void> started = server.server().start();
    ASSERT_FALSE(started.has_value()) << address;
    EXPECT_EQ(started.error().code(), Code::InvalidArgument) << address;
  }
}

TEST(ServerStart, ListensOnSeveralAddresses) {
  ServerOptions options = TestServer::quick_options();
  options.listen = {"127.0.0.1:0", "localhost:0", ":0"};
  TestServer server(std::move(options));
  server.route("/who", [](RequestContext, Request request) -> Task<Response> {
    co_return Response(200, "a/b", request.peer.address);
  });
  server.start();
  ASSERT_EQ(server.server().ports().size(), 3U);
  for (const std::uint16_t port : server.server().ports()) {
    Wire wire(port);
    wire.send(get("/who"));
    EXPECT_EQ(wire.receive().body, "127.0.0.1");
  }
}

TEST(ServerStop, EndsIdleConnectionsAtOnce) {
  TestServer server;
  server.route("/hello", say_hello);
  Wire wire(server.start());
  wire.send(get("/hello"));
  EXPECT_EQ(wire.receive().status, 200);
  Wire silent(server.port());
  ASSERT_TRUE(eventually([&] { return server.server().counters().connections_open == 2; }));
  EXPECT_TRUE(server.server().stop().is_clean());
  EXPECT_TRUE(wire.is_ended());
  EXPECT_TRUE(silent.is_ended());
  EXPECT_EQ(server.server().counters().requests_started, 1U);
}

TEST(ServerStop, LetsRequestsInFlightFinish) {
  TestServer server;
  Gate gate;
  server.route("/gate", [&](RequestContext, Request request) {
    return echo_after(&gate, std::move(request));
  });
  Wire wire(server.start());
  wire.send("PUT /gate HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n");
  gate.wait_for_visitors(1);
  std::thread stopper([&] { EXPECT_TRUE(server.server().stop().is_clean()); });
  gate.open();
  wire.send("body");
  const Answer answer = wire.receive();
  EXPECT_EQ(answer.body, "body");
  stopper.join();
  EXPECT_TRUE(wire.is_ended());
}

TEST(ServerStop, CutsOffWhatDoesNotFinish) {
  ServerOptions options = TestServer::quick_options();
  options.drain_timeout = Short;
  TestServer server(std::move(options));
  server.route("/read", read_in_steps);
  std::atomic<int> cancelled{0};
  server.route("/wait", [&](RequestContext context, Request) {
    return wait_for_cancel(context.context(), &cancelled);
  });
  server.start();
  Wire waiting(server.port());
  waiting.send(get("/wait"));
  Wire stalled(server.port());
  stalled.send("PUT /read HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf");
  ASSERT_TRUE(eventually([&] { return server.server().counters().requests_in_flight == 2; }));
  EXPECT_EQ(server.server().stop().requests_cut, 2U);
  EXPECT_EQ(cancelled, 1);
  EXPECT_EQ(waiting.receive().status, 0);
  EXPECT_EQ(stalled.receive().status, 0);
}

TEST(EventLoopsTest, RunTasksAndBackgroundWork) {
  EventLoops loops(3);
  EXPECT_EQ(loops.count(), 3U);
  std::atomic<int> visited{0};
  loops.on_each_loop([&](std::size_t index) { visited += 1 << static_cast<int>(index); });
  std::atomic<bool> was_told{false};
  const auto background = [](std::atomic<bool>* told) -> Task<void> {
    while (co_await sleep_for(milliseconds(1))) {
    }
    // What tidies up may still await.
    EXPECT_FALSE(co_await sleep_for(milliseconds(100000)));
    *told = true;
  };
  loops.spawn(background(&was_told));
  const auto work = [](int* out) -> Task<void> {
    EXPECT_TRUE(co_await sleep_for(milliseconds(1)));
    *out = 7;
  };
  int result = 0;
  loops.run(work(&result));
  EXPECT_EQ(result, 7);
  EXPECT_TRUE(eventually([&] { return visited == 7; }));
  loops.stop();
  EXPECT_TRUE(was_told);
}

TEST(EventLoopsTest, HandExceptionsToWhoeverRuns) {
  EventLoops loops(1);
  const auto failing = []() -> Task<void> {
    throw std::runtime_error("no");
    co_return;
  };
  EXPECT_THROW(loops.run(failing()), std::runtime_error);
}

}  // namespace
}  // namespace varve::http::test
