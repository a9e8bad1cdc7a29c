// Server: HTTP/1.1 over TCP or TLS, in front of one Handler.
//
// One acceptor deals connections to the loops in turn; a connection is never moved. Requests of one
// connection are handled one after the other, in order (pipelining works); every wait has a
// timeout; every buffer a bound.  [I-13] What a handler never sees: requests whose framing is in
// doubt (answered 400, 408, 413, 414, 431, 501 or 505 and closed).
//
// start and stop are called from one thread, which is not a loop; counters from any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/log.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "http/event_loops.h"
#include "http/message.h"

namespace varve::http {

struct RequestContext {
  // The layer that assigns the request id, finds the principal or sets a deadline writes here
  // before it passes context() on. Cancelled when the client goes away.
  std::shared_ptr<base::RequestScope> scope;
  base::MonotonicTime received;  // when the last byte of the head had come

  base::Context context() const { return base::Context(scope); }
};

class Handler {
 public:
  virtual ~Handler() = default;
  // Runs on the connection's loop; may suspend as long as it likes. An exception is answered 500
  // and counted.
  virtual base::Task<Response> handle(RequestContext context, Request request) = 0;
};

struct TlsOptions {
  std::string certificate_file;  // PEM, the chain
  std::string key_file;          // PEM
};

struct ServerOptions {
  std::vector<std::string> listen{"127.0.0.1:0"};  // host:port, [v6]:port or :port; 0 picks one
  std::unique_ptr<TlsOptions> tls;                 // absent: plain

  std::size_t connections_max = 10000;              // beyond: 503 and close
  std::size_t header_bytes_max = 64U << 10U;        // beyond: 431
  std::size_t request_line_bytes_max = 32U << 10U;  // beyond: 414
  std::size_t unread_drain_bytes_max = 1U
                                       << 20U;  // an unread body beyond this costs the connection

  base::milliseconds header_timeout{60000};  // from the first byte of a request to its head's end
  base::milliseconds idle_timeout{75000};    // between requests
  base::milliseconds body_timeout{60000};    // between two bytes of a body, while it is awaited
  base::milliseconds write_timeout{60000};   // between two bytes the client accepts
  base::milliseconds linger_timeout{2000};   // closing: how long late bytes are still read
  base::milliseconds drain_timeout{30000};   // stop(): how long requests in flight may take
  base::milliseconds tick{250};              // how coarse all of these are

  base::Log log{};  // of stalls; requests are for the handler to log
};

struct ServerCounters {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;  // over connections_max
  std::uint64_t connections_open = 0;
  std::uint64_t requests_started = 0;
  std::uint64_t requests_in_flight = 0;
  std::uint64_t requests_rejected = 0;  // never reached the handler
  std::uint64_t handler_failures = 0;   // exceptions
  std::uint64_t clients_gone = 0;       // before their response was complete
  std::uint64_t timeouts = 0;
  std::uint64_t loop_stalls = 0;  // a loop was kept from running for 50 ms or more
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};

// How a drain went: requests that had to be cut off, and whether there were none.
struct DrainReport {
  std::uint64_t requests_cut = 0;
  bool is_clean() const { return requests_cut == 0; }
};

class Server {
 public:
  // `loops`, `clock` and `handler` outlive the server.
  Server(ServerOptions options, EventLoops& loops, base::Clock& clock, Handler& handler);
  ~Server();  // stop()
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds every address and begins to accept.
  //   InvalidArgument  an address, certificate or key that cannot be used
  //   Unavailable      an address that is taken; the message names it and the reason
  base::Result<void> start();

  // The bound port of each listen address, in the order of the options.
  std::vector<std::uint16_t> ports() const;

  // Stops accepting, closes idle connections, answers requests in flight with `Connection: close`.
  // After drain_timeout cancels their contexts and closes their sockets. Returns when the last
  // handler has returned. Idempotent.
  DrainReport stop();

  ServerCounters counters() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::http
