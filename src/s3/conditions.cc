#include "s3/conditions.h"

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "engine/objects/objects.h"
#include "http/headers.h"
#include "s3/errors.h"

namespace varve::s3 {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::optional<base::Timestamp> usable_date(std::string_view text, base::Timestamp now) {
  if (text.empty()) return std::nullopt;
  const auto time = base::parse_http_date(text);
  if (!time || time->seconds > now.seconds) return std::nullopt;
  return time;
}

Error failed(std::string_view header) {
  return Error(Code::PreconditionFailed).with("Condition", std::string(header));
}

}  // namespace

std::string_view bare_etag(std::string_view text) {
  text = trim(text);
  if (text.starts_with("W/")) text.remove_prefix(2);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  return text;
}

bool etag_list_matches(std::string_view list, std::string_view etag) {
  for (;;) {
    const auto comma = list.find(',');
    const auto one = bare_etag(list.substr(0, comma));
    if (one == "*" || one == etag) return true;
    if (comma == std::string_view::npos) return false;
    list = list.substr(comma + 1);
  }
}

ReadConditions read_conditions(const http::Headers& headers) {
  return {headers.get_or_empty("If-Match"), headers.get_or_empty("If-None-Match"),
          headers.get_or_empty("If-Modified-Since"), headers.get_or_empty("If-Unmodified-Since")};
}

ReadConditions copy_source_conditions(const http::Headers& headers) {
  return {headers.get_or_empty("x-amz-copy-source-if-match"),
          headers.get_or_empty("x-amz-copy-source-if-none-match"),
          headers.get_or_empty("x-amz-copy-source-if-modified-since"),
          headers.get_or_empty("x-amz-copy-source-if-unmodified-since")};
}

Outcome<void> check_read(const ReadConditions& conditions, std::string_view etag,
                         base::Timestamp last_modified, base::Timestamp now) {
  if (!conditions.if_match.empty()) {
    if (!etag_list_matches(conditions.if_match, etag)) return failed("If-Match");
  } else if (const auto since = usable_date(conditions.if_unmodified_since, now)) {
    if (last_modified.seconds > since->seconds) return failed("If-Unmodified-Since");
  }
  if (!conditions.if_none_match.empty()) {
    if (etag_list_matches(conditions.if_none_match, etag)) return Error(Code::NotModified);
  } else if (const auto since = usable_date(conditions.if_modified_since, now)) {
    if (last_modified.seconds <= since->seconds) return Error(Code::NotModified);
  }
  return {};
}

Outcome<void> check_copy_source(const ReadConditions& conditions, std::string_view etag,
                                base::Timestamp last_modified, base::Timestamp now) {
  auto outcome = check_read(conditions, etag, last_modified, now);
  if (!outcome && outcome.error().code() == Code::NotModified) {
    return failed(conditions.if_none_match.empty() ? "x-amz-copy-source-If-Modified-Since"
                                                   : "x-amz-copy-source-If-None-Match");
  }
  return outcome;
}

bool if_range_holds(std::string_view if_range, std::string_view etag,
                    base::Timestamp last_modified) {
  if (if_range.empty()) return true;
  if (const auto date = base::parse_http_date(if_range)) {
    return last_modified.seconds <= date->seconds;
  }
  // If-Range compares strongly: a weak tag never holds.
  return !if_range.starts_with("W/") && bare_etag(if_range) == etag;
}

Outcome<engine::WriteCondition> write_condition(const http::Headers& headers) {
  const auto if_match = trim(headers.get_or_empty("If-Match"));
  const auto if_none_match = trim(headers.get_or_empty("If-None-Match"));
  using Kind = engine::WriteCondition::Kind;
  if (!if_none_match.empty() && (!if_match.empty() || if_none_match != "*")) {
    return Error(Code::NotImplemented);
  }
  if (!if_none_match.empty()) return engine::WriteCondition(Kind::IfAbsent);
  if (!if_match.empty()) {
    return engine::WriteCondition(Kind::IfMatch, std::string(bare_etag(if_match)));
  }
  return engine::WriteCondition();
}

}  // namespace varve::s3
