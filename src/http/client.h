// Client: HTTP/1.1 requests to others, over TCP or TLS, with connections kept for the next one.
//
// Used from tasks on the loops it was made with, from any of them; a request stays on its task's
// loop. Does not follow redirects, and knows no cookies or proxies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "http/body.h"
#include "http/event_loops.h"
#include "http/message.h"

namespace varve::http {

struct ClientOptions {
  std::string ca_file;                    // whom to trust for TLS; empty: what the system trusts
  std::size_t idle_connections_max = 32;  // kept for each host and loop
  std::size_t header_bytes_max = 64U << 10U;

  base::milliseconds connect_timeout{10000};   // name, TCP and TLS together
  base::milliseconds response_timeout{60000};  // from the request's end to the response's head
  base::milliseconds body_timeout{60000};      // between two bytes, either way
  base::milliseconds idle_timeout{30000};      // an unused connection's life
  base::milliseconds tick{250};
};

// A source is sent once and cannot be sent again, so such a request is never repeated.
using ClientBody = std::variant<std::monostate, base::Bytes, std::unique_ptr<BodySource>>;

struct ClientRequest {
  Method method = Method::Get;
  std::string url;  // http://host[:port]/path?query, or https
  Headers headers;  // Host, Content-Length and Transfer-Encoding are the client's own
  ClientBody body;
};

struct ClientResponse {
  int status = 0;
  Headers headers;
  // Read to its end, the connection serves the next request; dropped before, it is closed. The
  // errors of BodyStream.
  BodyStream body;
};

class Client {
 public:
  // `loops` and `clock` outlive it.
  static base::Result<std::unique_ptr<Client>> make(ClientOptions options, EventLoops& loops,
                                                    base::Clock& clock);
  // Closes what is idle. Not on a loop, and before the loops stop; no request may be under way.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Sends a request and waits for the head of the response; any status is a success. The context's
  // deadline bounds every wait.
  //   InvalidArgument   a URL that is not one
  //   Unavailable       the host is unknown, refuses, or is not who its certificate says; or a read
  //                     (GET, HEAD, OPTIONS) broke on the way
  //   DeadlineExceeded  the same, for lack of time
  //   OutcomeUnknown    anything else was sent, wholly or partly, and no response came
  //   Cancelled         the context was cancelled before it began
  // A connection that proves dead on re-use is replaced once, if repeating does no harm.
  base::Task<base::Result<ClientResponse>> send(base::Context context, ClientRequest request);

 private:
  struct Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::http
