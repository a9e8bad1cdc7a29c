// The addresses a client is given.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace varve::http {

struct Url {
  bool is_tls = false;
  std::string host;  // without brackets
  std::uint16_t port = 0;
  std::string authority;  // as Host wants it: the port only if it is not the scheme's own
  std::string target;     // origin form, at least "/"
};

// Absent: not an http or https URL, or one with a user, a fragment, or bytes that need escaping.
std::optional<Url> parse_url(std::string_view text);

}  // namespace varve::http
