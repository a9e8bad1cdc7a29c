#include "ports/object_address.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/errors.h"
#include "model/limits.h"
#include "ports/object_types.h"

namespace varve::ports {

using base::Code;
using base::Error;
using base::Result;
using model::Detail;

namespace {

bool has_parent_segment(std::string_view key) {
  while (!key.empty()) {
    const std::size_t end = std::min(key.find('/'), key.size());
    if (key.substr(0, end) == "..") return true;
    key.remove_prefix(std::min(end + 1, key.size()));
  }
  return false;
}

}  // namespace

Result<std::string> object_key(const ObjectAddress& address, std::string_view scheme) {
  std::string_view rest = address.view();
  if (!rest.starts_with(scheme) || !rest.substr(scheme.size()).starts_with("://")) {
    return Error(Code::InvalidArgument, "address must match: " + std::string(scheme));
  }
  rest.remove_prefix(scheme.size() + 3);
  if (rest.empty()) return Error(Code::InvalidArgument, "address names no object");
  if (rest.find('\0') != std::string_view::npos) return storage_forbidden();
  if (has_parent_segment(rest)) {
    return model::make_error(Code::PermissionDenied, Detail::StorageForbidden,
                             "bad path traversal blocked");
  }
  return std::string(rest);
}

Result<ByteRange> resolve_range(ByteRange range, std::int64_t size) {
  if (range.first < 0 || range.first > size) {
    return Error(Code::InvalidArgument, "range begins beyond the end of the object");
  }
  const std::int64_t rest = size - range.first;
  return ByteRange{range.first, range.count < 0 ? rest : std::min(range.count, rest)};
}

Result<void> check_part_number(int number) {
  if (number >= 1 && number <= model::PartNumberMax) return {};
  return Error(Code::InvalidArgument, "part number must be between 1 and 10000");
}

Result<void> check_part_order(const std::vector<CompletedPart>& parts) {
  if (parts.empty()) return Error(Code::InvalidArgument, "no parts");
  const auto out_of_order = [](const CompletedPart& a, const CompletedPart& b) {
    return a.number >= b.number;
  };
  if (std::ranges::adjacent_find(parts, out_of_order) == parts.end()) return {};
  return model::make_error(Code::InvalidArgument, Detail::InvalidPartOrder,
                           "part numbers must ascend");
}

Error storage_forbidden() {
  return model::make_error(Code::PermissionDenied, Detail::StorageForbidden, "forbidden");
}

Error upload_missing() {
  return model::make_error(Code::NotFound, Detail::UploadMissing, "no such multipart upload");
}

Error invalid_part(int number) {
  return model::make_error(Code::InvalidArgument, Detail::InvalidPart,
                           "part " + std::to_string(number) + " was not uploaded as listed");
}

Error made_of_other_parts() {
  return {Code::Conflict, "the upload was completed before, with other parts"};
}

}  // namespace varve::ports
