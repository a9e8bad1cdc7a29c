#include "s3/listing.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include "base/bytes.h"
#include "base/result.h"
#include "http/uri.h"
#include "s3/errors.h"

namespace varve::s3 {
namespace {

constexpr std::string_view TokenPrefix = "varve.";

Error out_of_range(std::string_view name, std::string_view text) {
  return invalid_argument(
      name, std::string(text),
      "Provided " + std::string(name) + " not an integer or within integer range");
}

}  // namespace

Outcome<std::int64_t> read_count(const http::Query& query, std::string_view name,
                                 std::int64_t maximum, std::int64_t minimum) {
  const auto text = query.get(name);
  if (!text || text->empty()) return maximum;
  std::int64_t value = 0;
  const char* const begin = text->data();
  const char* const end = begin + text->size();
  const auto read = std::from_chars(begin, end, value);
  if (read.ec == std::errc::result_out_of_range && text->front() != '-') return maximum;
  if (read.ec != std::errc() || read.ptr != end || value < minimum) {
    return out_of_range(name, *text);
  }
  return std::min(value, maximum);
}

Outcome<std::int64_t> read_count_within(const http::Query& query, std::string_view name,
                                        std::int64_t maximum, std::int64_t minimum) {
  const auto text = query.get(name);
  if (!text || text->empty()) return maximum;
  VARVE_TRY(const std::int64_t value, read_count(query, name, maximum + 1, minimum));
  if (value > maximum) return out_of_range(name, *text);
  return value;
}

std::string make_token(std::string_view last) {
  return std::string(TokenPrefix) + base::base64url_encode_nopad(last);
}

Outcome<std::string> read_token(std::string_view token) {
  if (!token.starts_with(TokenPrefix)) return std::string(token);
  base::Bytes last;
  if (!base::base64url_decode_nopad(token.substr(TokenPrefix.size()), last)) {
    return invalid_argument("continuation-token", std::string(token),
                            "The continuation token provided is incorrect");
  }
  return last;
}

Outcome<bool> read_encoding_type(const http::Query& query) {
  const auto type = query.get("encoding-type").value_or("");
  if (type.empty()) return false;
  if (type == "url") return true;
  return invalid_argument("encoding-type", std::string(type),
                          "Invalid Encoding Method specified in Request");
}

std::string encode_key(std::string_view key) {
  constexpr std::string_view Digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(key.size() + 16);
  for (const char c : key) {
    const bool is_bare = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') ||
                         std::string_view("-_./*").find(c) != std::string_view::npos;
    if (is_bare) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.push_back('%');
      out.push_back(Digits[byte >> 4U]);
      out.push_back(Digits[byte & 15U]);
    }
  }
  return out;
}

MarkerEffect apply_marker(std::string_view marker, std::string_view ref) {
  MarkerEffect effect;
  if (marker.starts_with('/')) marker.remove_prefix(1);
  const std::string start = std::string(ref) + "/";
  if (marker.starts_with(start)) {
    effect.after = marker.substr(start.size());
  } else {
    effect.is_past_end = marker > start;
  }
  return effect;
}

}  // namespace varve::s3
