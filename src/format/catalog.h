// The messages about objects and ranges: catalog.Entry, committed.RangeData, and the tracker of a
// multipart upload (engine.md 1.3, 1.4). Field numbers are drawn at each encoder.
//
// encode_: InvalidArgument, a text is not UTF-8. decode_: Corruption, the bytes are no such
// message.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::format {

base::Result<base::Bytes> encode_entry(const model::Entry& entry);
base::Result<model::Entry> decode_entry(std::string_view data);

// Only what most listings and reads need, as views into `data`; metadata is left encoded.
struct EntryView {
  std::string_view address;
  base::Timestamp last_modified;
  std::int64_t size = 0;
  std::string_view etag;
  model::AddressType address_type = model::AddressType::ByPrefixDeprecated;
  std::string_view content_type;
  bool has_metadata = false;
};
base::Result<EntryView> view_entry(std::string_view data);

// The data of a metarange's record; the range's id is the record's identity.
base::Bytes encode_range_data(const model::RangeInfo& range);
base::Result<model::RangeInfo> decode_range_data(std::string_view data);

// UploadData.
struct MultipartUpload {
  model::UploadId upload_id;
  model::ObjectPath path;
  base::Timestamp creation_date;
  std::string physical_address;
  model::Metadata metadata;
  std::string content_type;
};
base::Result<base::Bytes> encode_multipart_upload(const MultipartUpload& upload);
base::Result<MultipartUpload> decode_multipart_upload(std::string_view bytes);

}  // namespace varve::format
