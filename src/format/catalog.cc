#include "format/catalog.h"

#include <cstdint>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "format/wire.h"
#include "format/wire_reader.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::format {

// Entry {1: address, 2: Timestamp last_modified, 3: int64 size, 4: e_tag, 5: map metadata,
//        6: enum address_type, 7: content_type}
base::Result<base::Bytes> encode_entry(const model::Entry& entry) {
  WireWriter out;
  out.string(1, entry.address);
  out.timestamp(2, entry.last_modified);
  out.number(3, entry.size);
  out.string(4, entry.etag);
  out.string_map(5, entry.metadata);
  out.number(6, static_cast<std::int64_t>(entry.address_type));
  out.string(7, entry.content_type);
  return std::move(out).finish();
}

namespace {

constexpr auto AddressTypeLast = static_cast<std::uint8_t>(model::AddressType::Full);

// Every field but the metadata, which `metadata` takes.
template <class TakeMetadata>
base::Result<EntryView> read_entry(std::string_view data, TakeMetadata metadata) {
  EntryView entry;
  WireReader in(data, "Entry");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        entry.address = in.string_view();
        break;
      case 2:
        entry.last_modified = in.timestamp();
        break;
      case 3:
        entry.size = in.signed_number();
        break;
      case 4:
        entry.etag = in.string_view();
        break;
      case 5:
        metadata(in, entry);
        break;
      case 6:
        entry.address_type = static_cast<model::AddressType>(in.enumeration(AddressTypeLast));
        break;
      case 7:
        entry.content_type = in.string_view();
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return entry;
}

}  // namespace

base::Result<EntryView> view_entry(std::string_view data) {
  return read_entry(data, [](WireReader&, EntryView& entry) { entry.has_metadata = true; });
}

base::Result<model::Entry> decode_entry(std::string_view data) {
  model::Entry entry;
  VARVE_TRY(const EntryView view, read_entry(data, [&entry](WireReader& in, EntryView&) {
              in.into_map(entry.metadata);
            }));
  entry.address = view.address;
  entry.last_modified = view.last_modified;
  entry.size = view.size;
  entry.etag = view.etag;
  entry.address_type = view.address_type;
  entry.content_type = view.content_type;
  return entry;
}

// RangeData {1: bytes min_key, 2: bytes max_key, 3: uint64 estimated_size, 4: int64 count}
base::Bytes encode_range_data(const model::RangeInfo& range) {
  WireWriter out;
  out.bytes(1, range.min_key);
  out.bytes(2, range.max_key);
  out.number(3, static_cast<std::int64_t>(range.estimated_size));
  out.number(4, range.count);
  return *std::move(out).finish();  // no strings, so nothing to refuse
}

base::Result<model::RangeInfo> decode_range_data(std::string_view data) {
  model::RangeInfo range;
  WireReader in(data, "RangeData");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        range.min_key = in.bytes();
        break;
      case 2:
        range.max_key = in.bytes();
        break;
      case 3:
        range.estimated_size = in.number();
        break;
      case 4:
        range.count = in.signed_number();
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return range;
}

// UploadData {1: upload_id, 2: path, 3: Timestamp creation_date, 4: physical_address,
//             5: map metadata, 6: content_type}
base::Result<base::Bytes> encode_multipart_upload(const MultipartUpload& upload) {
  WireWriter out;
  out.string(1, upload.upload_id.view());
  out.string(2, upload.path.view());
  out.timestamp(3, upload.creation_date);
  out.string(4, upload.physical_address);
  out.string_map(5, upload.metadata);
  out.string(6, upload.content_type);
  return std::move(out).finish();
}

base::Result<MultipartUpload> decode_multipart_upload(std::string_view bytes) {
  MultipartUpload upload;
  WireReader in(bytes, "UploadData");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        upload.upload_id = model::UploadId(in.string());
        break;
      case 2:
        upload.path = model::ObjectPath(in.string());
        break;
      case 3:
        upload.creation_date = in.timestamp();
        break;
      case 4:
        upload.physical_address = in.string();
        break;
      case 5:
        in.into_map(upload.metadata);
        break;
      case 6:
        upload.content_type = in.string();
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return upload;
}

}  // namespace varve::format
