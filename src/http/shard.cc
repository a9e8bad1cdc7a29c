#include "http/shard.h"

#include <cstdint>
#include <memory>
#include <utility>

#include "base/assert.h"
#include "base/time.h"
#include "http/channel.h"
#include "http/connection.h"
#include "http/message.h"
#include "http/spawn.h"

namespace varve::http {

Shard::Shard(boost::asio::io_context& loop, const ServerParts& parts)
    : loop_(loop),
      parts_(parts),
      ticker_(loop, parts.options.tick, parts.clock,
              [this](base::milliseconds late) { on_stall(late); }) {}

Shard::~Shard() { VARVE_ASSERT(connections_.empty()); }

void Shard::adopt(Channel::Socket socket, Peer peer) {
  connections_.push_front(std::make_unique<Connection>(*this, std::move(socket), std::move(peer)));
  const auto place = connections_.begin();
  counters_.connections_open.add(1);
  auto on_end = [this, place] {
    connections_.erase(place);
    counters_.connections_open.subtract(1);
    parts_.on_connection_end();
  };
  spawn(loop_.get_executor(), (*place)->run(), std::move(on_end));
}

void Shard::begin_drain() {
  is_draining_ = true;
  for (const auto& connection : connections_) connection->begin_drain();
}

std::uint64_t Shard::abort() {
  std::uint64_t cut = 0;
  for (const auto& connection : connections_) {
    if (connection->abort()) ++cut;
  }
  return cut;
}

void Shard::on_stall(base::milliseconds late) {
  counters_.loop_stalls.add(1);
  parts_.options.log.warn("event loop stalled", {{"milliseconds", late.count()}});
}

std::string_view Shard::date() {
  const base::Timestamp now = parts_.clock.now();
  if (now.seconds != date_second_) {
    date_second_ = now.seconds;
    date_ = base::format_http_date(now);
  }
  return date_;
}

}  // namespace varve::http
