#include "http/harness_test.h"

#include <asm-generic/socket.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/waiter.h"
#include "http/body.h"
#include "http/headers.h"
#include "http/message.h"
#include "http/server.h"

namespace varve::http::test {
namespace {

using base::Bytes;
using base::Code;
using base::Error;
using base::Result;
using base::Task;

class ListedSource final : public BodySource {
 public:
  ListedSource(std::vector<std::string> pieces, std::optional<std::uint64_t> length, bool fails)
      : pieces_(std::move(pieces)), length_(length), fails_(fails) {}
  Task<Result<Bytes>> next() override {
    if (at_ < pieces_.size()) co_return pieces_[at_++];
    if (fails_) co_return Error(Code::Unavailable, "the source dried up");
    co_return Bytes();
  }
  std::optional<std::uint64_t> length() const override { return length_; }

 private:
  const std::vector<std::string> pieces_;
  const std::optional<std::uint64_t> length_;
  const bool fails_;
  std::size_t at_ = 0;
};

void limit_waiting(int socket, int option) {
  const timeval limit{.tv_sec = 10, .tv_usec = 0};
  ::setsockopt(socket, SOL_SOCKET, option, &limit, sizeof limit);
}

Response refused(const Error& error) {
  const int status = body_fault_of(error) == BodyFault::TooLarge  ? 413
                     : body_fault_of(error) == BodyFault::TooSlow ? 408
                                                                  : 400;
  return Response(status, "text/plain", error.message());
}

}  // namespace

std::string Answer::header(std::string_view name) const {
  std::size_t at = head.find("\r\n") + 2;
  while (at < head.size()) {
    const std::size_t end = head.find("\r\n", at);
    const std::string_view line = std::string_view(head).substr(at, end - at);
    const std::size_t colon = line.find(": ");
    if (colon != std::string_view::npos && equal_ignoring_case(line.substr(0, colon), name)) {
      return std::string(line.substr(colon + 2));
    }
    at = end + 2;
  }
  return "";
}

Wire::Wire(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  limit_waiting(socket_, SO_RCVTIMEO);
  limit_waiting(socket_, SO_SNDTIMEO);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
}

Wire::~Wire() { ::close(socket_); }

void Wire::send(std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // the test will see it in the answer
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::size_t Wire::send_until_blocked(std::string_view text, std::size_t times) {
  std::size_t total = 0;
  for (std::size_t i = 0; i < times; ++i) {
    const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0) break;
    total += static_cast<std::size_t>(sent);
  }
  return total;
}

bool Wire::fill() {
  char piece[65536];
  const ssize_t got = ::recv(socket_, piece, sizeof piece, 0);
  if (got <= 0) return false;
  buffer_.append(piece, static_cast<std::size_t>(got));
  return true;
}

std::string Wire::take(std::size_t bytes) {
  while (buffer_.size() < bytes && fill()) {
  }
  std::string taken = buffer_.substr(0, bytes);
  buffer_.erase(0, taken.size());
  return taken;
}

std::string Wire::receive_line() {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n")) == std::string::npos) {
    if (!fill()) return take(buffer_.size());
  }
  return take(end + 2).substr(0, end);
}

Answer Wire::receive(bool is_head) {
  Answer answer;
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return answer;
  }
  answer.head = take(end + 4);
  answer.status = std::atoi(answer.head.substr(9, 3).c_str());
  if (is_head) return answer;
  if (answer.header("Transfer-Encoding") == "chunked") {
    for (;;) {
      const std::size_t size = std::stoul("0" + receive_line(), nullptr, 16);
      answer.body += take(size);
      receive_line();
      if (size == 0) return answer;
    }
  }
  const std::string length = answer.header("Content-Length");
  if (!length.empty()) answer.body = take(std::stoul(length));
  return answer;
}

std::string Wire::receive_all() {
  while (fill()) {
  }
  return take(buffer_.size());
}

bool Wire::is_ended() {
  if (!buffer_.empty()) return false;
  char byte = 0;
  const ssize_t got = ::recv(socket_, &byte, 1, 0);
  return got == 0 || (got < 0 && errno == ECONNRESET);
}

void Wire::finish_sending() { ::shutdown(socket_, SHUT_WR); }

void Wire::reset() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(std::exchange(socket_, -1));
}

void Wire::shrink_receive_buffer() {
  const int bytes = 4096;
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

Task<void> Gate::pass() {
  auto start = [this](base::Waiter waiter) {
    const std::lock_guard lock(mutex_);
    ++visitors_;
    changed_.notify_all();
    if (is_open_) {
      std::move(waiter).wake();
    } else {
      waiters_.push_back(std::move(waiter));
    }
  };
  co_await base::suspend(std::move(start));
}

void Gate::open() {
  const std::lock_guard lock(mutex_);
  is_open_ = true;
  for (base::Waiter& waiter : waiters_) std::move(waiter).wake();
  waiters_.clear();
}

void Gate::wait_for_visitors(std::size_t count) {
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(
      changed_.wait_for(lock, std::chrono::seconds(10), [&] { return visitors_ >= count; }));
}

TestServer::TestServer(ServerOptions options)
    : server_(std::make_unique<Server>(std::move(options), loops_, clock_, *this)) {}

TestServer::~TestServer() { server_->stop(); }

ServerOptions TestServer::quick_options() {
  ServerOptions options;
  options.tick = base::milliseconds(5);
  options.linger_timeout = base::milliseconds(500);
  return options;
}

std::uint16_t TestServer::start() {
  const Result<void> started = server_->start();
  EXPECT_TRUE(started.has_value()) << (started ? "" : started.error().message());
  return port();
}

Task<Response> TestServer::handle(RequestContext context, Request request) {
  const auto found = routes_.find(request.path);
  if (found == routes_.end()) co_return Response(404);
  co_return co_await found->second(std::move(context), std::move(request));
}

Task<Response> reply(Response response) { co_return std::move(response); }

Task<Response> say_hello(RequestContext /*context*/, Request /*request*/) {
  co_return Response(200, "text/plain", "hello");
}

Task<Response> echo(RequestContext /*context*/, Request request) {
  Result<Bytes> body = co_await request.body.read_all(8U << 20U);
  if (!body) co_return refused(body.error());
  Response response(200, "text/plain", std::move(*body));
  for (const Headers::Field field : request.body.trailers()) {
    response.headers.add("Trailer-" + std::string(field.name), field.value);
  }
  co_return response;
}

Task<Response> ignore_body(RequestContext /*context*/, Request /*request*/) {
  co_return Response(403, "text/plain", "no");
}

Task<Response> read_in_steps(RequestContext /*context*/, Request request) {
  std::uint64_t total = 0;
  std::uint64_t sum = 0;
  for (;;) {
    const Result<Bytes> piece = co_await request.body.read(256U << 10U);
    if (!piece) co_return refused(piece.error());
    if (piece->empty()) break;
    total += piece->size();
    for (const char c : *piece) sum += static_cast<unsigned char>(c);
  }
  co_return Response(200, "text/plain", std::to_string(total) + " " + std::to_string(sum));
}

std::unique_ptr<BodySource> source_of(std::vector<std::string> pieces,
                                      std::optional<std::uint64_t> length, bool fails) {
  return std::make_unique<ListedSource>(std::move(pieces), length, fails);
}

std::string get(std::string_view path, std::string_view fields) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace varve::http::test
