// GetObject and HeadObject (reference 3.8, 3.9).

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "http/body.h"
#include "http/headers.h"
#include "http/message.h"
#include "model/limits.h"
#include "model/records.h"
#include "ports/object_types.h"
#include "s3/byte_range.h"
#include "s3/call.h"
#include "s3/checksum.h"
#include "s3/conditions.h"
#include "s3/errors.h"
#include "s3/exchange.h"
#include "s3/object_properties.h"
#include "s3/object_reply.h"

namespace varve::s3 {
namespace {

// Streams what a store gives.
class ReaderBody final : public http::BodySource {
 public:
  ReaderBody(std::unique_ptr<ports::ObjectReader> reader, std::int64_t size)
      : reader_(std::move(reader)), size_(static_cast<std::uint64_t>(size)) {}

  base::Task<base::Result<base::Bytes>> next() override {
    co_return co_await reader_->read(model::TransferBufferBytes);
  }
  std::optional<std::uint64_t> length() const override { return size_; }

 private:
  std::unique_ptr<ports::ObjectReader> reader_;
  std::uint64_t size_;
};

http::ResponseBody body_of(std::unique_ptr<ports::ObjectReader> reader, std::int64_t size) {
  if (const auto span = reader->file_span()) {
    http::FileBody file;
    file.descriptor = span->descriptor;
    file.offset = static_cast<std::uint64_t>(span->offset);
    file.length = static_cast<std::uint64_t>(span->size);
    file.owner = std::shared_ptr<void>(std::move(reader));
    return file;
  }
  return std::make_unique<ReaderBody>(std::move(reader), size);
}

void add_checksum(http::Headers& headers, const model::Entry& entry) {
  const auto stored = stored_checksum(entry.metadata);
  if (!stored) return;
  headers.add(header_of(stored->checksum.algorithm), stored->checksum.value);
  headers.add("x-amz-checksum-type", name_of(stored->type));
}

}  // namespace

base::Task<Outcome<ReadAnswer>> Exchange::read_object() {
  VARVE_CO_CHECK(check_version());
  VARVE_CO_CHECK(check_read_headers(request_.headers));
  ReadAnswer read;
  VARVE_CO_TRY(read.entry, co_await find_entry());
  http::Headers& headers = read.response.headers;
  const ReadConditions conditions = read_conditions(request_.headers);
  Outcome<void> wanted = check_read(conditions, read.entry.etag, read.entry.last_modified, now());
  if (!wanted) {
    co_return std::move(wanted)
        .error()
        .with_header("ETag", quoted_etag(read.entry.etag))
        .with_header("Last-Modified", base::format_http_date(read.entry.last_modified));
  }
  VARVE_CO_TRY(const Selection selection, select_bytes(request_.headers, query_, read.entry));
  read.span = selection.span;
  add_object_headers(headers, read.entry);
  if (selection.is_part) {
    read.response.status = 206;
    headers.add("Content-Range", content_range(selection.span, read.entry.size));
  } else if (http::equal_ignoring_case(header("x-amz-checksum-mode"), "ENABLED")) {
    // A client would compare it with the part it got.
    add_checksum(headers, read.entry);
  }
  if (selection.parts_count) {
    headers.add("x-amz-mp-parts-count", std::to_string(*selection.parts_count));
  }
  VARVE_CO_CHECK(override_headers(query_, headers));
  co_return read;
}

Reply Exchange::get_object() {
  VARVE_CO_TRY(ReadAnswer read, co_await read_object());
  const std::int64_t size = read.span.count;
  const ports::ByteRange range{read.span.first, size};
  VARVE_CO_TRY(auto reader,
               from_engine(Asked::Read, co_await with_.engine.uploads().open(
                                            context_, repository_, std::move(read.entry), range)));
  http::Headers& headers = read.response.headers;
  // Objects are anybody's content on the server's own origin: browsers must not run them.
  headers.add("X-Content-Type-Options", "nosniff");
  headers.add("X-Frame-Options", "SAMEORIGIN");
  headers.add("Content-Security-Policy", "default-src 'none'");
  if (size > 0) read.response.body = body_of(std::move(reader), size);
  co_return std::move(read.response);
}

Reply Exchange::head_object() {
  VARVE_CO_TRY(ReadAnswer read, co_await read_object());
  read.response.headers.add("Content-Length", std::to_string(read.span.count));
  co_return std::move(read.response);
}

}  // namespace varve::s3
