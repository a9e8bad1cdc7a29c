// What the S3 front end keeps beside the tracker of a multipart upload: the checksum of each part,
// and, for a day after its end, how an upload was completed, so that a repeated request gets the
// same answer. lakeFS has neither; it ignores both partitions. Drawn at the encoders.
//
// encode_: InvalidArgument, a text is not UTF-8. decode_: Corruption, the bytes are no such
// message.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace varve::format {

inline constexpr std::string_view S3PartsPartition = "s3-parts";
inline constexpr std::string_view S3CompletedPartition = "s3-completed";

// In S3PartsPartition: `<upload id>/<part number, five digits>`.
std::string s3_part_key(std::string_view upload_id, int number);
std::string s3_part_prefix(std::string_view upload_id);

struct S3PartNote {
  std::string etag;       // of the part the checksum belongs to; a part may be sent again
  std::string algorithm;  // "CRC32C"
  base::Bytes digest;
};
base::Result<base::Bytes> encode_s3_part_note(const S3PartNote& note);
base::Result<S3PartNote> decode_s3_part_note(std::string_view bytes);

// In S3CompletedPartition the key is the upload id.
struct S3Completed {
  std::string repository;  // its partition
  std::string key;         // ref/path
  base::Bytes parts_hash;  // of the list of parts that was completed
  std::string etag;
  base::Timestamp completed_at;
  std::string checksum;  // as stored with the entry; may be empty
};
base::Result<base::Bytes> encode_s3_completed(const S3Completed& completed);
base::Result<S3Completed> decode_s3_completed(std::string_view bytes);

}  // namespace varve::format
