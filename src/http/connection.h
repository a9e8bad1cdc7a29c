// Connection: serves the requests of one client, one after the other, until either side has enough.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/task.h"
#include "http/channel.h"
#include "http/head_scanner.h"
#include "http/incoming_body.h"
#include "http/input_buffer.h"
#include "http/message.h"
#include "http/message_parser.h"
#include "http/server.h"

namespace varve::http {

class Shard;

class Connection {
 public:
  Connection(Shard& shard, Channel::Socket socket, Peer peer);

  base::Task<void> run();

  void begin_drain();  // ends it if it is between requests
  bool abort();        // ends it; whether a request was cut off

 private:
  enum class Next : std::uint8_t { Keep, Close, Linger };
  enum class HeadState : std::uint8_t { Complete, Refused, TimedOut, Gone };

  base::Task<bool> wait_for_request();
  base::Task<Next> serve_one();
  base::Task<HeadState> read_head(HeadScanner* scanner);
  base::Task<Next> reject(HeadFault fault);
  base::Task<Response> answer(Request request);
  bool may_keep_alive(const RequestHead& head, const Response& response) const;
  base::Task<Next> end_request(bool keep_alive, bool was_sent);
  base::Task<void> linger();

  Shard& shard_;
  Channel channel_;
  InputBuffer input_;
  RequestParser parser_;
  IncomingBody body_;
  const Peer peer_;
  std::shared_ptr<base::RequestScope> scope_;  // of the request being served
  bool is_idle_ = false;
  bool has_served_ = false;
};

}  // namespace varve::http
