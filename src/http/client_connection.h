// ClientConnection: one connection of a client, for one request after the other. Belongs to a loop.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "http/channel.h"
#include "http/client.h"
#include "http/incoming_body.h"
#include "http/input_buffer.h"
#include "http/message_parser.h"
#include "http/tls.h"
#include "http/url.h"

namespace varve::http {

// What the connections of one loop share; outlives them.
struct ClientShard {
  ClientShard(boost::asio::io_context& loop_in, const ClientOptions& options_in, base::Clock& clock)
      : loop(loop_in), options(options_in), ticker(loop_in, options_in.tick, clock, {}) {}

  boost::asio::io_context& loop;
  const ClientOptions& options;
  Ticker ticker;
  BufferPool buffers;
  ChannelCounters counters;
};

// The last tick that the caller's deadline allows.
using DueTick = std::uint64_t;

class ClientConnection {
 public:
  // Connects, and shakes hands if `tls` is given.
  //   Unavailable, DeadlineExceeded
  static base::Task<base::Result<std::unique_ptr<ClientConnection>>> open(ClientShard* shard,
                                                                          Url url,
                                                                          const TlsContext* tls,
                                                                          DueTick due);

  ClientConnection(ClientShard& shard, Channel::Socket socket);

  // Whether the peer has left it open and said nothing since the last response.
  bool is_usable();

  // Sends a request; no wait of it, its response and its body's goes beyond `due`. False: it could
  // not all be sent, but there may be a response all the same. The only error is the source's own.
  // `body` outlives the call.
  base::Task<base::Result<bool>> send(std::string head, ClientBody* body, bool is_chunked,
                                      DueTick due);

  // Waits for the head of the response; what is absent says why it did not come.
  enum class Failure : std::uint8_t { Broken, TimedOut, Malformed };
  struct Received {
    std::optional<ResponseHead> head;
    Failure failure = Failure::Broken;
    bool has_begun = false;  // some bytes of a response did come
  };
  base::Task<Received> receive_head(Method method);

  // The body of the response whose head came last.
  IncomingBody& body() { return body_; }
  bool may_be_kept() const { return keep_alive_ && body_.is_finished() && input_.empty(); }
  std::uint64_t kept_until = 0;  // tick, while it is idle

 private:
  base::Task<Received> receive_one_head(Method method, DueTick due);
  base::Task<base::Result<bool>> send_source(BodySource* source, bool is_chunked);

  ClientShard& shard_;
  Channel channel_;
  InputBuffer input_;
  ResponseParser parser_;
  IncomingBody body_;
  std::atomic<bool> gone_{false};
  bool keep_alive_ = false;
};

}  // namespace varve::http
