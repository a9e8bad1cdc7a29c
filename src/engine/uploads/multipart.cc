// Multipart uploads. Two rows track one: `multiparts/<id>` holds what the object will carry, as
// lakeFS keeps it; the repository's own index row (core/upload_index.h) holds the store's id of the
// upload and makes it found by path. They appear and go in one step.
#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/core/create_rows.h"
#include "engine/core/kv_walk.h"
#include "engine/core/upload_index.h"
#include "engine/uploads/uploads.h"
#include "engine/uploads/uploads_impl.h"
#include "format/catalog.h"
#include "format/kv_keys.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"
#include "ports/kv_store.h"
#include "ports/object_types.h"

namespace varve::engine {

using base::Bytes;
using base::Code;
using base::Context;
using base::Result;
using base::Task;

namespace {

ports::KvKey tracker_key(const model::UploadId& id) {
  return {std::string(format::keys::MultipartsPartition), id.str()};
}

ports::KvKey index_key(const model::Repository& repository, const model::ObjectPath& path,
                       const model::UploadId& id) {
  return {repository.partition(), upload_index_key(path.view(), id.view())};
}

base::Error upload_not_found() {
  return model::make_error(Code::NotFound, model::Detail::UploadMissing, "upload not found");
}

Result<MultipartUpload> make_upload(const Bytes& tracker, std::string store_upload_id) {
  VARVE_TRY(format::MultipartUpload kept, format::decode_multipart_upload(tracker));
  MultipartUpload upload;
  upload.id = std::move(kept.upload_id);
  upload.path = std::move(kept.path);
  upload.physical_address = std::move(kept.physical_address);
  upload.store_upload_id = std::move(store_upload_id);
  upload.creation_date = kept.creation_date;
  upload.metadata = std::move(kept.metadata);
  upload.content_type = std::move(kept.content_type);
  return upload;
}

ports::ObjectAddress address_of(const model::Repository& repository,
                                const MultipartUpload& upload) {
  return resolve_address(repository.storage_namespace, model::AddressType::Relative,
                         upload.physical_address);
}

}  // namespace

Task<Result<MultipartUpload>> Uploads::create_multipart(Context context, RepositoryRef repository,
                                                        model::ObjectPath path,
                                                        model::Metadata metadata,
                                                        std::string content_type) {
  MultipartUpload upload;
  upload.id = model::UploadId(impl_->addresses.next_upload_id());
  upload.path = std::move(path);
  upload.physical_address = impl_->addresses.next();
  upload.creation_date = impl_->core.clock.now();
  upload.metadata = std::move(metadata);
  upload.content_type = std::move(content_type);

  format::MultipartUpload kept;
  kept.upload_id = upload.id;
  kept.path = upload.path;
  kept.creation_date = upload.creation_date;
  kept.physical_address = upload.physical_address;
  kept.metadata = upload.metadata;
  kept.content_type = upload.content_type;
  VARVE_CO_TRY(Bytes tracker, format::encode_multipart_upload(kept));
  if (tracker.size() > model::EntryBytesMax) co_return model::entry_too_large();

  ports::ObjectAddress address = address_of(*repository, upload);
  VARVE_CO_TRY(upload.store_upload_id,
               co_await impl_->core.objects.create_multipart(context, std::move(address)));
  ports::KvWrite write;
  write.requirements.push_back(ports::KvRequirement::absent(tracker_key(upload.id)));
  write.updates.push_back(ports::KvUpdate::set(tracker_key(upload.id), std::move(tracker)));
  write.updates.push_back(
      ports::KvUpdate::set(index_key(*repository, upload.path, upload.id), upload.store_upload_id));
  VARVE_CO_CHECK(co_await create_rows(&impl_->core.kv, std::move(context), std::move(repository),
                                      std::move(write), std::nullopt));
  co_return upload;
}

Task<Result<MultipartUpload>> Uploads::get_multipart(Context context, RepositoryRef repository,
                                                     model::ObjectPath path, model::UploadId id) {
  // An id of another form names no upload, and might be no key.
  if (id.view().size() != UploadIdBytes) co_return upload_not_found();
  std::vector<ports::KvKey> keys;
  keys.push_back(tracker_key(id));
  keys.push_back(index_key(*repository, path, id));
  VARVE_CO_TRY(auto rows, co_await impl_->core.kv.multi_get(std::move(context), std::move(keys)));
  if (!rows[0].has_value() || !rows[1].has_value()) co_return upload_not_found();
  co_return make_upload(*rows[0], *std::move(rows[1]));
}

Task<Result<ports::PartInfo>> Uploads::put_part(Context context, RepositoryRef repository,
                                                MultipartUpload upload, int number,
                                                std::unique_ptr<ByteSource> source) {
  VARVE_CO_TRY(Bytes first, co_await source->read(model::TransferBufferBytes));
  ports::ObjectAddress address = address_of(*repository, upload);
  VARVE_CO_TRY(auto writer,
               co_await impl_->core.objects.put_part(std::move(context), std::move(address),
                                                     std::move(upload.store_upload_id), number));
  VARVE_CO_TRY(Impl::Digest digest,
               co_await impl_->stream(source.get(), std::move(first), writer.get()));
  VARVE_CO_TRY(ports::ObjectInfo stored, co_await writer->finish());
  ports::PartInfo part;
  part.number = number;
  part.size = digest.size;
  part.etag = stored.etag.empty() ? std::move(digest.md5) : std::move(stored.etag);
  part.last_modified = stored.last_modified;
  co_return part;
}

Task<Result<std::vector<ports::PartInfo>>> Uploads::list_parts(Context context,
                                                               RepositoryRef repository,
                                                               MultipartUpload upload, int after,
                                                               std::size_t limit) {
  ports::ObjectAddress address = address_of(*repository, upload);
  co_return co_await impl_->core.objects.list_parts(
      std::move(context), std::move(address), std::move(upload.store_upload_id), after, limit);
}

Task<Result<Uploaded>> Uploads::complete_multipart(Context context, RepositoryRef repository,
                                                   MultipartUpload upload,
                                                   std::vector<ports::CompletedPart> parts) {
  ports::ObjectAddress address = address_of(*repository, upload);
  VARVE_CO_TRY(ports::ObjectInfo stored, co_await impl_->core.objects.complete_multipart(
                                             std::move(context), std::move(address),
                                             std::move(upload.store_upload_id), std::move(parts)));
  Uploaded uploaded;
  uploaded.address = std::move(upload.physical_address);
  uploaded.size = stored.size;
  uploaded.etag = std::move(stored.etag);
  uploaded.last_modified =
      stored.last_modified == base::Timestamp() ? impl_->core.clock.now() : stored.last_modified;
  co_return uploaded;
}

Task<Result<void>> Uploads::abort_multipart(Context context, RepositoryRef repository,
                                            MultipartUpload upload) {
  ports::ObjectAddress address = address_of(*repository, upload);
  auto aborted = co_await impl_->core.objects.abort_multipart(context, std::move(address),
                                                              upload.store_upload_id);
  // The store may have forgotten it already: an earlier abort stopped half-way.
  if (!aborted.has_value() && aborted.error().code() != Code::NotFound) co_return aborted;
  ports::KvWrite write;
  write.updates.push_back(ports::KvUpdate::erase(tracker_key(upload.id)));
  write.updates.push_back(ports::KvUpdate::erase(index_key(*repository, upload.path, upload.id)));
  co_return co_await impl_->core.kv.write(std::move(context), std::move(write));
}

Task<Result<Uploads::MultipartPage>> Uploads::list_multiparts(Context context,
                                                              RepositoryRef repository,
                                                              std::string prefix,
                                                              std::string after_path,
                                                              std::string after_id, int amount) {
  // Without an id every upload of `after_path` is passed over: no id sorts beyond "~".
  std::string after;
  if (!after_path.empty()) {
    after = upload_index_key(after_path, after_id.empty() ? "~" : after_id);
  }
  const std::size_t wanted = amount < 0 ? 0 : static_cast<std::size_t>(amount);
  KvWalk walk(impl_->core.kv, context, repository->partition(),
              std::string(UploadIndexPrefix) + prefix, after,
              std::min<std::size_t>(wanted + 1, model::RefsPageKv));
  MultipartPage page;
  for (;;) {
    VARVE_CO_TRY(std::vector<ports::KvRow> rows, co_await walk.next());
    if (rows.empty()) co_return page;
    std::vector<ports::KvKey> keys;
    for (const ports::KvRow& row : rows) {
      const auto name = parse_upload_index_key(row.key);
      keys.push_back(tracker_key(name.has_value() ? name->id : model::UploadId("-")));
    }
    VARVE_CO_TRY(auto trackers, co_await impl_->core.kv.multi_get(context, std::move(keys)));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!trackers[i].has_value()) continue;
      if (page.rows.size() == wanted) {
        page.has_more = true;
        co_return page;
      }
      VARVE_CO_TRY(MultipartUpload upload, make_upload(*trackers[i], std::move(rows[i].value)));
      page.rows.push_back(std::move(upload));
    }
  }
}

}  // namespace varve::engine
