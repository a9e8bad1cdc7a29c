// CompleteMultipartUpload: POST /bucket/branch/path?uploadId=U (reference 3.16).

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/uploads/uploads.h"
#include "format/s3_uploads.h"
#include "http/headers.h"
#include "http/message.h"
#include "model/records.h"
#include "s3/call.h"
#include "s3/checksum.h"
#include "s3/errors.h"
#include "s3/exchange.h"
#include "s3/object_properties.h"
#include "s3/part_list.h"
#include "s3/payload.h"
#include "s3/xml_reader.h"
#include "s3/xml_writer.h"

namespace varve::s3 {
namespace {

// x-amz-mp-object-size, x-amz-checksum-type and x-amz-checksum-<algorithm>: what the client holds
// the whole object to be.
Outcome<void> check_claims(const http::Headers& headers, const PartList& list,
                           const UploadNote& upload, const std::optional<StoredChecksum>& whole) {
  const auto size = headers.get_or_empty("x-amz-mp-object-size");
  if (!size.empty() && size != std::to_string(list.size)) {
    return Error(Code::InvalidRequest,
                 "The provided 'x-amz-mp-object-size' header does not match "
                 "what was computed.");
  }
  const auto type = headers.get_or_empty("x-amz-checksum-type");
  const auto declared = upload.checksum ? std::optional(upload.checksum->type)
                        : whole         ? std::optional(whole->type)
                                        : std::nullopt;
  if (!type.empty() && declared && checksum_type(type) != declared) {
    return Error(Code::InvalidRequest,
                 "The upload was created using the " + std::string(name_of(*declared)) +
                     " checksum mode. The complete request must use the same checksum mode.");
  }
  if (!whole) return {};
  const auto claimed = headers.get_or_empty(header_of(whole->checksum.algorithm));
  if (claimed.empty()) return {};
  // A composite value may come with or without its count.
  const std::string_view value = whole->checksum.value;
  if (claimed != value && claimed != value.substr(0, value.find('-'))) {
    return Error(Code::BadDigest, "The " + std::string(name_of(whole->checksum.algorithm)) +
                                      " you specified did not match the calculated checksum.");
  }
  return {};
}

}  // namespace

Reply Exchange::complete_upload() {
  VARVE_CO_TRY(Target target, parse_target());
  // Checksum headers are about the object that is to be, not about this document.
  VARVE_CO_TRY(base::Bytes xml, co_await read_document(ChecksumHeaders::AboutObject));
  VARVE_CO_TRY(std::vector<ListedPart> listed, read_complete_request(std::move(xml)));
  Outcome<engine::MultipartUpload> upload = co_await find_upload();
  if (!upload) {
    if (upload.error().code() != Code::NoSuchUpload) co_return std::move(upload).error();
    Outcome<http::Response> repeated = co_await repeat_completed(listed);
    if (repeated) co_return repeated;
    co_return std::move(upload).error();
  }
  VARVE_CO_TRY(target, co_await write_target());
  Outcome<model::Entry> entry = co_await assemble(*upload, listed);
  if (!entry) {
    if (entry.error().code() != Code::NoSuchUpload) co_return std::move(entry).error();
    // An earlier request got as far as removing the parts.
    Outcome<http::Response> repeated = co_await repeat_completed(std::move(listed));
    if (repeated) (void)co_await end_upload(*std::move(upload));
    co_return repeated;
  }
  const std::string etag = entry->etag;
  const auto stored = stored_checksum(entry->metadata);
  VARVE_CO_CHECK(co_await stage(std::move(target), *std::move(entry)));
  // What is staged is done: an upload that could not be tidied away is listed and can be aborted.
  (void)co_await remember_completed(*std::move(upload), std::move(listed), etag, stored);
  co_return xml_response(render_completed(etag, stored));
}

base::Task<Outcome<model::Entry>> Exchange::assemble(engine::MultipartUpload upload,
                                                     std::vector<ListedPart> listed) {
  VARVE_CO_TRY(const auto uploaded, co_await all_parts(upload));
  VARVE_CO_TRY(PartList list, match_parts(listed, uploaded));
  VARVE_CO_TRY(const auto notes, from_engine(Asked::Upload, co_await with_.ledger.part_notes(
                                                                context_, upload.id.str())));
  const UploadNote note = upload_note(upload.metadata);
  VARVE_CO_TRY(const auto whole, whole_checksum(listed, list, notes, note));
  VARVE_CO_CHECK(check_claims(request_.headers, list, note, whole));
  model::Entry entry;
  entry.metadata = upload.metadata;
  entry.content_type = upload.content_type;
  erase_upload_note(entry.metadata);
  set_part_sizes(entry.metadata, list.sizes);
  if (whole) set_checksum(entry.metadata, *whole);
  VARVE_CO_TRY(engine::Uploaded object,
               from_engine(Asked::Upload,
                           co_await with_.engine.uploads().complete_multipart(
                               context_, repository_, std::move(upload), std::move(list.parts))));
  entry.address = std::move(object.address);
  entry.last_modified = object.last_modified;
  entry.size = object.size;
  entry.etag = std::move(object.etag);
  co_return entry;
}

base::Task<Outcome<void>> Exchange::remember_completed(engine::MultipartUpload upload,
                                                       std::vector<ListedPart> listed,
                                                       std::string etag,
                                                       std::optional<StoredChecksum> stored) {
  const std::string id = upload.id.str();
  format::S3Completed completed;
  completed.repository = repository_->partition();
  completed.key = address_.key();
  completed.parts_hash = hash_of_list(listed);
  completed.etag = std::move(etag);
  completed.completed_at = now();
  if (stored) completed.checksum = to_text(*stored);
  // First the record, then the parts, then the upload: a client that repeats its request at any
  // moment finds either the parts or the record.
  VARVE_CO_CHECK(from_engine(
      Asked::Upload, co_await with_.ledger.note_completed(context_, id, std::move(completed))));
  co_return co_await end_upload(std::move(upload));
}

// The answer of a completed upload again, if this asks for the same.
Reply Exchange::repeat_completed(std::vector<ListedPart> listed) {
  VARVE_CO_TRY(const auto completed,
               from_engine(Asked::Upload, co_await with_.ledger.completed(
                                              context_, std::string(parameter("uploadId")))));
  const bool is_same = completed && completed->repository == repository_->partition() &&
                       completed->key == address_.key() &&
                       completed->parts_hash == hash_of_list(listed);
  if (!is_same) co_return Error(Code::NoSuchUpload);
  co_return xml_response(
      render_completed(completed->etag, parse_stored_checksum(completed->checksum)));
}

base::Bytes Exchange::render_completed(std::string_view etag,
                                       const std::optional<StoredChecksum>& stored) const {
  std::string location(request_.is_tls ? "https://" : "http://");
  location.append(request_.host).append("/");
  if (!address_.is_virtual_host) location.append(address_.repository).append("/");
  location.append(address_.key());
  XmlWriter xml;
  xml.open_root("CompleteMultipartUploadResult");
  xml.element("Location", std::string_view(location));
  xml.element("Bucket", std::string_view(address_.repository));
  xml.element("Key", std::string_view(address_.key()));
  xml.quoted("ETag", etag);
  for (const auto& [name, value] : checksum_elements(stored)) {
    xml.element(name, std::string_view(value));
  }
  xml.close("CompleteMultipartUploadResult");
  return xml.take();
}

}  // namespace varve::s3
