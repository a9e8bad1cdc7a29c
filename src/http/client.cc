#include "http/client.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <cstddef>
#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/time.h"
#include "http/body.h"
#include "http/client_connection.h"
#include "http/event_loops.h"
#include "http/headers.h"
#include "http/message.h"
#include "http/message_parser.h"
#include "http/tls.h"
#include "http/url.h"

namespace varve::http {
namespace {

namespace asio = boost::asio;
using base::Bytes;
using base::Code;
using base::Context;
using base::Error;
using base::Result;
using base::Task;

using ConnectionPtr = std::unique_ptr<ClientConnection>;

// The idle connections of one loop. Belongs to it.
class Pool {
 public:
  Pool(asio::io_context& loop, const ClientOptions& options, base::Clock& clock)
      : shard_(loop, options, clock) {}

  ClientShard& shard() { return shard_; }

  // One that still works, or null.
  ConnectionPtr take(const std::string& key) {
    std::vector<ConnectionPtr>& kept = idle_[key];
    while (!kept.empty()) {
      ConnectionPtr connection = std::move(kept.back());
      kept.pop_back();
      if (connection->kept_until > shard_.ticker.now() && connection->is_usable()) {
        return connection;
      }
    }
    return nullptr;
  }

  void give(const std::string& key, ConnectionPtr connection) {
    std::vector<ConnectionPtr>& kept = idle_[key];
    if (kept.size() >= shard_.options.idle_connections_max) return;
    connection->kept_until = shard_.ticker.tick_after(shard_.options.idle_timeout);
    kept.push_back(std::move(connection));
    if (!sweeper_) sweeper_.emplace(*this);
  }

 private:
  // Closes what has been idle for too long. Exists while anything is idle.
  class Sweeper final : private Ticker::Entry {
   public:
    explicit Sweeper(Pool& pool) : Entry(pool.shard_.ticker), pool_(pool) {
      arm(pool_.shard_.options.idle_timeout);
    }

   private:
    // Not at once: closing a connection would unlink an entry of the ticker that is calling us.
    void on_due() override {
      arm(pool_.shard_.options.idle_timeout);
      asio::post(pool_.shard_.loop, [&pool = pool_] { pool.sweep(); });
    }
    void on_tick() override {}
    Pool& pool_;
  };

  void sweep() {
    const std::uint64_t now = shard_.ticker.now();
    for (auto& [key, kept] : idle_) {
      std::erase_if(kept, [now](const ConnectionPtr& one) { return one->kept_until <= now; });
    }
    std::erase_if(idle_, [](const auto& entry) { return entry.second.empty(); });
    if (idle_.empty()) sweeper_.reset();
  }

  ClientShard shard_;
  std::optional<Sweeper> sweeper_;
  std::map<std::string, std::vector<ConnectionPtr>> idle_;
};

// The body of a response; gives its connection back when it is read to the end.
class ResponseReader final : public BodyReader {
 public:
  ResponseReader(Pool& pool, std::string key, ConnectionPtr connection, bool may_be_kept,
                 std::unique_ptr<BodyReader> reader)
      : pool_(pool),
        key_(std::move(key)),
        connection_(std::move(connection)),
        reader_(std::move(reader)),
        may_be_kept_(may_be_kept),
        length_(reader_->content_length()),
        is_chunked_(reader_->is_chunked()) {}

  Task<Result<Bytes>> read(std::size_t bytes_max) override {
    if (!connection_) co_return Bytes();
    Result<Bytes> piece = co_await reader_->read(bytes_max);
    if (piece && connection_->body().is_finished()) {
      trailers_ = reader_->trailers();
      reader_.reset();
      if (may_be_kept_ && connection_->may_be_kept()) pool_.give(key_, std::move(connection_));
      connection_.reset();
    }
    co_return piece;
  }
  std::optional<std::uint64_t> content_length() const override { return length_; }
  bool is_chunked() const override { return is_chunked_; }
  const Headers& trailers() const override { return trailers_; }

