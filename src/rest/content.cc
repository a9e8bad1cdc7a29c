// The bytes of objects: getObject and headObject. rest-semantics.md 16.4, 16.5.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "engine/engine.h"
#include "engine/uploads/uploads.h"
#include "http/body.h"
#include "http/headers.h"
#include "http/message.h"
#include "model/limits.h"
#include "model/records.h"
#include "ports/object_types.h"
#include "rest/call.h"
#include "rest/errors.h"
#include "rest/handlers.h"
#include "rest/object_access.h"
#include "rest/range.h"
#include "rest/response.h"
#include "rest/rows.h"

namespace varve::rest {
namespace {

constexpr std::string_view UnsatisfiableText = "Requested Range Not Satisfiable";

// Types a browser may show on its own; whatever else is saved, so that nothing runs by surprise.
bool is_inline(std::string_view content_type) {
  constexpr std::string_view Types[] = {
      "image/jpeg",      "image/jpg",        "image/png",
      "image/gif",       "image/webp",       "image/svg+xml",
      "application/pdf", "text/plain",       "text/markdown",
      "text/x-markdown", "text/html",        "text/css",
      "text/javascript", "application/json", "application/javascript",
      "application/xml", "text/xml",         "video/mp4",
      "video/webm",      "audio/mpeg",       "audio/wav",
      "audio/webm",
  };
  return std::find(std::begin(Types), std::end(Types), content_type) != std::end(Types);
}

std::string quoted(std::string_view etag) { return '"' + std::string(etag) + '"'; }

void add_object_headers(http::Headers& headers, const model::Entry& entry) {
  headers.add("ETag", quoted(entry.etag));
  headers.add("Last-Modified", base::format_http_date(entry.last_modified));
  headers.add("Cache-Control", "no-store, must-revalidate");
  headers.add("Expires", "0");
}

// getObject's, which errors that come after them keep.
void add_content_headers(http::Headers& headers, const model::Entry& entry) {
  add_object_headers(headers, entry);
  const bool shown = is_inline(content_type_of(entry));
  headers.add("Content-Disposition", shown ? "inline" : "attachment");
  headers.add("X-Frame-Options", "SAMEORIGIN");
  headers.add("Content-Security-Policy", "default-src 'none'");
}

http::Response refused(const model::Entry& entry, int status, std::string_view message) {
  http::Response response = error_response(status, message);
  add_content_headers(response.headers, entry);
  return response;
}

// An object being read, as the body of a response.
class ReaderBody final : public http::BodySource {
 public:
  ReaderBody(std::unique_ptr<ports::ObjectReader> reader, std::uint64_t length)
      : reader_(std::move(reader)), length_(length) {}

  base::Task<base::Result<base::Bytes>> next() override {
    return reader_->read(model::TransferBufferBytes);
  }
  std::optional<std::uint64_t> length() const override { return length_; }

 private:
  std::unique_ptr<ports::ObjectReader> reader_;
  const std::uint64_t length_;
};

}  // namespace

http::ResponseBody body_of_reader(std::unique_ptr<ports::ObjectReader> reader, std::int64_t size) {
  const auto length = static_cast<std::uint64_t>(size);
  const auto span = reader->file_span();
  if (!span) return std::make_unique<ReaderBody>(std::move(reader), length);
  http::FileBody file;
  file.descriptor = span->descriptor;
  file.offset = static_cast<std::uint64_t>(span->offset);
  file.length = static_cast<std::uint64_t>(span->size);
  file.owner = std::shared_ptr<ports::ObjectReader>(std::move(reader));
  return file;
}

base::Task<Answer> get_object(CallPtr call) {
  VARVE_CO_TRY(const FoundEntry found, co_await find_entry(call.get()));
  const model::Entry& entry = found.entry;
  if (call->argument("If-None-Match") == quoted(entry.etag)) co_return empty_response(304);
  if (call->arguments.flag("presign")) co_return presign_not_supported(*call);
  const RangeAnswer range = parse_range(call->argument("Range"), entry.size);
  if (range.kind == RangeAnswer::Kind::Unacceptable ||
      range.kind == RangeAnswer::Kind::OutOfBounds) {
    http::Response response = refused(entry, 416, UnsatisfiableText);
    if (range.kind == RangeAnswer::Kind::OutOfBounds) {
      response.headers.add("Content-Range", content_range(range, entry.size));
    }
    co_return response;
  }
  const bool is_part = range.kind == RangeAnswer::Kind::Part;
  // Of a whole object, as many bytes as its entry says: an entry may stand for the beginning of
  // what lies in the store.
  ports::ByteRange wanted{.first = 0, .count = entry.size};
  if (is_part) wanted = {.first = range.first, .count = range.count};
  auto opened =
      co_await call->engine().uploads().open(call->context(), found.repository, entry, wanted);
  if (!opened) co_return refused(entry, status_of(opened.error()), message_of(opened.error()));
  http::Response response(is_part ? 206 : 200);
  add_content_headers(response.headers, entry);
  response.headers.add("Content-Type", content_type_of(entry));
  response.headers.add("X-Content-Type-Options", "nosniff");
  if (is_part) response.headers.add("Content-Range", content_range(range, entry.size));
  // The store may have less than the entry says; that is then all there is to send.
  const std::int64_t length = std::min(wanted.count, (*opened)->info().size - wanted.first);
  response.body = body_of_reader(*std::move(opened), length);
  co_return response;
}

// Asks the store nothing: all that is told is in the entry.
base::Task<Answer> head_object(CallPtr call) {
  VARVE_CO_TRY(const FoundEntry found, co_await find_entry(call.get()));
  const model::Entry& entry = found.entry;
  const RangeAnswer range = parse_range(call->argument("Range"), entry.size);
  http::Response response(200);
  add_object_headers(response.headers, entry);
  response.headers.add("Accept-Ranges", "bytes");
  response.headers.add("Content-Type", content_type_of(entry));
  switch (range.kind) {
    case RangeAnswer::Kind::Whole:
      response.headers.add("Content-Length", std::to_string(entry.size));
      break;
    case RangeAnswer::Kind::Part:
      response.status = 206;
      response.headers.add("Content-Range", content_range(range, entry.size));
      response.headers.add("Content-Length", std::to_string(range.count));
      break;
    case RangeAnswer::Kind::OutOfBounds:
    case RangeAnswer::Kind::Unacceptable:
      response.status = 416;
      break;
  }
  co_return response;
}

}  // namespace varve::rest
