// Shard: what the connections of one loop share. Belongs to that loop, but for its counters.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.h"
#include "http/channel.h"
#include "http/counter.h"
#include "http/input_buffer.h"
#include "http/server.h"
#include "http/ticker.h"
#include "http/tls.h"

namespace varve::http {

class Connection;

// What the whole server shares; outlives the shards.
struct ServerParts {
  const ServerOptions& options;
  base::Clock& clock;
  Handler& handler;
  const TlsContext* tls;                    // null: plain
  std::function<void()> on_connection_end;  // called on any loop
};

class Shard {
 public:
  Shard(boost::asio::io_context& loop, const ServerParts& parts);
  ~Shard();  // no connection may be left
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  // Serves a new connection until it ends.
  void adopt(Channel::Socket socket, Peer peer);

  // Idle connections end now, others after their response.
  void begin_drain();
  // Cancels what is in flight and breaks every connection. The requests that were cut off.
  std::uint64_t abort();

  boost::asio::io_context& loop() { return loop_; }
  const ServerParts& parts() const { return parts_; }
  Ticker& ticker() { return ticker_; }
  BufferPool& buffers() { return buffers_; }
  ShardCounters& counters() { return counters_; }
  bool is_draining() const { return is_draining_; }
  std::string_view date();  // the Date header; valid until the next call

 private:
  void on_stall(base::milliseconds late);

  boost::asio::io_context& loop_;
  const ServerParts& parts_;
  Ticker ticker_;
  BufferPool buffers_;
  ShardCounters counters_;
  bool is_draining_ = false;
  std::int64_t date_second_ = -1;
  std::string date_;
  std::list<std::unique_ptr<Connection>> connections_;
};

}  // namespace varve::http
