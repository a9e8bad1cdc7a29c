#include "http/client_connection.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "http/body.h"
#include "http/channel.h"
#include "http/client.h"
#include "http/head_scanner.h"
#include "http/input_buffer.h"
#include "http/message.h"
#include "http/response_head.h"
#include "http/ticker.h"
#include "http/tls.h"
#include "http/transport.h"
#include "http/url.h"

namespace varve::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using base::Bytes;
using base::Code;
using base::Error;
using base::Result;
using base::Task;

constexpr asio::use_awaitable_t<base::LoopExecutor> UseTask{};

// Cancels an attempt to connect when its time is up.
class ConnectTimer final : private Ticker::Entry {
 public:
  ConnectTimer(Ticker& ticker, Channel::Socket& socket, DueTick due)
      : Entry(ticker), socket_(socket) {
    arm_at(due);
  }
  bool has_fired() const { return has_fired_; }

 private:
  void on_due() override {
    has_fired_ = true;
    boost::system::error_code ignored;
    socket_.close(ignored);
  }
  void on_tick() override {}

  Channel::Socket& socket_;
  bool has_fired_ = false;
};

Task<Result<std::vector<tcp::endpoint>>> resolve(asio::io_context* loop, Url url) {
  boost::system::error_code error;
  const auto literal = asio::ip::make_address(url.host, error);
  std::vector<tcp::endpoint> endpoints;
  if (!error) {
    endpoints.emplace_back(literal, url.port);
    co_return endpoints;
  }
  asio::ip::basic_resolver<tcp, base::LoopExecutor> resolver(loop->get_executor());
  const std::string service = std::to_string(url.port);
  const auto found =
      co_await resolver.async_resolve(url.host, service, asio::redirect_error(UseTask, error));
  if (error) co_return Error(Code::Unavailable, url.host + ": " + error.message());
  for (const auto& entry : found) endpoints.push_back(entry.endpoint());
  co_return endpoints;
}

Error late(const Url& url) {
  return Error(Code::DeadlineExceeded, "connecting to " + url.authority + " took too long");
}

}  // namespace

ClientConnection::ClientConnection(ClientShard& shard, Channel::Socket socket)
    : shard_(shard),
      channel_(std::move(socket), shard.ticker, shard.counters),
      input_(shard.buffers),
      body_(channel_, input_, parser_, shard.options.body_timeout) {}

Task<Result<std::unique_ptr<ClientConnection>>> ClientConnection::open(ClientShard* shard, Url url,
                                                                       const TlsContext* tls,
                                                                       DueTick due) {
  VARVE_CO_TRY(const std::vector<tcp::endpoint> endpoints, co_await resolve(&shard->loop, url));
  boost::system::error_code error = asio::error::host_not_found;
  for (const tcp::endpoint& endpoint : endpoints) {
    Channel::Socket socket(shard->loop.get_executor());
    bool is_late = false;
    {
      const ConnectTimer timer(shard->ticker, socket, due);
      co_await socket.async_connect(endpoint, asio::redirect_error(UseTask, error));
      is_late = timer.has_fired();
    }
    if (is_late) co_return late(url);
    if (error) continue;
    auto connection = std::make_unique<ClientConnection>(*shard, std::move(socket));
    const int descriptor = connection->channel_.descriptor();
    connection->channel_.set_transport(tls != nullptr ? tls->connect(descriptor, url.host)
                                                      : make_plain_transport(descriptor));
    const Channel::Flow shaken = co_await connection->channel_.handshake(due);
    if (shaken == Channel::Flow::TimedOut) co_return late(url);
    if (shaken != Channel::Flow::Done) {
      co_return Error(Code::Unavailable, "no TLS connection to " + url.authority +
                                             ": the certificate is not trusted, or it is no TLS");
    }
    co_return connection;
  }
  co_return Error(Code::Unavailable, "connecting to " + url.authority + ": " + error.message());
}

bool ClientConnection::is_usable() {
  input_.make_room(BufferPool::BlockBytes);
  const IoStep step = channel_.try_read(input_.room(), input_.room_bytes());
  return step.state == IoState::WantRead;
}

Task<Result<bool>> ClientConnection::send(std::string head, ClientBody* body, bool is_chunked,
                                          DueTick due) {
  channel_.set_deadline(due);
  WriteParts parts;
  parts.add(head);
  if (const auto* bytes = std::get_if<Bytes>(body)) parts.add(*bytes);
  const auto timeout = shard_.options.body_timeout;
  if (co_await channel_.write_all(parts, false, timeout) != Channel::Flow::Done) co_return false;
  auto* source = std::get_if<std::unique_ptr<BodySource>>(body);
  if (source == nullptr) co_return true;
  co_return co_await send_source(source->get(), is_chunked);
}

Task<Result<bool>> ClientConnection::send_source(BodySource* source, bool is_chunked) {
  const std::optional<std::uint64_t> length = source->length();
  std::uint64_t sent = 0;
  for (;;) {
    Result<Bytes> piece = co_await source->next();
    if (!piece) co_return std::move(piece).error();
    sent += piece->size();
    if (length && sent > *length) co_return false;
    const std::string chunk = is_chunked ? chunk_header(piece->size()) : std::string();
    WriteParts parts;
    parts.add(chunk);
    parts.add(*piece);
    if (is_chunked) parts.add("\r\n");
    const Channel::Flow flow =
        co_await channel_.write_all(parts, false, shard_.options.body_timeout);
    if (flow != Channel::Flow::Done) co_return false;
    if (piece->empty()) co_return !length || sent == *length;
  }
}

Task<ClientConnection::Received> ClientConnection::receive_head(Method method) {
  const DueTick due = shard_.ticker.tick_after(shard_.options.response_timeout);
  for (;;) {
    Received received = co_await receive_one_head(method, due);
    // 100 Continue and 103 Early Hints are not the answer; 101 is none that was asked for.
    if (received.head && received.head->status < 200) continue;
    if (received.head) {
      keep_alive_ = received.head->keep_alive;
      body_.begin(received.head->body, gone_);
    }
    co_return received;
  }
}

Task<ClientConnection::Received> ClientConnection::receive_one_head(Method method, DueTick due) {
  Received received;
  const std::size_t bytes_max = shard_.options.header_bytes_max;
  const HeadLimits limits{.header_bytes_max = bytes_max, .request_line_bytes_max = bytes_max};
  HeadScanner scanner(limits);
  for (;;) {
    const HeadScanner::State state = scanner.advance(input_.view());
    if (state == HeadScanner::State::Complete) break;
    received.has_begun = !input_.empty();
    received.failure = Failure::Malformed;
    if (state == HeadScanner::State::Refused) co_return received;
    if (!input_.make_room(2 * bytes_max + BufferPool::BlockBytes)) co_return received;
    const Channel::Read read = co_await channel_.read_some(input_.room(), input_.room_bytes(), due);
    if (read.flow != Channel::Flow::Done) {
      const bool is_late = read.flow == Channel::Flow::TimedOut;
      received.failure = is_late ? Failure::TimedOut : Failure::Broken;
      co_return received;
    }
    input_.filled(read.bytes);
  }
  received.has_begun = true;
  const std::string_view text =
      input_.view().substr(scanner.begin(), scanner.end() - scanner.begin());
  auto head = parser_.parse_head(text, scanner.lines(), method);
  input_.consume(scanner.end());
  received.failure = Failure::Malformed;
  if (head) received.head = std::move(*head);
  co_return received;
}

}  // namespace varve::http
