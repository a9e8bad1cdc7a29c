#include "format/s3_uploads.h"

#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "format/wire.h"
#include "format/wire_reader.h"

namespace varve::format {

std::string s3_part_key(std::string_view upload_id, int number) {
  std::string digits = std::to_string(number);
  digits.insert(0, digits.size() < 5 ? 5 - digits.size() : 0, '0');
  return s3_part_prefix(upload_id) + digits;
}

std::string s3_part_prefix(std::string_view upload_id) { return std::string(upload_id) + "/"; }

// 1: string etag · 2: string algorithm · 3: bytes digest
base::Result<base::Bytes> encode_s3_part_note(const S3PartNote& note) {
  WireWriter out;
  out.string(1, note.etag);
  out.string(2, note.algorithm);
  out.bytes(3, note.digest);
  return std::move(out).finish();
}

base::Result<S3PartNote> decode_s3_part_note(std::string_view bytes) {
  S3PartNote note;
  WireReader in(bytes, "S3PartNote");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        note.etag = in.string();
        break;
      case 2:
        note.algorithm = in.string();
        break;
      case 3:
        note.digest = in.bytes();
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return note;
}

// 1: string repository · 2: bytes key · 3: bytes parts_hash · 4: string etag ·
// 5: Timestamp completed_at · 6: string checksum
base::Result<base::Bytes> encode_s3_completed(const S3Completed& completed) {
  WireWriter out;
  out.string(1, completed.repository);
  out.bytes(2, completed.key);
  out.bytes(3, completed.parts_hash);
  out.string(4, completed.etag);
  out.timestamp(5, completed.completed_at);
  out.string(6, completed.checksum);
  return std::move(out).finish();
}

base::Result<S3Completed> decode_s3_completed(std::string_view bytes) {
  S3Completed completed;
  WireReader in(bytes, "S3Completed");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        completed.repository = in.string();
        break;
      case 2:
        completed.key = in.bytes();
        break;
      case 3:
        completed.parts_hash = in.bytes();
        break;
      case 4:
        completed.etag = in.string();
        break;
      case 5:
        completed.completed_at = in.timestamp();
        break;
      case 6:
        completed.checksum = in.string();
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return completed;
}

}  // namespace varve::format
