// The checksums S3 knows beside the MD5 of the ETag: their names, which one a request carries, and
// how those of parts make that of a whole.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/hash.h"
#include "http/headers.h"
#include "s3/errors.h"

namespace varve::s3 {

enum class ChecksumAlgorithm : std::uint8_t { Crc32, Crc32c, Crc64Nvme, Sha1, Sha256 };
enum class ChecksumType : std::uint8_t { FullObject, Composite };

std::string_view name_of(ChecksumAlgorithm algorithm);     // "CRC32"
std::string_view header_of(ChecksumAlgorithm algorithm);   // "x-amz-checksum-crc32"
std::string_view element_of(ChecksumAlgorithm algorithm);  // "ChecksumCRC32"
std::string_view name_of(ChecksumType type);               // "FULL_OBJECT"
base::HashKind hash_of(ChecksumAlgorithm algorithm);
std::optional<ChecksumAlgorithm> checksum_algorithm(std::string_view name);  // without case
std::optional<ChecksumAlgorithm> checksum_of_header(std::string_view name);  // without case
std::optional<ChecksumAlgorithm> checksum_of_element(std::string_view name);
std::optional<ChecksumType> checksum_type(std::string_view name);

// Raw digest bytes, of the right length for the algorithm.
std::optional<base::Bytes> decode_checksum(ChecksumAlgorithm algorithm, std::string_view base64);

struct Checksum {
  ChecksumAlgorithm algorithm = ChecksumAlgorithm::Crc32;
  std::string value;  // base64, or base64-N if composite
};

// What a body is to be checked against.
struct ExpectedChecksum {
  ChecksumAlgorithm algorithm = ChecksumAlgorithm::Crc32;
  std::optional<base::Bytes> digest;  // absent: computed only, or it comes as a trailer
  bool is_trailer = false;
};
// From the x-amz-checksum-*, x-amz-trailer and x-amz-sdk-checksum-algorithm headers; `has_trailer`
// if the payload mode allows trailers.
//   InvalidRequest  several checksums, a malformed one, an unknown trailer, an algorithm that is
//                   not the checksum's
Outcome<std::optional<ExpectedChecksum>> expected_checksum(const http::Headers& headers,
                                                           bool has_trailer);
// Content-MD5.
//   InvalidDigest  not the base64 of 16 bytes
Outcome<std::optional<base::Bytes>> expected_md5(const http::Headers& headers);

// A part of a multipart upload.
struct PartDigest {
  std::int64_t size = 0;
  base::Bytes digest;
};
// base64(H(digests))-N
std::string composite_checksum(ChecksumAlgorithm algorithm, std::span<const PartDigest> parts);
// The CRC of the parts put together, from theirs. Absent for algorithms that cannot be combined.
std::optional<std::string> full_object_checksum(ChecksumAlgorithm algorithm,
                                                std::span<const PartDigest> parts);

// What a multipart upload declares at its creation.
struct DeclaredChecksum {
  ChecksumAlgorithm algorithm = ChecksumAlgorithm::Crc32;
  ChecksumType type = ChecksumType::Composite;
};
//   InvalidRequest  an unknown algorithm or type, a pair that does not exist, a type alone
Outcome<std::optional<DeclaredChecksum>> declared_checksum(const http::Headers& headers);

}  // namespace varve::s3
