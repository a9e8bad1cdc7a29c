// ListParts: GET /bucket/ref/path?uploadId=U (reference 3.15).

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "engine/uploads/uploads.h"
#include "model/limits.h"
#include "ports/object_types.h"
#include "s3/call.h"
#include "s3/checksum.h"
#include "s3/errors.h"
#include "s3/exchange.h"
#include "s3/listing.h"
#include "s3/object_properties.h"
#include "s3/xml_writer.h"

namespace varve::s3 {
namespace {

void render_person(XmlWriter& xml, std::string_view element, std::string_view name) {
  xml.open(element);
  xml.element("DisplayName", name);
  xml.element("ID", name);
  xml.close(element);
}

}  // namespace

Reply Exchange::list_parts() {
  VARVE_CO_TRY(const std::int64_t limit, read_count(query_, "max-parts", model::PageMax, 0));
  std::int64_t after = 0;
  if (!parameter("part-number-marker").empty()) {
    VARVE_CO_TRY(after, read_count(query_, "part-number-marker", model::PartNumberMax, 0));
  }
  VARVE_CO_TRY(const engine::MultipartUpload upload, co_await find_upload());
  VARVE_CO_TRY(const auto notes, from_engine(Asked::Upload, co_await with_.ledger.part_notes(
                                                                context_, upload.id.str())));
  VARVE_CO_TRY(auto parts, from_engine(Asked::Upload,
                                       co_await with_.engine.uploads().list_parts(
                                           context_, repository_, upload, static_cast<int>(after),
                                           static_cast<std::size_t>(limit) + 1)));
  const bool is_truncated = parts.size() > static_cast<std::size_t>(limit);
  if (is_truncated) parts.resize(static_cast<std::size_t>(limit));
  XmlWriter xml;
  xml.open_root("ListPartsResult");
  xml.element("Bucket", std::string_view(address_.repository));
  xml.element("IsTruncated", is_truncated && limit > 0);
  xml.element("Key", std::string_view(address_.key()));
  xml.element("UploadId", upload.id.view());
  xml.element("MaxParts", limit);
  xml.element("PartNumberMarker", after);
  xml.element("NextPartNumberMarker",
              parts.empty() ? after : static_cast<std::int64_t>(parts.back().number));
  render_person(xml, "Initiator", user_->name);
  render_person(xml, "Owner", user_->name);
  xml.element("StorageClass", storage_class(upload.metadata));
  if (const auto declared = upload_note(upload.metadata).checksum) {
    xml.element("ChecksumAlgorithm", name_of(declared->algorithm));
    xml.element("ChecksumType", name_of(declared->type));
  }
  for (const ports::PartInfo& part : parts) {
    xml.open("Part");
    xml.element("PartNumber", static_cast<std::int64_t>(part.number));
    xml.quoted("ETag", part.etag);
    xml.element("LastModified", part.last_modified);
    xml.element("Size", part.size);
    const auto note = notes.find(part.number);
    if (note != notes.end() && note->second.etag == part.etag) {
      if (const auto algorithm = checksum_algorithm(note->second.algorithm)) {
        xml.element(element_of(*algorithm),
                    std::string_view(base::base64_encode(note->second.digest)));
      }
    }
    xml.close("Part");
  }
  xml.close("ListPartsResult");
  co_return xml_response(xml.take());
}

}  // namespace varve::s3
