// CreateMultipartUpload: POST /bucket/branch/path?uploads (reference 3.15).

#include <utility>

#include "base/result.h"
#include "engine/uploads/uploads.h"
#include "http/message.h"
#include "model/records.h"
#include "s3/call.h"
#include "s3/checksum.h"
#include "s3/errors.h"
#include "s3/exchange.h"
#include "s3/object_properties.h"
#include "s3/xml_writer.h"

namespace varve::s3 {

Reply Exchange::create_upload() {
  VARVE_CO_TRY(Target target, co_await plain_target());
  VARVE_CO_CHECK(check_write_headers(request_.headers));
  VARVE_CO_TRY(model::Metadata metadata, requested_metadata());
  VARVE_CO_CHECK(read_storage_class(request_.headers, metadata));
  UploadNote note;
  note.ref = address_.ref;
  VARVE_CO_TRY(note.checksum, declared_checksum(request_.headers));
  set_upload_note(metadata, note);
  VARVE_CO_TRY(const engine::MultipartUpload upload,
               from_engine(Asked::Upload, co_await with_.engine.uploads().create_multipart(
                                              context_, repository_, std::move(target.path),
                                              std::move(metadata), requested_content_type())));
  XmlWriter xml;
  xml.open_root("InitiateMultipartUploadResult");
  xml.element("Bucket", std::string_view(address_.repository));
  xml.element("Key", std::string_view(address_.key()));
  xml.element("UploadId", upload.id.view());
  xml.close("InitiateMultipartUploadResult");
  http::Response response = xml_response(xml.take());
  if (note.checksum) {
    response.headers.add("x-amz-checksum-algorithm", name_of(note.checksum->algorithm));
    response.headers.add("x-amz-checksum-type", name_of(note.checksum->type));
  }
  co_return response;
}

}  // namespace varve::s3
