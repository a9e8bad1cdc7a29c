// Conditional requests: what If-Match and its kin ask for, decided on an object's ETag and time.
//
// ETags compare without quotes and without `W/`; `*` stands for any. Times compare in whole
// seconds; a date that cannot be read, or lies in the future, is as if it had not been sent.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "engine/objects/objects.h"
#include "http/headers.h"
#include "s3/errors.h"

namespace varve::s3 {

// Without quotes and weakness mark.
std::string_view bare_etag(std::string_view text);
// Whether a comma-separated list of ETags holds `etag`.
bool etag_list_matches(std::string_view list, std::string_view etag);

struct ReadConditions {
  std::string_view if_match;
  std::string_view if_none_match;
  std::string_view if_modified_since;
  std::string_view if_unmodified_since;
};
ReadConditions read_conditions(const http::Headers& headers);
// The same in the x-amz-copy-source- headers.
ReadConditions copy_source_conditions(const http::Headers& headers);

//   PreconditionFailed, NotModified
Outcome<void> check_read(const ReadConditions& conditions, std::string_view etag,
                         base::Timestamp last_modified, base::Timestamp now);
// A copy has no 304: every failure is PreconditionFailed.
Outcome<void> check_copy_source(const ReadConditions& conditions, std::string_view etag,
                                base::Timestamp last_modified, base::Timestamp now);
// Whether a Range still holds: If-Range is absent, the ETag, or a date not before the object's.
bool if_range_holds(std::string_view if_range, std::string_view etag,
                    base::Timestamp last_modified);

// What a write asks of the object it replaces.
//   NotImplemented  an If-None-Match that is not `*`; both conditions at once
Outcome<engine::WriteCondition> write_condition(const http::Headers& headers);

}  // namespace varve::s3
