// Bytes: an owned run of octets. std::string, because every library we stand on speaks it and the
// small-string case covers most keys. A view is std::string_view; it never crosses a suspension.
#pragma once

#include <string>
#include <string_view>

namespace varve::base {

using Bytes = std::string;

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
