// CopyObject: PUT with x-amz-copy-source (reference 3.10). Within a repository nothing is copied:
// two entries share the bytes, which never change.  [I-1]

#include <memory>
#include <optional>
#include <utility>

#include "base/result.h"
#include "base/task.h"
#include "engine/uploads/uploads.h"
#include "http/headers.h"
#include "model/records.h"
#include "ports/object_types.h"
#include "s3/call.h"
#include "s3/checksum.h"
#include "s3/errors.h"
#include "s3/exchange.h"
#include "s3/object_properties.h"
#include "s3/payload.h"
#include "s3/xml_writer.h"

namespace varve::s3 {
namespace {

// The algorithm the copy's checksum is asked in.
Outcome<std::optional<ChecksumAlgorithm>> wanted_checksum(const http::Headers& headers) {
  const auto name = headers.get_or_empty("x-amz-checksum-algorithm");
  if (name.empty()) return std::optional<ChecksumAlgorithm>();
  const auto algorithm = checksum_algorithm(name);
  if (algorithm) return algorithm;
  return Error(Code::InvalidRequest, "Checksum algorithm provided is unsupported.");
}

}  // namespace

Reply Exchange::copy_object() {
  VARVE_CO_TRY(Target target, co_await write_target());
  VARVE_CO_CHECK(check_write_headers(request_.headers));
  VARVE_CO_TRY(Source source, co_await copy_source());
  VARVE_CO_TRY(model::Entry entry, describe_copy(source));
  VARVE_CO_TRY(const auto algorithm, wanted_checksum(request_.headers));
  const auto kept = stored_checksum(source.entry.metadata);
  const bool needs_bytes = algorithm && (!kept || kept->checksum.algorithm != *algorithm);
  if (source.repository->id == repository_->id && !needs_bytes) {
    VARVE_CO_CHECK(co_await probe_data(source));
    entry.last_modified = now();
  } else {
    VARVE_CO_TRY(entry, co_await copy_bytes(std::move(source), std::move(entry), algorithm));
  }
  XmlWriter xml;
  xml.open_root("CopyObjectResult");
  xml.element("LastModified", entry.last_modified);
  xml.quoted("ETag", entry.etag);
  for (const auto& [name, value] : checksum_elements(stored_checksum(entry.metadata))) {
    xml.element(name, std::string_view(value));
  }
  xml.close("CopyObjectResult");
  VARVE_CO_CHECK(co_await stage(std::move(target), std::move(entry)));
  co_return xml_response(xml.take());
}

// The entry of the copy: the source's bytes, and metadata from the source or from the request.
Outcome<model::Entry> Exchange::describe_copy(const Source& source) const {
  const auto directive = header("x-amz-metadata-directive");
  const bool is_replaced = directive == "REPLACE";
  if (!directive.empty() && !is_replaced && directive != "COPY") {
    return invalid_argument("x-amz-metadata-directive", std::string(directive),
                            "Unknown metadata directive.");
  }
  const bool has_class = !header("x-amz-storage-class").empty();
  const bool is_itself = source.name.repository == address_.repository &&
                         source.name.ref == address_.ref && source.name.path == address_.path;
  if (is_itself && !is_replaced && !has_class) {
    return Error(Code::InvalidRequest,
                 "This copy request is illegal because it is trying to copy an object to itself "
                 "without changing the object's metadata, storage class, website redirect location "
                 "or encryption attributes.");
  }
  model::Entry entry = source.entry;
  if (is_replaced) {
    VARVE_TRY(entry.metadata, requested_metadata());
    entry.metadata.merge(data_properties(source.entry.metadata));
    entry.content_type = requested_content_type();
  } else {
    erase_storage_class(entry.metadata);
    if (entry.content_type.empty()) entry.content_type = "application/octet-stream";
  }
  VARVE_CHECK(read_storage_class(request_.headers, entry.metadata));
  return entry;
}

// Even a shared copy must not name bytes that are gone.
base::Task<Outcome<void>> Exchange::probe_data(Source source) {
  if (source.entry.size == 0) co_return Outcome<void>();
  const ports::ByteRange first{0, 1};
  VARVE_CO_CHECK(from_engine(Asked::CopySource, co_await with_.engine.uploads().open(
                                                    context_, std::move(source.repository),
                                                    std::move(source.entry), first)));
  co_return Outcome<void>();
}

base::Task<Outcome<model::Entry>> Exchange::copy_bytes(Source source, model::Entry entry,
                                                       std::optional<ChecksumAlgorithm> algorithm) {
  auto verdict = std::make_shared<BodyVerdict>();
  engine::Uploaded uploaded;
  if (algorithm) {
    const ports::ByteRange all;
    VARVE_CO_TRY(auto body, co_await open_copy(std::move(source), all, algorithm, verdict));
    VARVE_CO_TRY(uploaded,
                 from_engine(Asked::CopySource, co_await with_.engine.uploads().upload(
                                                    context_, repository_, std::move(body))));
  } else {
    VARVE_CO_TRY(uploaded,
                 from_engine(Asked::CopySource, co_await with_.engine.uploads().copy(
                                                    context_, std::move(source.repository),
                                                    std::move(source.entry), repository_)));
  }
  if (verdict->checksum) {
    set_checksum(entry.metadata, StoredChecksum{*verdict->checksum, ChecksumType::FullObject});
  }
  entry.address = std::move(uploaded.address);
  entry.address_type = model::AddressType::Relative;
  entry.size = uploaded.size;
  // Written in one piece, the copy of a multipart object has another ETag and no parts.
  if (entry.etag != uploaded.etag) erase_parts(entry.metadata);
  entry.etag = std::move(uploaded.etag);
  entry.last_modified = uploaded.last_modified;
  co_return entry;
}

}  // namespace varve::s3
