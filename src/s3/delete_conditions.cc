#include "s3/delete_conditions.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/number.h"
#include "base/result.h"
#include "base/time.h"
#include "http/headers.h"
#include "model/records.h"
#include "s3/conditions.h"
#include "s3/errors.h"
#include "s3/xml_reader.h"

namespace varve::s3 {
namespace {

Outcome<std::optional<std::int64_t>> parse_size(std::string_view name, std::string_view text) {
  const auto value = base::parse_number<std::int64_t>(text);
  if (!value) return invalid_argument(name, std::string(text), "The size must be a whole number.");
  return value;
}

Outcome<std::optional<base::Timestamp>> parse_time(std::string_view name, std::string_view text) {
  auto time = base::parse_http_date(text);
  if (!time) time = base::parse_rfc3339(text);
  if (!time) return invalid_argument(name, std::string(text), "The time cannot be read.");
  return time;
}

Error failed(std::string_view condition) {
  return Error(Code::PreconditionFailed).with("Condition", std::string(condition));
}

}  // namespace

Outcome<DeleteConditions> delete_conditions(const http::Headers& headers) {
  DeleteConditions out;
  const auto etag = headers.get_or_empty("If-Match");
  if (!etag.empty()) out.etag = etag;
  if (const auto size = headers.get("x-amz-if-match-size")) {
    VARVE_TRY(out.size, parse_size("x-amz-if-match-size", *size));
  }
  if (const auto time = headers.get("x-amz-if-match-last-modified-time")) {
    VARVE_TRY(out.last_modified, parse_time("x-amz-if-match-last-modified-time", *time));
  }
  return out;
}

Outcome<DeleteConditions> delete_conditions(const DeleteTarget& target) {
  DeleteConditions out;
  if (target.etag && !target.etag->empty()) out.etag = target.etag;
  if (target.size) {
    VARVE_TRY(out.size, parse_size("Size", *target.size));
  }
  if (target.last_modified) {
    VARVE_TRY(out.last_modified, parse_time("LastModifiedTime", *target.last_modified));
  }
  return out;
}

Outcome<void> check_delete(const DeleteConditions& conditions, const model::Entry& entry) {
  if (conditions.etag && !etag_list_matches(*conditions.etag, entry.etag)) {
    return failed("If-Match");
  }
  if (conditions.size && *conditions.size != entry.size) return failed("x-amz-if-match-size");
  if (conditions.last_modified &&
      conditions.last_modified->seconds != entry.last_modified.seconds) {
    return failed("x-amz-if-match-last-modified-time");
  }
  return {};
}

}  // namespace varve::s3
