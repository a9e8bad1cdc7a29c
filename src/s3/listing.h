// What listings share: their parameters, page tokens and the encoding of keys.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/uri.h"
#include "s3/errors.h"

namespace varve::s3 {

constexpr std::int64_t KeysMax = 1000;  // of one page; clients may ask for more and get this

// A whole number, `maximum` if absent or larger.
//   InvalidArgument  not a number, or below `minimum`
Outcome<std::int64_t> read_count(const http::Query& query, std::string_view name,
                                 std::int64_t maximum, std::int64_t minimum);

// The same, but refuses what is larger than `maximum` too.
Outcome<std::int64_t> read_count_within(const http::Query& query, std::string_view name,
                                        std::int64_t maximum, std::int64_t minimum);

// Page tokens are opaque; a raw key is accepted too, for clients that make their own.
std::string make_token(std::string_view last);
//   InvalidArgument  looks like a token and is none
Outcome<std::string> read_token(std::string_view token);

// Whether keys are to be sent percent-encoded.
//   InvalidArgument  another encoding-type than `url`
Outcome<bool> read_encoding_type(const http::Query& query);
// Escapes every byte but A-Z a-z 0-9 - _ . / *
std::string encode_key(std::string_view key);

// A marker is a cut-off in the byte order of whole keys, `<ref>/<path>`; what of the paths of `ref`
// lies behind it?
struct MarkerEffect {
  bool is_past_end = false;  // nothing does
  std::string after;         // the paths behind this one; empty: all
};
MarkerEffect apply_marker(std::string_view marker, std::string_view ref);

}  // namespace varve::s3
