// Bytes: an owned run of octets. std::string, because every library we stand on speaks it and the
// small-string case covers most keys. A view is std::string_view; it never crosses a suspension.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace varve::base {

using Bytes = std::string;

// A run of octets that does not change, with whatever keeps it alive: a string, a mapped file.
// Copies share it. No owner: it lives elsewhere, for longer.
struct SharedBytes {
  SharedBytes() = default;
  SharedBytes(Bytes bytes);  // what is owned can always be shared
  SharedBytes(std::string_view v, std::shared_ptr<const void> o) : view(v), owner(std::move(o)) {}
  std::string_view view;
  std::shared_ptr<const void> owner;
};

std::string hex_encode(std::string_view bytes);  // lower case

// Decodes 2n hex digits of either case into n bytes; anything else gives an empty string and false.
bool hex_decode(std::string_view hex, Bytes& bytes);

std::string base64_encode(std::string_view bytes);           // standard alphabet, padded
std::string base64url_encode_nopad(std::string_view bytes);  // RFC 4648 section 5
bool base64_decode(std::string_view text, Bytes& bytes);     // standard alphabet, padding required
bool base64url_decode_nopad(std::string_view text, Bytes& bytes);

// Compares without leaking where the difference is, as secrets and signatures need.
bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace varve::base
