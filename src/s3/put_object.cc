// PutObject: PUT /bucket/branch/path (reference 3.7), and the PUT of a branch's root that file
// system layers send for a directory (1.3).

#include <memory>
#include <utility>

#include "base/result.h"
#include "engine/uploads/uploads.h"
#include "http/message.h"
#include "model/ids.h"
#include "model/records.h"
#include "s3/call.h"
#include "s3/checksum.h"
#include "s3/errors.h"
#include "s3/exchange.h"
#include "s3/object_properties.h"
#include "s3/payload.h"

namespace varve::s3 {

Reply Exchange::put_object() {
  VARVE_CO_TRY(Target target, co_await write_target());
  VARVE_CO_CHECK(check_write_headers(request_.headers));
  VARVE_CO_TRY(model::Metadata metadata, requested_metadata());
  VARVE_CO_CHECK(read_storage_class(request_.headers, metadata));
  VARVE_CO_TRY(BodyPlan plan,
               plan_body_of(with_.options.put_bytes_max, ChecksumHeaders::AboutBody));

  auto verdict = std::make_shared<BodyVerdict>();
  std::unique_ptr<engine::ByteSource> body = std::make_unique<VerifiedBody>(
      std::move(request_.body), std::move(plan), with_.options.put_bytes_max, verdict);
  auto uploaded = co_await with_.engine.uploads().upload(context_, repository_, std::move(body));
  if (!uploaded) {
    if (verdict->failure) co_return *verdict->failure;
    co_return translate(Asked::Write, uploaded.error());
  }
  if (verdict->checksum) {
    set_checksum(metadata, StoredChecksum{*verdict->checksum, ChecksumType::FullObject});
  }
  http::Response response(200);
  response.headers.add("ETag", quoted_etag(uploaded->etag));
  model::Entry entry;
  entry.address = std::move(uploaded->address);
  entry.last_modified = uploaded->last_modified;
  entry.size = uploaded->size;
  entry.etag = std::move(uploaded->etag);
  entry.metadata = std::move(metadata);
  entry.content_type = requested_content_type();
  VARVE_CO_CHECK(co_await stage(std::move(target), std::move(entry)));
  if (verdict->checksum) {
    response.headers.add(header_of(verdict->checksum->algorithm), verdict->checksum->value);
    response.headers.add("x-amz-checksum-type", name_of(ChecksumType::FullObject));
  }
  co_return response;
}

// Nothing to a branch's root is no change; something is not a key.
Reply Exchange::put_ref() {
  const bool is_copy = !header("x-amz-copy-source").empty();
  if (repository_->read_only) co_return Error(Code::ReadOnlyRepository);
  VARVE_CO_TRY(BodyPlan plan,
               plan_body_of(with_.options.put_bytes_max, ChecksumHeaders::AboutBody));
  if (is_copy || plan.size.value_or(1) != 0) {
    co_return Error(Code::InvalidArgument, "a key must look like ref/path");
  }
  auto branch = model::parse_branch_id(address_.ref);
  if (!branch) {
    co_return Error(Code::InvalidArgument, "'" + address_.ref + "' is not a branch");
  }
  const auto found =
      co_await with_.engine.refs().get_branch(context_, repository_, *std::move(branch));
  if (!found) co_return translate(Asked::Write, found.error());
  VARVE_CO_CHECK(
      co_await read_verified(std::move(request_.body), std::move(plan), 1, Code::InvalidArgument));
  http::Response response(200);
  response.headers.add("ETag", "\"d41d8cd98f00b204e9800998ecf8427e\"");
  co_return response;
}

}  // namespace varve::s3
