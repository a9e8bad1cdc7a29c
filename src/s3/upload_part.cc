// UploadPart and UploadPartCopy (reference 3.13, 3.14).

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "engine/uploads/uploads.h"
#include "http/message.h"
#include "ports/object_types.h"
#include "s3/byte_range.h"
#include "s3/call.h"
#include "s3/checksum.h"
#include "s3/errors.h"
#include "s3/exchange.h"
#include "s3/object_properties.h"
#include "s3/payload.h"
#include "s3/xml_writer.h"

namespace varve::s3 {
namespace {

// A part is checked with the algorithm the upload declared; one that came without a checksum gets
// it computed, so that the whole can have one.
Outcome<void> agree_on_checksum(const UploadNote& note, BodyPlan& plan) {
  if (!note.checksum) return {};
  if (!plan.checksum) {
    plan.checksum = ExpectedChecksum{note.checksum->algorithm, std::nullopt, false};
    return {};
  }
  if (plan.checksum->algorithm == note.checksum->algorithm) return {};
  return Error(Code::InvalidRequest,
               "Checksum Type mismatch occurred, expected checksum Type: " +
                   std::string(name_of(note.checksum->algorithm)) +
                   ", actual checksum Type: " + std::string(name_of(plan.checksum->algorithm)));
}

}  // namespace

Reply Exchange::upload_part() {
  VARVE_CO_CHECK(co_await plain_target());
  VARVE_CO_TRY(const int number, part_number());
  VARVE_CO_CHECK(check_write_headers(request_.headers));
  VARVE_CO_TRY(engine::MultipartUpload upload, co_await find_upload());
  VARVE_CO_TRY(BodyPlan plan,
               plan_body_of(with_.options.put_bytes_max, ChecksumHeaders::AboutBody));
  VARVE_CO_CHECK(agree_on_checksum(upload_note(upload.metadata), plan));
  auto verdict = std::make_shared<BodyVerdict>();
  std::unique_ptr<engine::ByteSource> body = std::make_unique<VerifiedBody>(
      std::move(request_.body), std::move(plan), with_.options.put_bytes_max, verdict);
  VARVE_CO_TRY(const StoredPart stored,
               co_await store_part(std::move(upload), number, std::move(body), verdict));
  http::Response response(200);
  response.headers.add("ETag", quoted_etag(stored.part.etag));
  if (stored.checksum) {
    response.headers.add(header_of(stored.checksum->algorithm), stored.checksum->value);
  }
  co_return response;
}

Reply Exchange::upload_part_copy() {
  VARVE_CO_CHECK(co_await plain_target());
  VARVE_CO_TRY(const int number, part_number());
  VARVE_CO_CHECK(check_write_headers(request_.headers));
  VARVE_CO_TRY(engine::MultipartUpload upload, co_await find_upload());
  VARVE_CO_TRY(Source source, co_await copy_source());
  ports::ByteRange range{0, source.entry.size};
  const auto text = header("x-amz-copy-source-range");
  if (!text.empty()) {
    const auto span = parse_copy_range(text, source.entry.size);
    if (!span) {
      co_return invalid_argument("x-amz-copy-source-range", std::string(text),
                                 "The x-amz-copy-source-range value must be of the form "
                                 "bytes=first-last where first and last are the zero-based offsets "
                                 "of the first and last bytes to copy");
    }
    range = ports::ByteRange{span->first, span->count};
  }
  if (range.count > with_.options.put_bytes_max) co_return Error(Code::EntityTooLarge);
  const UploadNote note = upload_note(upload.metadata);
  const auto algorithm = note.checksum ? std::optional(note.checksum->algorithm) : std::nullopt;
  auto verdict = std::make_shared<BodyVerdict>();
  VARVE_CO_TRY(auto body, co_await open_copy(std::move(source), range, algorithm, verdict));
  VARVE_CO_TRY(const StoredPart stored,
               co_await store_part(std::move(upload), number, std::move(body), verdict));
  XmlWriter xml;
  xml.open_root("CopyPartResult");
  xml.element("LastModified", stored.part.last_modified);
  xml.quoted("ETag", stored.part.etag);
  if (stored.checksum) {
    xml.element(element_of(stored.checksum->algorithm), std::string_view(stored.checksum->value));
  }
  xml.close("CopyPartResult");
  co_return xml_response(xml.take());
}

}  // namespace varve::s3
