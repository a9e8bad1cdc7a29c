#include "s3/upload_ledger.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "format/s3_uploads.h"
#include "model/limits.h"
#include "ports/kv_store.h"

namespace varve::s3 {
namespace {

constexpr std::int64_t CompletedSecondsKept = 24 * 3600;
// Each completion adds one record and looks at this many of the oldest upload ids, which are those
// of the oldest uploads, so the records kept are about those of one day.
constexpr std::size_t SweptPerCompletion = 8;

std::string partition(std::string_view name) { return std::string(name); }

}  // namespace

base::Task<base::Result<void>> UploadLedger::note_part(base::Context context, std::string upload_id,
                                                       int number, format::S3PartNote note) {
  VARVE_CO_TRY(base::Bytes value, format::encode_s3_part_note(note));
  ports::KvKey key(partition(format::S3PartsPartition), format::s3_part_key(upload_id, number));
  ports::KvWrite write;
  write.updates.push_back(ports::KvUpdate::set(std::move(key), std::move(value)));
  co_return co_await kv_.write(std::move(context), std::move(write));
}

base::Task<base::Result<std::map<int, format::S3PartNote>>> UploadLedger::part_notes(
    base::Context context, std::string upload_id) {
  std::map<int, format::S3PartNote> notes;
  const std::string prefix = format::s3_part_prefix(upload_id);
  ports::KvScan scan;
  scan.partition = format::S3PartsPartition;
  scan.from = prefix;
  scan.until = std::string(upload_id) + "0";  // the byte after `/`
  scan.limit = model::PartNumberMax;
  VARVE_CO_TRY(ports::KvPage page, co_await kv_.scan(std::move(context), std::move(scan)));
  for (const ports::KvRow& row : page.rows) {
    const auto digits = std::string_view(row.key).substr(prefix.size());
    int number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    VARVE_CO_TRY(notes[number], format::decode_s3_part_note(row.value));
  }
  co_return notes;
}

base::Task<base::Result<void>> UploadLedger::forget_parts(base::Context context,
                                                          std::string upload_id) {
  co_return co_await kv_.delete_range(std::move(context), partition(format::S3PartsPartition),
                                      format::s3_part_prefix(upload_id), upload_id + "0");
}

base::Task<base::Result<void>> UploadLedger::note_completed(base::Context context,
                                                            std::string upload_id,
                                                            format::S3Completed completed) {
  VARVE_CO_TRY(base::Bytes value, format::encode_s3_completed(completed));
  ports::KvKey key(partition(format::S3CompletedPartition), std::move(upload_id));
  ports::KvWrite write;
  write.updates.push_back(ports::KvUpdate::set(std::move(key), std::move(value)));
  VARVE_CO_CHECK(co_await kv_.write(context, std::move(write)));
  co_return co_await sweep(std::move(context));
}

base::Task<base::Result<std::optional<format::S3Completed>>> UploadLedger::completed(
    base::Context context, std::string upload_id) {
  if (upload_id.empty()) co_return std::optional<format::S3Completed>();
  ports::KvKey key(partition(format::S3CompletedPartition), std::move(upload_id));
  VARVE_CO_TRY(const auto value, co_await kv_.get(std::move(context), std::move(key)));
  if (!value) co_return std::optional<format::S3Completed>();
  VARVE_CO_TRY(format::S3Completed completed, format::decode_s3_completed(*value));
  if (completed.completed_at.seconds + CompletedSecondsKept < clock_.now().seconds) {
    co_return std::optional<format::S3Completed>();
  }
  co_return std::optional<format::S3Completed>(std::move(completed));
}

base::Task<base::Result<void>> UploadLedger::sweep(base::Context context) {
  ports::KvScan scan;
  scan.partition = format::S3CompletedPartition;
  scan.limit = SweptPerCompletion;
  VARVE_CO_TRY(ports::KvPage page, co_await kv_.scan(context, std::move(scan)));
  const std::int64_t oldest = clock_.now().seconds - CompletedSecondsKept;
  ports::KvWrite write;
  for (ports::KvRow& row : page.rows) {
    const auto completed = format::decode_s3_completed(row.value);
    if (completed && completed->completed_at.seconds >= oldest) continue;
    ports::KvKey key(partition(format::S3CompletedPartition), std::move(row.key));
    write.updates.push_back(ports::KvUpdate::erase(std::move(key)));
  }
  if (write.updates.empty()) co_return base::Result<void>();
  co_return co_await kv_.write(std::move(context), std::move(write));
}

}  // namespace varve::s3
