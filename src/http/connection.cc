#include "http/connection.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/bytes.h"
#include "base/context.h"
#include "http/channel.h"
#include "http/head_scanner.h"
#include "http/input_buffer.h"
#include "http/message.h"
#include "http/response_head.h"
#include "http/response_writer.h"
#include "http/server.h"
#include "http/shard.h"
#include "http/tls.h"
#include "http/transport.h"

namespace varve::http {
namespace {

using base::Task;

constexpr std::size_t HeadBytesGuess = 512;  // of a response, to be allocated once
// A response at least this big may fill the client's window before it has read any of it; what is
// left of the request is then read first, or both sides would wait for each other.
constexpr std::size_t LargeBodyBytes = 64U << 10U;
constexpr std::size_t LingerStepBytes = 16U << 10U;

HeadLimits limits_of(const ServerOptions& options) {
  return HeadLimits{.header_bytes_max = options.header_bytes_max,
                    .request_line_bytes_max = options.request_line_bytes_max};
}

bool is_large(const ResponseBody& body) {
  if (const auto* bytes = std::get_if<base::Bytes>(&body)) return bytes->size() >= LargeBodyBytes;
  return !std::holds_alternative<std::monostate>(body);
}

}  // namespace

Connection::Connection(Shard& shard, Channel::Socket socket, Peer peer)
    : shard_(shard),
      channel_(std::move(socket), shard.ticker(), shard.counters().channels),
      input_(shard.buffers()),
      body_(channel_, input_, parser_, shard.parts().options.body_timeout),
      peer_(std::move(peer)) {
  const TlsContext* tls = shard.parts().tls;
  channel_.set_transport(tls != nullptr ? tls->accept(channel_.descriptor())
                                        : make_plain_transport(channel_.descriptor()));
}

Task<void> Connection::run() {
  const ServerOptions& options = shard_.parts().options;
  if (shard_.parts().tls != nullptr) {
    const std::uint64_t due = shard_.ticker().tick_after(options.header_timeout);
    if (co_await channel_.handshake(due) != Channel::Flow::Done) co_return;
  }
  Next next = Next::Keep;
  while (next == Next::Keep) {
    if (input_.empty() && !co_await wait_for_request()) break;
    next = co_await serve_one();
    has_served_ = true;
    if (shard_.is_draining() && next == Next::Keep) next = Next::Close;
  }
  channel_.finish();
  if (next == Next::Linger) co_await linger();
}

void Connection::begin_drain() {
  if (is_idle_) channel_.interrupt();
}

bool Connection::abort() {
  const bool was_serving = scope_ != nullptr;
  if (was_serving) scope_->cancelled.store(true, std::memory_order_relaxed);
  channel_.abort();
  return was_serving;
}

// Waits for the first bytes of a request, without holding a buffer. A wait may end for an event
// that is long used up, or for a piece of TLS that carries no data, so only a byte makes a request.
Task<bool> Connection::wait_for_request() {
  const ServerOptions& options = shard_.parts().options;
  const std::uint64_t due =
      shard_.ticker().tick_after(has_served_ ? options.idle_timeout : options.header_timeout);
  for (;;) {
    if (shard_.is_draining()) co_return false;
    if (!channel_.has_pending()) {
      input_.release();
      is_idle_ = true;
      const Channel::Wake wake = co_await channel_.wait(IoState::WantRead, due);
      is_idle_ = false;
      if (wake != Channel::Wake::Ready) co_return false;
    }
    input_.make_room(BufferPool::BlockBytes);
    const IoStep step = channel_.try_read(input_.room(), input_.room_bytes());
    if (step.state == IoState::End || step.state == IoState::Broken) co_return false;
    input_.filled(step.bytes);
    if (step.bytes > 0) co_return true;
  }
}

Task<Connection::HeadState> Connection::read_head(HeadScanner* scanner) {
  const ServerOptions& options = shard_.parts().options;
  const std::uint64_t due = shard_.ticker().tick_after(options.header_timeout);
  for (;;) {
    const HeadScanner::State state = scanner->advance(input_.view());
    if (state == HeadScanner::State::Complete) co_return HeadState::Complete;
    if (state == HeadScanner::State::Refused) co_return HeadState::Refused;
    // The scanner refuses before this much is buffered.
    const bool has_room = input_.make_room(2 * options.header_bytes_max + BufferPool::BlockBytes);
    if (!has_room) co_return HeadState::Gone;
    const Channel::Read read = co_await channel_.read_some(input_.room(), input_.room_bytes(), due);
    if (read.flow == Channel::Flow::TimedOut) co_return HeadState::TimedOut;
    if (read.flow != Channel::Flow::Done) co_return HeadState::Gone;
    input_.filled(read.bytes);
  }
}

Task<Connection::Next> Connection::serve_one() {
  HeadScanner scanner(limits_of(shard_.parts().options));
  const HeadState state = co_await read_head(&scanner);
  if (state == HeadState::Gone) co_return Next::Close;
  if (state == HeadState::TimedOut) {
    HeadFault too_slow{.status = 408, .reason = "the request did not arrive in time"};
    co_return co_await reject(too_slow);
  }
  if (state == HeadState::Refused) co_return co_await reject(scanner.fault());
  const std::string_view text =
      input_.view().substr(scanner.begin(), scanner.end() - scanner.begin());
  auto head = parser_.parse_head(text, scanner.lines());
  input_.consume(scanner.end());
  if (!head) co_return co_await reject(head.error());

  ShardCounters& counters = shard_.counters();
  counters.requests_started.add(1);
  counters.requests_in_flight.add(1);
  scope_ = std::make_shared<base::RequestScope>();
  body_.begin(head->body, scope_->cancelled);
  head->request.body = BodyStream(body_.make_reader());
  head->request.peer = peer_;
  head->request.is_tls = shard_.parts().tls != nullptr;
  channel_.watch_peer(scope_->cancelled);
  const Method method = head->request.method;
  const int version_minor = head->request.version_minor;
  Response response = co_await answer(std::move(head->request));

  if (is_large(response.body) && !body_.is_held()) {
    co_await body_.discard(shard_.parts().options.unread_drain_bytes_max);
  }
  ResponsePlan plan = plan_response(response, method, version_minor);
  const bool keep_alive = may_keep_alive(*head, response) && !plan.ends_with_close;
  std::string bytes;
  bytes.reserve(HeadBytesGuess);
  append_response_head(
      bytes, response, plan,
      ConnectionState{
          .keep_alive = keep_alive, .version_minor = version_minor, .date = shard_.date()});
  ResponseWriter writer(channel_, shard_.parts().options.write_timeout);
  const bool was_sent = co_await writer.send(std::move(bytes), std::move(response.body), plan);
  const SendOutcome outcome{.body_bytes = writer.body_bytes(), .is_complete = was_sent};
  if (response.on_sent) response.on_sent(outcome);
  co_return co_await end_request(keep_alive, was_sent);
}

Task<Response> Connection::answer(Request request) {
  RequestContext context{.scope = scope_, .received = shard_.parts().clock.monotonic()};
  try {
    Response response =
        co_await shard_.parts().handler.handle(std::move(context), std::move(request));
    if (response.status >= 200) co_return response;
    shard_.counters().handler_failures.add(1);
  } catch (...) {
    // What it was is for the front ends to log: they catch before we do.
    shard_.counters().handler_failures.add(1);
  }
  Response failed(500);
  failed.close_connection = true;
  co_return failed;
}

bool Connection::may_keep_alive(const RequestHead& head, const Response& response) const {
  return head.keep_alive && !response.close_connection && !shard_.is_draining() &&
         !body_.has_more_than(shard_.parts().options.unread_drain_bytes_max) &&
         !response.headers.lists_token("Connection", "close");
}

// What is left to do once the response is out.
Task<Connection::Next> Connection::end_request(bool keep_alive, bool was_sent) {
  const bool is_drained = keep_alive && was_sent &&
                          co_await body_.discard(shard_.parts().options.unread_drain_bytes_max);
  channel_.unwatch_peer();
  ShardCounters& counters = shard_.counters();
  counters.requests_in_flight.subtract(1);
  if (!was_sent || scope_->cancelled.load(std::memory_order_relaxed)) counters.clients_gone.add(1);
  scope_.reset();
  if (!was_sent) co_return Next::Close;
  if (is_drained) co_return Next::Keep;
  co_return body_.is_finished() && input_.empty() ? Next::Close : Next::Linger;
}

Task<Connection::Next> Connection::reject(HeadFault fault) {
  shard_.counters().requests_rejected.add(1);
  Response response(fault.status, "text/plain; charset=utf-8",
                    std::string(fault.reason).append("\n"));
  const ResponsePlan plan = plan_response(response, Method::Get, 1);
  std::string bytes;
  append_response_head(
      bytes, response, plan,
      ConnectionState{.keep_alive = false, .version_minor = 1, .date = shard_.date()});
  ResponseWriter writer(channel_, shard_.parts().options.write_timeout);
  const bool was_sent = co_await writer.send(std::move(bytes), std::move(response.body), plan);
  co_return was_sent ? Next::Linger : Next::Close;
}

// Closing a socket with unread bytes resets it, and the reset may overtake the response. So the
// client is told that we are done, and gets a moment to stop sending.
Task<void> Connection::linger() {
  const ServerOptions& options = shard_.parts().options;
  const std::uint64_t due = shard_.ticker().tick_after(options.linger_timeout);
  std::uint64_t dropped = 0;
  std::string sink(LingerStepBytes, '\0');
  while (dropped <= options.unread_drain_bytes_max) {
    const Channel::Read read = co_await channel_.read_some(sink.data(), sink.size(), due);
    if (read.flow != Channel::Flow::Done) co_return;
    dropped += read.bytes;
  }
}

}  // namespace varve::http
