#include "s3/address.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "http/headers.h"
#include "http/message.h"
#include "http/uri.h"
#include "s3/errors.h"

namespace varve::s3 {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string to_lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

// An IPv6 address keeps its brackets: `[::1]:8000` is `[::1]`.
std::string_view without_port(std::string_view host) {
  const auto bracket = host.rfind(']');
  const auto colon = host.rfind(':');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket)) {
    return host;
  }
  return host.substr(0, colon);
}

// Cuts the text before the next slash, and the slash; all of it if there is none.
std::string_view cut_piece(std::string_view& text) {
  const auto slash = text.find('/');
  const auto piece = text.substr(0, slash);
  text = slash == std::string_view::npos ? std::string_view() : text.substr(slash + 1);
  return piece;
}

bool has_value(const http::Query& query, std::string_view name) {
  const auto value = query.get(name);
  return value.has_value() && !value->empty();
}

}  // namespace

HostMatch match_host(std::string_view host, std::span<const std::string> domains) {
  const std::string name = to_lower(without_port(host));
  for (const std::string& domain : domains) {
    if (domain.empty() || !http::equal_ignoring_case(domain, name)) continue;
    return HostMatch{true, {}};
  }
  for (const std::string& domain : domains) {
    if (domain.empty() || name.size() < domain.size() + 2) continue;
    const auto label_size = name.size() - domain.size() - 1;
    if (name[label_size] != '.') continue;
    if (!http::equal_ignoring_case(domain, std::string_view(name).substr(label_size + 1))) continue;
    std::string label = name.substr(0, label_size);
    if (label.find('.') == std::string::npos) return HostMatch{false, std::move(label)};
  }
  return HostMatch{};
}

Address parse_address(std::string_view host, std::string_view path,
                      std::span<const std::string> domains) {
  HostMatch match = match_host(host, domains);
  Address address;
  address.is_virtual_host = !match.label.empty();
  address.is_matched_host = match.is_domain || address.is_virtual_host;
  if (path.starts_with('/')) path.remove_prefix(1);
  address.repository =
      address.is_virtual_host ? std::move(match.label) : std::string(cut_piece(path));
  address.ref = cut_piece(path);
  address.path = path;
  return address;
}

bool is_gateway_request(const http::Request& request, std::span<const std::string> domains) {
  const auto authorization = request.headers.get_or_empty("Authorization");
  if (authorization.starts_with("AWS4") || authorization.starts_with("AWS ")) return true;
  if (request.headers.has("X-Amz-Signature")) return true;
  const HostMatch match = match_host(request.host, domains);
  if (match.is_domain || !match.label.empty()) return true;
  if (request.query.find("X-Amz-Credential") == std::string::npos &&
      request.query.find("AWSAccessKeyId") == std::string::npos &&
      request.query.find('%') == std::string::npos) {
    return false;
  }
  const http::Query query = request.parse_query();
  return has_value(query, "AWSAccessKeyId") || has_value(query, "X-Amz-Credential");
}

std::optional<SplitKey> split_key(std::string_view text) {
  if (text.starts_with('/')) {
    text.remove_prefix(1);
    if (text.empty()) return std::nullopt;
  }
  const auto slash = text.find('/');
  if (slash == 0) return std::nullopt;
  SplitKey key;
  key.ref = text.substr(0, slash);
  key.with_path = slash != std::string_view::npos;
  if (key.with_path) key.path = text.substr(slash + 1);
  return key;
}

Outcome<CopySource> parse_copy_source(std::string_view header) {
  const auto bad = [&] {
    return invalid_argument("x-amz-copy-source", std::string(header),
                            "Copy Source must mention the source bucket and key: "
                            "sourcebucket/sourceref/sourcekey");
  };
  CopySource source;
  std::string_view raw = header;
  if (const auto mark = raw.find('?'); mark != std::string_view::npos) {
    const http::Query query = http::Query::parse(raw.substr(mark + 1));
    source.version_id = query.get("versionId").value_or("");
    raw = raw.substr(0, mark);
  }
  const std::optional<std::string> decoded = http::form_decode(raw);
  if (!decoded) return bad();
  std::string_view text = *decoded;
  while (text.starts_with('/')) text.remove_prefix(1);
  source.repository = cut_piece(text);
  source.ref = cut_piece(text);
  source.path = text;
  if (source.repository.empty() || source.ref.empty() || source.path.empty()) return bad();
  return source;
}

}  // namespace varve::s3
