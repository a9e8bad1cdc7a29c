// Multipart uploads by presigned URLs: createPresignMultipartUpload, uploadPart, uploadPartCopy,
// completePresignMultipartUpload, abortPresignMultipartUpload. rest-semantics.md 18.
//
// They need a store that can sign them, and no store here can yet: what a request is refused for
// before that is asked is checked, and then it is refused for that.
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/engine.h"
#include "engine/uploads/uploads.h"
#include "model/ids.h"
#include "model/records.h"
#include "rest/call.h"
#include "rest/handlers.h"
#include "rest/json_body.h"
#include "rest/object_access.h"
#include "rest/response.h"

namespace varve::rest {
namespace {

base::Error not_supported() {
  return {base::Code::Unsupported, "presign multipart upload API is not supported"};
}

base::Error invalid(std::string_view why) {
  return {base::Code::InvalidArgument, std::string(why)};
}

// The address that create handed out, sent back: inside the namespace, signed, and not too old.
base::Result<void> check_address(const Call& call, const model::Repository& repository) {
  const std::string address = call.json().text("physical_address");
  if (address.empty()) return invalid("physical_address is required");
  std::string data_folder = repository.storage_namespace.str();
  if (!data_folder.ends_with('/')) data_folder.push_back('/');
  if (!address.starts_with(data_folder.append("data/"))) {
    return invalid("physical address must be relative to the storage namespace");
  }
  auto verified = call.engine().uploads().verify_linked_address(
      repository, model::BranchId(call.argument("branch")),
      model::ObjectPath(call.argument("path")), address);
  if (!verified) return std::move(verified).error();
  return {};
}

}  // namespace

// create, complete, abort: the store is asked first.
base::Task<Answer> presigned_multipart(CallPtr call) {
  VARVE_CO_CHECK(co_await repository_of(*call));
  co_return not_supported();
}

// A part: the address is checked, then the store fails to sign.
base::Task<Answer> presigned_part(CallPtr call) {
  VARVE_CO_TRY(const engine::RepositoryRef repository, co_await repository_of(*call));
  VARVE_CO_CHECK(check_address(*call, *repository));
  co_return presign_not_supported(*call);
}

}  // namespace varve::rest
