// The source of CopyObject and UploadPartCopy: any ref expression of any repository.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/uploads/uploads.h"
#include "model/ids.h"
#include "ports/object_types.h"
#include "s3/call.h"
#include "s3/checksum.h"
#include "s3/conditions.h"
#include "s3/errors.h"
#include "s3/exchange.h"
#include "s3/payload.h"

namespace varve::s3 {
namespace {

// Reads what a store gives, hashing it if a checksum is wanted of it.
class CopiedBody final : public engine::ByteSource {
 public:
  CopiedBody(std::unique_ptr<ports::ObjectReader> reader,
             std::optional<ChecksumAlgorithm> algorithm, std::shared_ptr<BodyVerdict> verdict)
      : reader_(std::move(reader)), algorithm_(algorithm), verdict_(std::move(verdict)) {
    if (algorithm_) hasher_.emplace(hash_of(*algorithm_));
  }

  base::Task<base::Result<base::Bytes>> read(std::size_t bytes_max) override {
    if (is_done_) co_return base::Bytes();
    VARVE_CO_TRY(base::Bytes bytes, co_await reader_->read(bytes_max));
    verdict_->size += static_cast<std::int64_t>(bytes.size());
    if (hasher_) hasher_->update(bytes);
    is_done_ = bytes.empty();
    if (is_done_ && hasher_) {
      verdict_->checksum = Checksum{*algorithm_, base::base64_encode(hasher_->finish())};
    }
    co_return bytes;
  }

 private:
  std::unique_ptr<ports::ObjectReader> reader_;
  std::optional<ChecksumAlgorithm> algorithm_;
  std::shared_ptr<BodyVerdict> verdict_;
  std::optional<base::Hasher> hasher_;
  bool is_done_ = false;
};

}  // namespace

base::Task<Outcome<Source>> Exchange::copy_source() {
  Source source;
  source.name = *copy_name_;
  const auto version = std::string_view(source.name.version_id);
  if (!version.empty() && version != "null") {
    co_return invalid_argument("x-amz-copy-source", std::string(version),
                               "Invalid version id specified");
  }
  auto id = model::parse_repository_id(source.name.repository);
  if (!id) co_return Error(Code::NoSuchBucket).with("BucketName", source.name.repository);
  if (*id == repository_->id) {
    source.repository = repository_;
  } else {
    VARVE_CO_TRY(source.repository,
                 from_engine(Asked::CopySource,
                             co_await with_.engine.repositories().get(context_, *std::move(id))));
  }
  VARVE_CO_TRY(source.entry, co_await find_entry_in(source.repository, source.name.ref,
                                                    source.name.path, Asked::CopySource));
  VARVE_CO_CHECK(check_copy_source(copy_source_conditions(request_.headers), source.entry.etag,
                                   source.entry.last_modified, now()));
  co_return source;
}

base::Task<Outcome<std::unique_ptr<engine::ByteSource>>> Exchange::open_copy(
    Source source, ports::ByteRange range, std::optional<ChecksumAlgorithm> algorithm,
    std::shared_ptr<BodyVerdict> verdict) {
  VARVE_CO_TRY(auto reader,
               from_engine(Asked::CopySource, co_await with_.engine.uploads().open(
                                                  context_, std::move(source.repository),
                                                  std::move(source.entry), range)));
  std::unique_ptr<engine::ByteSource> body =
      std::make_unique<CopiedBody>(std::move(reader), algorithm, std::move(verdict));
  co_return body;
}

}  // namespace varve::s3
