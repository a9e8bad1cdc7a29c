// AbortMultipartUpload: DELETE /bucket/branch/path?uploadId=U (reference 3.16).

#include <utility>

#include "s3/exchange.h"

namespace varve::s3 {

Reply Exchange::abort_upload() {
  if (repository_->read_only) co_return Error(Code::ReadOnlyRepository);
  VARVE_CO_TRY(engine::MultipartUpload upload, co_await find_upload());
  const std::string id = upload.id.str();
  VARVE_CO_CHECK(from_engine(Asked::Upload, co_await with_.engine.uploads().abort_multipart(
                                                context_, repository_, std::move(upload))));
  VARVE_CO_CHECK(from_engine(Asked::Upload, co_await with_.ledger.forget_parts(context_, id)));
  co_return http::Response(204);
}

}  // namespace varve::s3
