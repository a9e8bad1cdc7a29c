// Channel: a socket, its transport and its timeout. Does the waiting that Transport does not.
//
// One task at a time uses it, on its loop. Every wait ends at a tick of the loop's Ticker.  [I-13]
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <memory>

#include "base/task.h"
#include "http/counter.h"
#include "http/ticker.h"
#include "http/transport.h"

namespace varve::http {

// Up to four pieces that go out together.
struct WriteParts {
  void add(std::string_view piece);
  void skip(std::size_t bytes);  // what was written
  bool empty() const { return first == count; }
  std::span<const iovec> span() const { return std::span(parts).subspan(first, count - first); }

  std::array<iovec, 4> parts{};
  std::size_t first = 0;
  std::size_t count = 0;
};

class Channel final : private Ticker::Entry {
 public:
  using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, base::LoopExecutor>;
  enum class Wake : std::uint8_t { Ready, TimedOut, Interrupted };
  enum class Flow : std::uint8_t { Done, End, Broken, TimedOut };
  struct Read {
    std::size_t bytes = 0;
    Flow flow = Flow::Done;
  };

  Channel(Socket socket, Ticker& ticker, ChannelCounters& counters);

  void set_transport(std::unique_ptr<Transport> transport) { transport_ = std::move(transport); }
  // No wait outlasts it, whatever its own timeout.
  void set_deadline(std::uint64_t tick) { deadline_ = tick; }
  int descriptor() { return socket_.native_handle(); }
  using Entry::ticker;

  // What can be done without waiting.
  IoStep try_read(char* data, std::size_t size);
  IoStep try_write(const WriteParts& parts, bool more);
  bool has_pending() const { return transport_->has_pending(); }
  bool can_send_files() const { return transport_->can_send_files(); }

  // The rest waits, at most until tick `due`; or, for operations of many steps, at most `timeout`
  // between two bytes.
  base::Task<Wake> wait(IoState want, std::uint64_t due);
  base::Task<Flow> handshake(std::uint64_t due);
  // At least a byte. Nothing else runs on the loop between the receiving and the caller's going on,
  // so `data` may be memory that the loop shares.
  base::Task<Read> read_some(char* data, std::size_t size, std::uint64_t due);
  base::Task<Flow> write_all(WriteParts parts, bool more, base::milliseconds timeout);
  base::Task<Flow> send_file(int file, std::uint64_t offset, std::uint64_t size,
                             base::milliseconds timeout);

  // Until unwatch(), sets `gone` within a tick or two of the peer's leaving. For the time in which
  // nobody reads.
  void watch_peer(std::atomic<bool>& gone);
  void unwatch_peer() { gone_ = nullptr; }

  void interrupt();  // wakes a wait in progress, if any
  void abort();      // no wait or transfer succeeds from now on
  void finish() { transport_->finish(); }

 private:
  void on_due() override;
  void on_tick() override;
  Flow flow_of(Wake wake);
  bool is_greedy(std::size_t bytes);
  base::Task<void> yield();

  Socket socket_;
  std::unique_ptr<Transport> transport_;
  ChannelCounters& counters_;
  std::atomic<bool>* gone_ = nullptr;
  std::uint64_t watched_since_ = 0;
  std::uint64_t deadline_ = Ticker::Never;
  std::size_t greedy_bytes_ = 0;  // moved since the last suspension
  bool has_timed_out_ = false;
  bool is_aborted_ = false;
};

}  // namespace varve::http
