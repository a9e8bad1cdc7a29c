// AbortMultipartUpload: DELETE /bucket/branch/path?uploadId=U (reference 3.16).

#include <string>
#include <utility>

#include "base/result.h"
#include "base/task.h"
#include "engine/uploads/uploads.h"
#include "http/message.h"
#include "s3/call.h"
#include "s3/errors.h"
#include "s3/exchange.h"

namespace varve::s3 {

Reply Exchange::abort_upload() {
  if (repository_->read_only) co_return Error(Code::ReadOnlyRepository);
  VARVE_CO_TRY(engine::MultipartUpload upload, co_await find_upload());
  VARVE_CO_CHECK(co_await end_upload(std::move(upload)));
  co_return http::Response(204);
}

// Whether it was completed or not: its parts go, then what is known of it.
base::Task<Outcome<void>> Exchange::end_upload(engine::MultipartUpload upload) {
  const std::string id = upload.id.str();
  VARVE_CO_CHECK(from_engine(Asked::Upload, co_await with_.engine.uploads().abort_multipart(
                                                context_, repository_, std::move(upload))));
  co_return from_engine(Asked::Upload, co_await with_.ledger.forget_parts(context_, id));
}

}  // namespace varve::s3
