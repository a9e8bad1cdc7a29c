// UploadLedger: the checksums of the parts of multipart uploads, and for a day the uploads that
// were completed. Rows of its own beside the engine's tracker; losing one costs a checksum or a
// repeated answer, never data.
//
// Any thread may call.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/context.h"
#include "base/task.h"
#include "base/time.h"
#include "format/s3_uploads.h"
#include "ports/kv_store.h"
#include "s3/checksum.h"

namespace varve::s3 {

class UploadLedger {
 public:
  UploadLedger(ports::KvStore& kv, base::Clock& clock) : kv_(kv), clock_(clock) {}

  // Errors of all operations are the store's.
  base::Task<base::Result<void>> note_part(base::Context context, std::string upload_id, int number,
                                           format::S3PartNote note);
  base::Task<base::Result<std::map<int, format::S3PartNote>>> part_notes(base::Context context,
                                                                         std::string upload_id);
  base::Task<base::Result<void>> forget_parts(base::Context context, std::string upload_id);

  // Also removes a few records that are older than a day.
  base::Task<base::Result<void>> note_completed(base::Context context, std::string upload_id,
                                                format::S3Completed completed);
  base::Task<base::Result<std::optional<format::S3Completed>>> completed(base::Context context,
                                                                         std::string upload_id);

 private:
  base::Task<base::Result<void>> sweep(base::Context context);

  ports::KvStore& kv_;
  base::Clock& clock_;
};

}  // namespace varve::s3
