// Listening sockets, from the addresses people write.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "base/result.h"
#include "base/task.h"

namespace varve::http {

using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, base::LoopExecutor>;

// `address` is host:port, [v6]:port, or :port for every interface; a name is resolved.
//   InvalidArgument  not such an address, or a name nobody knows
//   Unavailable      it cannot be bound: taken, not ours, not allowed
base::Result<Acceptor> listen_on(boost::asio::io_context& loop, const std::string& address);

}  // namespace varve::http
