#include "engine/uploads/uploads.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/context.h"
#include "base/hash.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/core/core.h"
#include "engine/uploads/uploads_impl.h"
#include "model/errors.h"
#include "model/limits.h"
#include "model/records.h"
#include "ports/object_types.h"

namespace varve::engine {

using base::Bytes;
using base::Code;
using base::Context;
using base::Result;
using base::Task;

namespace {

constexpr int PartitionNamesMax = 50000;
constexpr auto PartitionLifetime = std::chrono::hours(1);
constexpr std::size_t InlineHashBytesMax = 64U << 10U;  // 80 microseconds of MD5

}  // namespace

std::string AddressSource::next() {
  const base::MonotonicTime now = clock_.monotonic();
  std::string address = "data/";
  {
    const std::scoped_lock lock(mutex_);
    const bool is_stale = used_ >= PartitionNamesMax || now - since_ >= PartitionLifetime;
    if (partition_.empty() || is_stale) {
      partition_ = ids_.data_partition();
      used_ = 0;
      since_ = now;
    }
    ++used_;
    address += partition_;
  }
  return address + "/" + ids_.next();
}

Uploads::Uploads(Core& core) : impl_(std::make_unique<Impl>(core)) {}
Uploads::~Uploads() = default;

std::string Uploads::new_address() { return impl_->addresses.next(); }

// The chunk and the hasher are in the caller's frame, which stays suspended meanwhile.
Task<Result<void>> Uploads::Impl::hash(base::Hasher* hasher, const Bytes* chunk) {
  if (chunk->size() <= InlineHashBytesMax) {
    hasher->update(*chunk);
    co_return Result<void>();
  }
  auto job = [hasher, chunk] { hasher->update(*chunk); };
  co_return co_await core.offload.run(std::move(job));
}

Task<Result<Bytes>> Uploads::Impl::read_up_to(ByteSource* source, std::size_t bytes_max) {
  VARVE_CO_TRY(Bytes bytes, co_await source->read(bytes_max));
  while (!bytes.empty() && bytes.size() < bytes_max) {
    VARVE_CO_TRY(Bytes more, co_await source->read(bytes_max - bytes.size()));
    if (more.empty()) break;
    bytes += more;
  }
  co_return bytes;
}

Task<Result<Uploads::Impl::Digest>> Uploads::Impl::stream(ByteSource* source, Bytes chunk,
                                                          ports::ObjectWriter* writer) {
  base::Hasher hasher(base::HashKind::Md5);
  Digest digest;
  while (!chunk.empty()) {
    digest.size += static_cast<std::int64_t>(chunk.size());
    VARVE_CO_CHECK(co_await hash(&hasher, &chunk));
    VARVE_CO_CHECK(co_await writer->write(std::move(chunk)));
    VARVE_CO_TRY(chunk, co_await source->read(model::TransferBufferBytes));
  }
  digest.md5 = base::hex_encode(hasher.finish());
  co_return digest;
}

Task<Result<Uploaded>> Uploads::upload(Context context, RepositoryRef repository,
                                       std::unique_ptr<ByteSource> source) {
  Uploaded uploaded;
  uploaded.address = impl_->addresses.next();
  ports::ObjectAddress address = resolve_address(repository->storage_namespace,
                                                 model::AddressType::Relative, uploaded.address);
  VARVE_CO_TRY(Bytes first, co_await impl_->read_up_to(source.get(), model::TransferBufferBytes));
  Bytes more;
  if (first.size() == model::TransferBufferBytes) {
    VARVE_CO_TRY(more, co_await source->read(model::TransferBufferBytes));
  }
  ports::ObjectInfo stored;
  if (more.empty()) {
    // The whole body is in memory: one step.
    base::Hasher hasher(base::HashKind::Md5);
    VARVE_CO_CHECK(co_await impl_->hash(&hasher, &first));
    uploaded.size = static_cast<std::int64_t>(first.size());
    uploaded.etag = base::hex_encode(hasher.finish());
    VARVE_CO_TRY(stored, co_await impl_->core.objects.put_bytes(
                             std::move(context), std::move(address), std::move(first),
                             ports::PutMode::Overwrite));
  } else {
    VARVE_CO_TRY(auto writer,
                 co_await impl_->core.objects.put(std::move(context), std::move(address),
                                                  ports::PutMode::Overwrite));
    first += more;
    VARVE_CO_TRY(Impl::Digest digest,
                 co_await impl_->stream(source.get(), std::move(first), writer.get()));
    VARVE_CO_TRY(stored, co_await writer->finish());
    uploaded.size = digest.size;
    uploaded.etag = std::move(digest.md5);
  }
  uploaded.last_modified =
      stored.last_modified == base::Timestamp() ? impl_->core.clock.now() : stored.last_modified;
  co_return uploaded;
}

namespace {

base::Error too_short(const model::Repository& repository, const ports::ObjectAddress& address,
                      std::int64_t bytes, std::int64_t recorded) {
  return {Code::Corruption, "repository " + repository.id.str() + ": data " + address.str() +
                                " is damaged: it has " + std::to_string(bytes) + " bytes, " +
                                std::to_string(recorded) + " are recorded"};
}

}  // namespace

Task<Result<std::unique_ptr<ports::ObjectReader>>> Uploads::open(Context context,
                                                                 RepositoryRef repository,
                                                                 model::Entry entry,
                                                                 ports::ByteRange range) {
  ports::ObjectAddress address =
      resolve_address(repository->storage_namespace, entry.address_type, entry.address);
  auto reader = co_await impl_->core.objects.get(context, address, range);
  if (reader.has_value()) {
    const std::int64_t bytes = (*reader)->info().size;
    if (bytes < entry.size) co_return too_short(*repository, address, bytes, entry.size);
    co_return reader;
  }
  if (reader.error().code() == Code::NotFound) co_return model::data_missing();
  if (reader.error().code() != Code::InvalidArgument || range.first == 0) co_return reader;
  // A range of the object that begins beyond the end of its data.
  auto info = co_await impl_->core.objects.stat(std::move(context), address);
  if (!info.has_value() || info->size >= entry.size) co_return reader;
  co_return too_short(*repository, address, info->size, entry.size);
}

std::string Uploads::physical_address(const model::Repository& repository,
                                      const model::Entry& entry) const {
  std::string whole =
      resolve_address(repository.storage_namespace, entry.address_type, entry.address).str();
  const std::string& root = impl_->core.objects.capabilities().shown_root;
  if (root.empty() || entry.address_type == model::AddressType::Relative) return whole;
  const std::size_t path = whole.find("://");
  // Of a file: only an absolute path, local:///x, is below the root.
  if (path == std::string::npos || !whole.starts_with("local:///")) return whole;
  return whole.insert(path + 3, root);
}

Task<Result<Uploaded>> Uploads::copy(Context context, RepositoryRef source, model::Entry entry,
                                     RepositoryRef destination) {
  Uploaded uploaded;
  uploaded.address = impl_->addresses.next();
  ports::ObjectAddress from =
      resolve_address(source->storage_namespace, entry.address_type, entry.address);
  ports::ObjectAddress to = resolve_address(destination->storage_namespace,
                                            model::AddressType::Relative, uploaded.address);
  auto copied = co_await impl_->core.objects.copy(context, from, to);
  if (!copied.has_value()) {
    if (copied.error().code() == Code::NotFound) co_return model::data_missing();
    co_return std::move(copied).error();
  }
  if (copied->size < entry.size) {
    (void)co_await impl_->core.objects.erase(std::move(context), std::move(to));
    co_return too_short(*source, from, copied->size, entry.size);
  }
  // The same bytes: what is known of them stays known. The time is after the copy, so that garbage
  // collection, which leaves young objects alone, cannot take it for an old one.
  uploaded.size = entry.size;
  uploaded.etag = std::move(entry.etag);
  uploaded.last_modified = impl_->core.clock.now();
  co_return uploaded;
}

}  // namespace varve::engine
