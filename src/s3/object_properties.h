// What S3 knows of an object beyond its bytes, type and user metadata: system headers, storage
// class, checksum, the sizes of its parts. Kept in the entry's metadata under reserved keys, so it
// is versioned with the object; an object without such properties has exactly the entry lakeFS
// would have written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/headers.h"
#include "model/records.h"
#include "s3/checksum.h"
#include "s3/errors.h"

namespace varve::s3 {

constexpr std::string_view ReservedPrefix = "::varve::";

struct StoredChecksum {
  Checksum checksum;
  ChecksumType type = ChecksumType::FullObject;
};
std::string to_text(const StoredChecksum& stored);
std::optional<StoredChecksum> parse_stored_checksum(std::string_view text);

// Cache-Control, Content-Disposition, Content-Encoding (less aws-chunked), Content-Language and
// Expires of a request, under reserved keys.
void read_system_headers(const http::Headers& headers, model::Metadata& metadata);
void add_system_headers(http::Headers& headers, const model::Metadata& metadata);
// "gzip,aws-chunked" is "gzip"; "aws-chunked" is "".
std::string without_aws_chunked(std::string_view content_encoding);

//   InvalidStorageClass
Outcome<void> read_storage_class(const http::Headers& headers, model::Metadata& metadata);
std::string_view storage_class(const model::Metadata& metadata);  // "STANDARD" if none is kept

void erase_storage_class(model::Metadata& metadata);

void set_checksum(model::Metadata& metadata, const StoredChecksum& stored);
std::optional<StoredChecksum> stored_checksum(const model::Metadata& metadata);

void set_part_sizes(model::Metadata& metadata, const std::vector<std::int64_t>& sizes);
// Empty: not a multipart object, or one made elsewhere.
std::vector<std::int64_t> part_sizes(const model::Metadata& metadata);

// Forgets the parts, and a checksum made of theirs.
void erase_parts(model::Metadata& metadata);

// Keeps what describes the bytes (checksum, part sizes) and drops the rest.
model::Metadata data_properties(const model::Metadata& metadata);

// What a multipart upload remembers until it is complete; erased from the metadata by the take.
struct UploadNote {
  std::string ref;
  std::optional<DeclaredChecksum> checksum;
};
void set_upload_note(model::Metadata& metadata, const UploadNote& note);
UploadNote upload_note(const model::Metadata& metadata);
void erase_upload_note(model::Metadata& metadata);
// Of what an upload carries, what a listing of uploads shows.
void keep_listed_properties(model::Metadata& metadata);

// The requests that ask for what is not kept.
//   NotImplemented  encryption by other keys than the storage's own, append
//   InvalidRequest  object lock
Outcome<void> check_write_headers(const http::Headers& headers);
// Encryption headers on a read of what is not encrypted with them.
Outcome<void> check_read_headers(const http::Headers& headers);

}  // namespace varve::s3
