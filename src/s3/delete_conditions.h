// What a delete may ask of the object it deletes: its ETag, size and time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "http/headers.h"
#include "model/records.h"
#include "s3/errors.h"
#include "s3/xml_reader.h"

namespace varve::s3 {

struct DeleteConditions {
  std::optional<std::string> etag;  // as sent; `*` for any
  std::optional<std::int64_t> size;
  std::optional<base::Timestamp> last_modified;  // in whole seconds

  bool is_empty() const { return !etag && !size && !last_modified; }
};
// If-Match, x-amz-if-match-size and x-amz-if-match-last-modified-time; and those of a DeleteObjects
// target.
//   InvalidArgument  a size or a time that is none
Outcome<DeleteConditions> delete_conditions(const http::Headers& headers);
Outcome<DeleteConditions> delete_conditions(const DeleteTarget& target);

//   PreconditionFailed
Outcome<void> check_delete(const DeleteConditions& conditions, const model::Entry& entry);

}  // namespace varve::s3
