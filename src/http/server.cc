#include "http/server.h"

#include <sys/socket.h>

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "base/unique_function.h"
#include "http/channel.h"
#include "http/counter.h"
#include "http/event_loops.h"
#include "http/listen.h"
#include "http/message.h"
#include "http/shard.h"
#include "http/spawn.h"
#include "http/tls.h"

namespace varve::http {
namespace {

namespace asio = boost::asio;
using base::Result;
using base::Task;

constexpr asio::use_awaitable_t<base::LoopExecutor> UseTask{};

// Without descriptors or memory accept fails at once, again and again.
constexpr base::milliseconds AcceptPause{50};

constexpr std::string_view BusyResponse =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
    "Connection: close\r\n\r\n";

Peer peer_of(const Channel::Socket& socket) {
  boost::system::error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return Peer{};
  auto address = endpoint.address();
  // An IPv4 client of a socket for both families is an IPv4 client to every policy.
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return Peer{.address = address.to_string(), .port = endpoint.port()};
}

}  // namespace

struct Server::Impl {
  Impl(ServerOptions options_in, EventLoops& loops_in, base::Clock& clock, Handler& handler)
      : options(std::move(options_in)),
        loops(loops_in),
        parts{.options = options,
              .clock = clock,
              .handler = handler,
              .tls = nullptr,
              .on_connection_end = [this] { connection_ended(); }} {}

  Task<void> accept_from(Acceptor* acceptor);
  void refuse(Channel::Socket socket);
  void connection_ended();
  void run_on(asio::io_context& loop, base::UniqueFunction<void()> work);  // and wait for it
  std::uint64_t abort_all();

  const ServerOptions options;
  EventLoops& loops;
  std::unique_ptr<TlsContext> tls;
  ServerParts parts;
  std::vector<std::unique_ptr<Shard>> shards;        // each used and destroyed on its loop
  std::vector<std::unique_ptr<Acceptor>> acceptors;  // used on loop 0
  std::vector<std::uint16_t> ports;
  std::size_t next_shard = 0;  // loop 0

  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> refused{0};

  std::mutex mutex;
  std::condition_variable changed;
  std::size_t open_connections = 0;  // guarded by mutex
  std::size_t open_acceptors = 0;    // guarded by mutex
  ServerCounters final_counters;     // guarded by mutex; what the shards had counted
};

Task<void> Server::Impl::accept_from(Acceptor* acceptor) {
  for (;;) {
    Shard& shard = *shards[next_shard];
    boost::system::error_code error;
    Channel::Socket socket = co_await acceptor->async_accept(shard.loop().get_executor(),
                                                             asio::redirect_error(UseTask, error));
    if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) break;
    if (error) {
      co_await sleep_for(AcceptPause);
      continue;
    }
    accepted.fetch_add(1, std::memory_order_relaxed);
    bool has_room = false;
    {
      const std::lock_guard lock(mutex);
      has_room = open_connections < options.connections_max;
      if (has_room) ++open_connections;
    }
    if (!has_room) {
      refuse(std::move(socket));
      continue;
    }
    next_shard = (next_shard + 1) % shards.size();
    Peer peer = peer_of(socket);
    asio::post(shard.loop(),
               [&shard, socket = std::move(socket), peer = std::move(peer)]() mutable {
                 shard.adopt(std::move(socket), std::move(peer));
               });
  }
}

// Best effort, and without waiting: there are too many connections already.
void Server::Impl::refuse(Channel::Socket socket) {
  refused.fetch_add(1, std::memory_order_relaxed);
  if (parts.tls != nullptr) return;  // closed: a 503 would need a handshake first
  ::send(socket.native_handle(), BusyResponse.data(), BusyResponse.size(),
         MSG_NOSIGNAL | MSG_DONTWAIT);
  ::shutdown(socket.native_handle(), SHUT_WR);
}

void Server::Impl::connection_ended() {
  const std::lock_guard lock(mutex);
  VARVE_ASSERT(open_connections > 0);
  --open_connections;
  changed.notify_all();
}

