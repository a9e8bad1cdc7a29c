// Taking an object's address apart, the same way in every store.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ports/object_types.h"

namespace varve::ports {

// What follows "<scheme>://", as it stands.
//   InvalidArgument   another scheme, or nothing follows
//   PermissionDenied  Detail::StorageForbidden: a ".." between slashes, or a NUL
base::Result<std::string> object_key(const ObjectAddress& address, std::string_view scheme);

// InvalidArgument: the range begins before 0 or beyond the end of `size` bytes. Otherwise the range
// with its count said: within the object, never negative.
base::Result<ByteRange> resolve_range(ByteRange range, std::int64_t size);

// InvalidArgument: not 1 .. PartNumberMax.
base::Result<void> check_part_number(int number);

// InvalidArgument: no parts; or Detail::InvalidPartOrder: their numbers do not ascend.
base::Result<void> check_part_order(const std::vector<CompletedPart>& parts);

base::Error storage_forbidden();
base::Error upload_missing();
base::Error invalid_part(int number);
base::Error made_of_other_parts();

}  // namespace varve::ports
