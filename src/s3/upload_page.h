// One page of the uploads in progress of a bucket: which of them it shows, and its XML. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "engine/uploads/uploads.h"
#include "http/uri.h"
#include "s3/errors.h"

namespace varve::s3 {

struct UploadQuery {
  std::string bucket;
  std::string prefix;
  std::string delimiter;
  std::string key_marker;
  std::string id_marker;
  bool is_encoded = false;
  std::int64_t uploads_max = 0;
};
//   InvalidArgument  max-uploads, encoding-type
Outcome<UploadQuery> read_upload_query(const http::Query& query, std::string_view bucket);

struct UploadRow {
  std::string key;  // ref/path
  engine::MultipartUpload upload;
};
// Takes the rows of the whole bucket, in any order. By key, then time of creation; an upload-id
// marker counts only beside a key marker.
struct UploadPage {
  std::vector<UploadRow> rows;
  std::vector<std::string> common_prefixes;
  bool is_truncated = false;
  std::string next_key;
  std::string next_id;
};
UploadPage select_uploads(const UploadQuery& query, std::vector<UploadRow> rows);

base::Bytes render(const UploadQuery& query, const UploadPage& page, std::string_view owner);

}  // namespace varve::s3