void Server::Impl::run_on(asio::io_context& loop, base::UniqueFunction<void()> work) {
  std::promise<void> done;
  asio::post(loop, [&done, work = std::move(work)]() mutable {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

std::uint64_t Server::Impl::abort_all() {
  std::uint64_t cut = 0;
  for (const auto& shard : shards) {
    run_on(shard->loop(), [&cut, &shard] { cut += shard->abort(); });
  }
  return cut;
}

Server::Server(ServerOptions options, EventLoops& loops, base::Clock& clock, Handler& handler)
    : impl_(std::make_unique<Impl>(std::move(options), loops, clock, handler)) {}

Server::~Server() { stop(); }

Result<void> Server::start() {
  VARVE_ASSERT(impl_->shards.empty());
  if (impl_->options.tls) {
    const TlsOptions& files = *impl_->options.tls;
    VARVE_TRY(impl_->tls, TlsContext::for_server(files.certificate_file, files.key_file));
    impl_->parts.tls = impl_->tls.get();
  }
  asio::io_context& accept_loop = impl_->loops.loop(0);
  impl_->ports.clear();
  std::vector<std::unique_ptr<Acceptor>> acceptors;
  for (const std::string& address : impl_->options.listen) {
    VARVE_TRY(Acceptor acceptor, listen_on(accept_loop, address));
    impl_->ports.push_back(acceptor.local_endpoint().port());
    acceptors.push_back(std::make_unique<Acceptor>(std::move(acceptor)));
  }
  impl_->acceptors = std::move(acceptors);
  std::vector<std::unique_ptr<Shard>> shards;
  for (std::size_t i = 0; i < impl_->loops.count(); ++i) {
    shards.push_back(std::make_unique<Shard>(impl_->loops.loop(i), impl_->parts));
  }
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->shards = std::move(shards);
    impl_->open_acceptors = impl_->acceptors.size();
  }
  for (const auto& acceptor : impl_->acceptors) {
    auto on_end = [impl = impl_.get()] {
      const std::lock_guard lock(impl->mutex);
      --impl->open_acceptors;
      impl->changed.notify_all();
    };
    spawn(accept_loop.get_executor(), impl_->accept_from(acceptor.get()), std::move(on_end));
  }
  return {};
}

std::vector<std::uint16_t> Server::ports() const { return impl_->ports; }

DrainReport Server::stop() {
  DrainReport report;
  if (impl_->shards.empty()) return report;
  impl_->run_on(impl_->loops.loop(0), [impl = impl_.get()] {
    boost::system::error_code ignored;
    for (const auto& acceptor : impl->acceptors) acceptor->close(ignored);
  });
  {
    std::unique_lock lock(impl_->mutex);
    impl_->changed.wait(lock, [&] { return impl_->open_acceptors == 0; });
  }
  for (const auto& shard : impl_->shards) {
    impl_->run_on(shard->loop(), [&shard] { shard->begin_drain(); });
  }
  const auto is_drained = [&] { return impl_->open_connections == 0; };
  bool is_clean = false;
  {
    std::unique_lock lock(impl_->mutex);
    is_clean = impl_->changed.wait_for(lock, impl_->options.drain_timeout, is_drained);
  }
  if (!is_clean) {
    report.requests_cut = impl_->abort_all();
    std::unique_lock lock(impl_->mutex);
    impl_->changed.wait(lock, is_drained);
  }
  const ServerCounters total = counters();
  std::vector<std::unique_ptr<Shard>> ended;
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->final_counters = total;
    ended.swap(impl_->shards);
  }
  for (auto& shard : ended) {
    impl_->run_on(shard->loop(), [&shard] { shard.reset(); });
  }
  impl_->run_on(impl_->loops.loop(0), [impl = impl_.get()] { impl->acceptors.clear(); });
  return report;
}

ServerCounters Server::counters() const {
  const std::lock_guard lock(impl_->mutex);
  ServerCounters sum = impl_->final_counters;
  sum.connections_accepted = impl_->accepted.load(std::memory_order_relaxed);
  sum.connections_refused = impl_->refused.load(std::memory_order_relaxed);
  for (const auto& shard : impl_->shards) {
    const ShardCounters& part = shard->counters();
    sum.connections_open += part.connections_open.get();
    sum.requests_started += part.requests_started.get();
    sum.requests_in_flight += part.requests_in_flight.get();
    sum.requests_rejected += part.requests_rejected.get();
    sum.handler_failures += part.handler_failures.get();
    sum.clients_gone += part.clients_gone.get();
    sum.loop_stalls += part.loop_stalls.get();
    sum.timeouts += part.channels.timeouts.get();
    sum.bytes_in += part.channels.bytes_in.get();
    sum.bytes_out += part.channels.bytes_out.get();
  }
  return sum;
}

}  // namespace varve::http