 private:
  Pool& pool_;
  const std::string key_;
  ConnectionPtr connection_;  // null once the end was read
  std::unique_ptr<BodyReader> reader_;
  const bool may_be_kept_;
  const std::optional<std::uint64_t> length_;
  const bool is_chunked_;
  Headers trailers_;
};

bool is_safe(Method method) {
  return method == Method::Get || method == Method::Head || method == Method::Options;
}

bool may_repeat(const ClientRequest& request) {
  const bool is_idempotent =
      is_safe(request.method) || request.method == Method::Put || request.method == Method::Delete;
  return is_idempotent && !std::holds_alternative<std::unique_ptr<BodySource>>(request.body);
}

bool is_own_field(std::string_view name) {
  return equal_ignoring_case(name, "Host") || equal_ignoring_case(name, "Content-Length") ||
         equal_ignoring_case(name, "Transfer-Encoding");
}

// The length to announce; absent: chunked.
std::optional<std::uint64_t> length_of(const ClientBody& body) {
  if (const auto* bytes = std::get_if<Bytes>(&body)) return bytes->size();
  if (const auto* source = std::get_if<std::unique_ptr<BodySource>>(&body)) {
    return (*source)->length();
  }
  return 0;
}

// Absent: a field that would break out of its line.
std::optional<std::string> head_of(const ClientRequest& request, const Url& url) {
  std::string head(to_string(request.method));
  head.append(" ").append(url.target).append(" HTTP/1.1\r\nHost: ").append(url.authority);
  head.append("\r\n");
  for (const Headers::Field field : request.headers) {
    if (is_own_field(field.name)) continue;
    const std::string_view bad("\r\n\0", 3);
    if (field.name.find_first_of(bad) != std::string_view::npos ||
        field.value.find_first_of(bad) != std::string_view::npos) {
      return std::nullopt;
    }
    head.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  const std::optional<std::uint64_t> length = length_of(request.body);
  const bool has_body = !std::holds_alternative<std::monostate>(request.body);
  // A method that usually has a body says so when it has none.
  if (!length) {
    head.append("Transfer-Encoding: chunked\r\n");
  } else if (has_body || request.method == Method::Put || request.method == Method::Post) {
    head.append("Content-Length: ").append(std::to_string(*length)).append("\r\n");
  }
  head.append("\r\n");
  return head;
}

Error no_response(const Url& url, Method method, ClientConnection::Failure failure) {
  using Failure = ClientConnection::Failure;
  const std::string what = failure == Failure::TimedOut    ? " did not answer in time"
                           : failure == Failure::Malformed ? " did not answer in HTTP"
                                                           : " closed the connection";
  if (!is_safe(method)) return Error(Code::OutcomeUnknown, url.authority + what);
  const Code code = failure == Failure::TimedOut ? Code::DeadlineExceeded : Code::Unavailable;
  return Error(code, url.authority + what);
}

}  // namespace

struct Client::Impl {
  Impl(ClientOptions options_in, EventLoops& loops_in, base::Clock& clock_in)
      : options(std::move(options_in)), loops(loops_in), clock(clock_in) {
    for (std::size_t i = 0; i < loops.count(); ++i) {
      pools.push_back(std::make_unique<Pool>(loops.loop(i), options, clock));
    }
  }

  Pool& pool_of(const asio::io_context& loop) {
    for (const auto& pool : pools) {
      if (&pool->shard().loop == &loop) return *pool;
    }
    base::assertion_failed("the task runs on a loop of the client", __FILE__, __LINE__);
  }
  const TlsContext* tls_of(const Url& url) const { return url.is_tls ? tls.get() : nullptr; }
  // Absent: it has passed.
  std::optional<DueTick> due_of(const Context& context, const Ticker& ticker) const;
  ClientResponse respond(Pool& pool, std::string key, ConnectionPtr connection, ResponseHead head,
                         bool may_be_kept);

