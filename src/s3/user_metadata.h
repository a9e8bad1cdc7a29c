// x-amz-meta-* headers: what is kept of them with the object, and how it is given back.
//
// The engine key of `x-amz-meta-Colour` is `X-Amz-Meta-colour`, as lakeFS writes it. Values that
// are not plain ASCII travel as RFC 2047 encoded words.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "http/headers.h"
#include "model/records.h"
#include "s3/errors.h"

namespace varve::s3 {

// Before its encoded words are decoded; what may be kept fits four times.
constexpr std::size_t EncodedMetadataBytesMax = 16384;
constexpr std::size_t UserMetadataBytesMax = 2048;  // names without prefix, and decoded values
constexpr std::string_view MetaPrefix = "X-Amz-Meta-";

// Decodes the encoded words of `value`; what is not a well-formed one stays as it is.
//   InvalidArgument  a word of an unknown charset, or bytes that are not UTF-8
Outcome<std::string> decode_metadata_value(std::string_view value);
// The value itself if it is plain, else Q-encoded words of at most 75 characters.
std::string encode_metadata_value(std::string_view value);

// The user metadata of a request, under engine keys. A name that is empty or no token is dropped.
//   InvalidArgument, MetadataTooLarge
Outcome<model::Metadata> read_user_metadata(const http::Headers& headers);

// Adds the x-amz-meta-* headers of an object, and x-amz-missing-meta if a name cannot be a header.
void add_user_metadata(http::Headers& headers, const model::Metadata& metadata);

}  // namespace varve::s3
