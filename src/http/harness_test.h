// What the tests of http/ share: a client made of a bare socket, so that it can break every rule,
// and a server with a handler for each kind of body.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/waiter.h"
#include "http/server.h"

namespace varve::http::test {

// A response as it came.
struct Answer {
  int status = 0;
  std::string head;                                 // with the status line
  std::string body;                                 // chunks joined
  std::string header(std::string_view name) const;  // "" if absent
};

// A blocking socket. Reads give up after ten seconds, so a broken server fails a test and does not
// hang it.
class Wire {
 public:
  explicit Wire(std::uint16_t port);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  void send(std::string_view text);
  // Sends until the peer takes no more for a moment; how much it took.
  std::size_t send_until_blocked(std::string_view text, std::size_t times);
  Answer receive(bool is_head = false);  // one response; status 0 if the connection ended
  std::string receive_line();
  std::string receive_all();  // to the end of the connection
  bool is_ended();            // waits for the end; false if bytes came instead
  void finish_sending();
  void reset();  // closes with a reset
  void shrink_receive_buffer();

 private:
  bool fill();
  std::string take(std::size_t bytes);

  int socket_;
  std::string buffer_;
};

// Opens once; tasks wait for it.
class Gate {
 public:
  base::Task<void> pass();
  void open();
  void wait_for_visitors(std::size_t count);  // from the test's thread

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = false;
  std::size_t visitors_ = 0;
  std::vector<base::Waiter> waiters_;
};

// Always the first second of 2026; but time does pass.
class FixedClock final : public base::Clock {
 public:
  base::Timestamp now() override { return base::Timestamp{.seconds = 1767225600}; }
  base::MonotonicTime monotonic() override { return std::chrono::steady_clock::now(); }
};

using Route = std::function<base::Task<Response>(RequestContext, Request)>;

// Serves `routes` by path; 404 for others.
class TestServer : public Handler {
 public:
  explicit TestServer(ServerOptions options = quick_options());
  ~TestServer() override;

  // Short ticks, so that a timeout of fifty milliseconds is one.
  static ServerOptions quick_options();

  void route(std::string path, Route route) { routes_[std::move(path)] = std::move(route); }
  std::uint16_t start();
  std::uint16_t port() const { return server_->ports().at(0); }
  Server& server() { return *server_; }
  EventLoops& loops() { return loops_; }

  base::Task<Response> handle(RequestContext context, Request request) override;

 private:
  EventLoops loops_{2};
  FixedClock clock_;
  std::map<std::string, Route, std::less<>> routes_;
  std::unique_ptr<Server> server_;
};

// Handlers.
base::Task<Response> reply(Response response);  // for a route that needs no coroutine
base::Task<Response> say_hello(RequestContext context, Request request);
base::Task<Response> echo(RequestContext context, Request request);  // read_all, then back
base::Task<Response> ignore_body(RequestContext context, Request request);
base::Task<Response> read_in_steps(RequestContext context, Request request);  // answers the count

// A source of `pieces`, failing at the end if told to.
std::unique_ptr<BodySource> source_of(std::vector<std::string> pieces,
                                      std::optional<std::uint64_t> length, bool fails = false);

std::string get(std::string_view path, std::string_view fields = {});
// Polls a counter until it is `wanted`; false after ten seconds.
bool eventually(const std::function<bool()>& condition);

}  // namespace varve::http::test