  const ClientOptions options;
  EventLoops& loops;
  base::Clock& clock;
  std::unique_ptr<TlsContext> tls;
  std::vector<std::unique_ptr<Pool>> pools;
};

std::optional<DueTick> Client::Impl::due_of(const Context& context, const Ticker& ticker) const {
  if (context.deadline() == base::MonotonicTime::max()) return Ticker::Never;
  const auto left = context.deadline() - clock.monotonic();
  if (left <= base::MonotonicTime::duration::zero()) return std::nullopt;
  return ticker.tick_after(std::chrono::ceil<base::milliseconds>(left));
}

ClientResponse Client::Impl::respond(Pool& pool, std::string key, ConnectionPtr connection,
                                     ResponseHead head, bool may_be_kept) {
  ClientResponse response;
  response.status = head.status;
  response.headers = std::move(head.headers);
  std::unique_ptr<BodyReader> reader = connection->body().make_reader();
  if (reader && !connection->body().is_finished()) {
    response.body = BodyStream(std::make_unique<ResponseReader>(
        pool, std::move(key), std::move(connection), may_be_kept, std::move(reader)));
    return response;
  }
  if (reader) response.body = body_of(Bytes());
  reader.reset();
  if (may_be_kept && connection->may_be_kept()) pool.give(key, std::move(connection));
  return response;
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<Client>> Client::make(ClientOptions options, EventLoops& loops,
                                             base::Clock& clock) {
  auto impl = std::make_unique<Impl>(std::move(options), loops, clock);
  VARVE_TRY(impl->tls, TlsContext::for_client(impl->options.ca_file));
  return std::unique_ptr<Client>(new Client(std::move(impl)));
}

Client::~Client() {
  for (auto& pool : impl_->pools) {
    std::promise<void> done;
    asio::post(pool->shard().loop, [&] {
      pool.reset();
      done.set_value();
    });
    done.get_future().wait();
  }
}

Task<Result<ClientResponse>> Client::send(Context context, ClientRequest request) {
  if (context.is_cancelled()) co_return Error(Code::Cancelled, "the request was cancelled");
  const std::optional<Url> url = parse_url(request.url);
  if (!url) co_return Error(Code::InvalidArgument, "not an HTTP address: " + request.url);
  const std::optional<std::string> head = head_of(request, *url);
  if (!head) co_return Error(Code::InvalidArgument, "a header has a line break in it");
  const auto executor = co_await asio::this_coro::executor;
  Pool& pool = impl_->pool_of(executor.context());
  const Ticker& ticker = pool.shard().ticker;
  const std::optional<DueTick> due = impl_->due_of(context, ticker);
  if (!due) co_return Error(Code::DeadlineExceeded, "no time is left for " + url->authority);

  const std::string key = (url->is_tls ? "s " : "p ") + url->host + " " + std::to_string(url->port);
  const bool is_chunked = !length_of(request.body).has_value();
  ConnectionPtr connection = pool.take(key);
  for (;;) {
    const bool is_reused = connection != nullptr;
    if (!is_reused) {
      const DueTick connect_due = std::min(*due, ticker.tick_after(impl_->options.connect_timeout));
      VARVE_CO_TRY(connection, co_await ClientConnection::open(&pool.shard(), *url,
                                                               impl_->tls_of(*url), connect_due));
    }
    VARVE_CO_TRY(const bool was_sent,
                 co_await connection->send(*head, &request.body, is_chunked, *due));
    ClientConnection::Received received = co_await connection->receive_head(request.method);
    if (received.head) {
      co_return impl_->respond(pool, key, std::move(connection), std::move(*received.head),
                               was_sent);
    }
    const bool was_dead =
        is_reused && !received.has_begun && received.failure == ClientConnection::Failure::Broken;
    if (!was_dead || !may_repeat(request)) {
      co_return no_response(*url, request.method, received.failure);
    }
    connection.reset();
  }
}

}  // namespace varve::http
