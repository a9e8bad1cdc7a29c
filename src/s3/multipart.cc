// What the multipart operations share: finding the upload a request is about, and storing a part.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/number.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/uploads/uploads.h"
#include "format/s3_uploads.h"
#include "model/ids.h"
#include "model/limits.h"
#include "s3/call.h"
#include "s3/checksum.h"
#include "s3/errors.h"
#include "s3/exchange.h"
#include "s3/object_properties.h"
#include "s3/payload.h"

namespace varve::s3 {

std::vector<std::pair<std::string_view, std::string>> checksum_elements(
    const std::optional<StoredChecksum>& stored) {
  std::vector<std::pair<std::string_view, std::string>> out;
  if (!stored) return out;
  out.emplace_back(element_of(stored->checksum.algorithm), stored->checksum.value);
  out.emplace_back("ChecksumType", name_of(stored->type));
  return out;
}

// The upload must be this key's: who may write one key must not get at the parts of another.
base::Task<Outcome<engine::MultipartUpload>> Exchange::find_upload() {
  const auto missing = [this] {
    return Error(Code::NoSuchUpload).with("UploadId", std::string(parameter("uploadId")));
  };
  auto path = model::parse_object_path(address_.path);
  const auto id = parameter("uploadId");
  if (!path || id.empty()) co_return missing();
  auto upload = co_await with_.engine.uploads().get_multipart(
      context_, repository_, *std::move(path), model::UploadId(id));
  if (!upload) {
    const Error error = translate(Asked::Upload, upload.error());
    const bool is_missing = error.code() == Code::NoSuchUpload ||
                            upload.error().code() == base::Code::NotFound ||
                            upload.error().code() == base::Code::InvalidArgument;
    if (is_missing) co_return missing();
    co_return error;
  }
  const std::string ref = upload_note(upload->metadata).ref;
  if (!ref.empty() && ref != address_.ref) co_return missing();
  co_return *std::move(upload);
}

Outcome<int> Exchange::part_number() const {
  const auto text = parameter("partNumber");
  const int number = base::parse_number<int>(text).value_or(0);
  if (number < 1 || number > model::PartNumberMax) {
    return invalid_argument("partNumber", std::string(text),
                            "Part number must be an integer between 1 and 10000, inclusive");
  }
  return number;
}

base::Task<Outcome<StoredPart>> Exchange::store_part(engine::MultipartUpload upload, int number,
                                                     std::unique_ptr<engine::ByteSource> source,
                                                     std::shared_ptr<BodyVerdict> verdict) {
  const std::string id = upload.id.str();
  auto part = co_await with_.engine.uploads().put_part(context_, repository_, std::move(upload),
                                                       number, std::move(source));
  if (!part) {
    if (verdict->failure) co_return *verdict->failure;
    co_return translate(Asked::Upload, part.error());
  }
  StoredPart stored{*std::move(part), verdict->checksum};
  if (stored.checksum) {
    format::S3PartNote note;
    note.etag = stored.part.etag;
    note.algorithm = name_of(stored.checksum->algorithm);
    note.digest =
        decode_checksum(stored.checksum->algorithm, stored.checksum->value).value_or(base::Bytes());
    VARVE_CO_CHECK(from_engine(
        Asked::Upload, co_await with_.ledger.note_part(context_, id, number, std::move(note))));
  }
  co_return stored;
}

base::Task<Outcome<std::vector<ports::PartInfo>>> Exchange::all_parts(
    engine::MultipartUpload upload) {
  std::vector<ports::PartInfo> parts;
  for (;;) {
    const int after = parts.empty() ? 0 : parts.back().number;
    VARVE_CO_TRY(auto page, from_engine(Asked::Upload,
                                        co_await with_.engine.uploads().list_parts(
                                            context_, repository_, upload, after, model::PageMax)));
    const bool is_last = page.size() < static_cast<std::size_t>(model::PageMax);
    parts.insert(parts.end(), page.begin(), page.end());
    if (is_last) co_return parts;
  }
}

}  // namespace varve::s3
