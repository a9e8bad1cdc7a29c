#include "http/listen.h"

#include <netdb.h>

#include <boost/asio/ip/v6_only.hpp>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/number.h"
#include "base/result.h"

namespace varve::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using base::Code;
using base::Error;
using base::Result;

struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};

std::optional<HostPort> split_address(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = address.substr(0, colon);
  const std::string_view port = address.substr(colon + 1);
  HostPort result;
  const auto number = base::parse_number<std::uint16_t>(port);
  if (!number) return std::nullopt;
  result.port = *number;
  if (host.starts_with('[')) {
    if (!host.ends_with(']')) return std::nullopt;
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;
  }
  result.host = std::string(host);
  return result;
}

// The first IPv4 address of the name, else its first IPv6 one.
std::optional<asio::ip::address> resolve(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return std::nullopt;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  std::optional<asio::ip::address> result;
  for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
    const bool is_v4 = info->ai_family == AF_INET;
    if ((result && !is_v4) || (!is_v4 && info->ai_family != AF_INET6)) continue;
    tcp::endpoint endpoint;
    if (info->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), info->ai_addr, info->ai_addrlen);
    result = endpoint.address();
    if (is_v4) break;
  }
  return result;
}

boost::system::error_code bind_and_listen(Acceptor& acceptor, const tcp::endpoint& endpoint,
                                          bool every_family) {
  boost::system::error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (error) return error;
  acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (every_family) acceptor.set_option(asio::ip::v6_only(false), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error;
}

}  // namespace

Result<Acceptor> listen_on(asio::io_context& loop, const std::string& address) {
  const std::optional<HostPort> parts = split_address(address);
  if (!parts) {
    return Error(Code::InvalidArgument, "listen address '" + address + "' is not host:port");
  }
  boost::system::error_code error;
  if (parts->host.empty()) {
    // Both families through one socket, where there is IPv6 at all.
    Acceptor both(loop.get_executor());
    error = bind_and_listen(both, tcp::endpoint(tcp::v6(), parts->port), true);
    if (!error) return both;
  }
  const auto ip =
      parts->host.empty() ? asio::ip::address(asio::ip::address_v4::any()) : resolve(parts->host);
  if (!ip) {
    return Error(Code::InvalidArgument, "listen address '" + address + "': unknown host");
  }
  Acceptor acceptor(loop.get_executor());
  error = bind_and_listen(acceptor, tcp::endpoint(*ip, parts->port), false);
  if (error) {
    return Error(Code::Unavailable, "cannot listen on " + address + ": " + error.message());
  }
  return acceptor;
}

}  // namespace varve::http
