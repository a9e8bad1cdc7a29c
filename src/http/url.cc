#include "http/url.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/number.h"
#include "http/headers.h"

namespace varve::http {
namespace {

constexpr std::uint16_t PlainPort = 80;
constexpr std::uint16_t TlsPort = 443;

bool is_visible(char c) { return c > ' ' && c != '\x7f'; }

}  // namespace

std::optional<Url> parse_url(std::string_view text) {
  const std::size_t mark = text.find("://");
  if (mark == std::string_view::npos) return std::nullopt;
  Url url;
  url.is_tls = equal_ignoring_case(text.substr(0, mark), "https");
  if (!url.is_tls && !equal_ignoring_case(text.substr(0, mark), "http")) return std::nullopt;
  text.remove_prefix(mark + 3);
  const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
  const std::string_view authority = text.substr(0, end);
  const std::string_view target = text.substr(end);
  const bool is_sound = std::all_of(text.begin(), text.end(), is_visible) &&
                        authority.find('@') == std::string_view::npos &&
                        target.find('#') == std::string_view::npos;
  if (!is_sound) return std::nullopt;

  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  std::string_view host = authority.substr(0, has_port ? colon : authority.size());
  url.port = url.is_tls ? TlsPort : PlainPort;
  const std::uint16_t usual_port = url.port;
  if (has_port) {
    const std::string_view port = authority.substr(colon + 1);
    url.port = base::parse_number<std::uint16_t>(port).value_or(0);
    if (url.port == 0) return std::nullopt;
  }
  url.authority = std::string(host);
  if (url.port != usual_port) url.authority += ":" + std::to_string(url.port);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty()) return std::nullopt;
  url.host = std::string(host);
  url.target = target.starts_with('/') ? std::string(target) : "/" + std::string(target);
  return url;
}

}  // namespace varve::http
