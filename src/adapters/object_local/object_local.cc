#include "adapters/object_local/object_local.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/object_local/address.h"
#include "adapters/object_local/beneath.h"
#include "adapters/object_local/fd.h"
#include "adapters/object_local/file_stream.h"
#include "adapters/object_local/listing.h"
#include "adapters/object_local/uploads.h"
#include "adapters/object_local/workspace.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/task.h"
#include "model/errors.h"
#include "ports/object_address.h"
#include "ports/object_store.h"

namespace varve::adapters {

using base::Bytes;
using base::Code;
using base::Context;
using base::Error;
using base::Result;
using base::Task;
using ports::ByteRange;
using ports::CompletedPart;
using ports::ListObjectsPage;
using ports::ObjectAddress;
using ports::ObjectInfo;
using ports::ObjectReader;
using ports::ObjectWriter;
using ports::PartInfo;
using ports::PutMode;

namespace {

constexpr std::size_t ListMax = 1000;
// O_NONBLOCK: a fifo that somebody put here must not hold a thread until a writer comes.
constexpr int ReadFlags = O_RDONLY | O_NONBLOCK | O_NOCTTY;

Result<void> check(const Context& context) {
  if (context.is_cancelled()) return Error(Code::Cancelled, "cancelled");
  return {};
}

ports::ObjectStoreCapabilities capabilities_of(const LocalObjectsOptions& options,
                                               const std::string& root) {
  ports::ObjectStoreCapabilities capabilities;
  capabilities.type = "local";
  capabilities.namespace_regex = "^local://";
  capabilities.namespace_example = "local://example-bucket/";
  capabilities.default_namespace_prefix = "local://";
  capabilities.can_import = options.can_import;
  capabilities.shown_root = root;
  capabilities.external_prefixes = options.external_prefixes;
  return capabilities;
}

}  // namespace

struct LocalObjects::Impl {
  Impl(LocalObjectsOptions o, std::unique_ptr<Workspace> w, base::Offload& pool)
      : options(std::move(o)),
        capabilities(capabilities_of(options, w->root_path())),
        workspace(std::move(w)),
        addresses(workspace->root_path(), options.external_prefixes),
        uploads(*workspace),
        offload(pool) {}

  // Opens a place, from memory alone or wherever it is. Nothing: errno says why.
  Fd open(const Place& place, int flags, bool from_memory) const {
    if (!place.folder.empty()) {
      const Fd folder(::open(place.folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
      if (!folder) return {};
      return from_memory ? open_cached(folder.get(), place.path, flags)
                         : open_beneath(folder.get(), place.path, flags);
    }
    return from_memory ? open_cached(workspace->root(), place.path, flags)
                       : open_beneath(workspace->root(), place.path, flags);
  }

  Task<Result<Fd>> open_for_reading(Place place, int flags) const {
    if (Fd file = open(place, flags, true)) co_return std::move(file);
    if (errno != EAGAIN) co_return read_failure(errno);
    auto job = [this, &place, flags]() -> Result<Fd> {
      Fd file = open(place, flags, false);
      if (!file) return read_failure(errno);
      return file;
    };
    co_return co_await offload.run(std::move(job));
  }

  Result<ObjectInfo> publish(FileDraft& draft, const ObjectAddress& address,
                             const std::string& path, PutMode mode) const {
    const Fd file(::dup(draft.file->descriptor()));
    if (!file) return write_failure(errno);
    VARVE_CHECK(workspace->publish(std::move(*draft.file), path, mode));
    return file_info(file, address);
  }

  Result<void> erase(const std::string& path) const {
    const std::string folder_path = folder_of(path);
    const Fd folder = open_beneath(workspace->root(), folder_path.empty() ? "." : folder_path,
                                   O_RDONLY | O_DIRECTORY);
    if (!folder && (errno == ENOENT || errno == ENOTDIR)) return {};
    if (!folder) return write_failure(errno);
    if (::unlinkat(folder.get(), name_in(path).c_str(), 0) != 0) {
      if (errno == ENOENT || errno == EISDIR) return {};
      return write_failure(errno);
    }
    if (::fsync(folder.get()) != 0) return write_failure(errno);
    return {};
  }

  Result<ObjectInfo> copy(const Place& source, const ObjectAddress& destination,
                          const std::string& path) const {
    const Fd from = open(source, ReadFlags, false);
    if (!from) return read_failure(errno);
    VARVE_TRY(const ObjectInfo source_info, file_info(from, destination));
    FileDraft draft(*workspace);
    VARVE_CHECK(draft.append(Bytes()));
    const Fd to(::dup(draft.file->descriptor()));
    if (!to) return write_failure(errno);
    VARVE_CHECK(copy_bytes(from, to, source_info.size));
    return publish(draft, destination, path, PutMode::Overwrite);
  }

  Result<ListObjectsPage> list(const AddressMap::Stretch& stretch, const ObjectAddress& prefix,
                               std::string_view after, std::size_t limit) const {
    ListRequest request;
    Fd external;
    const bool is_external = !stretch.folder.folder.empty();
    if (is_external) {
      external = Fd(::open(stretch.folder.folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
      if (!external && errno == ENOENT) return ListObjectsPage();
      if (!external) return read_failure(errno);
    }
    request.root = is_external ? external.get() : workspace->root();
    request.folder = stretch.folder.path;
    request.text = stretch.text;
    request.name_prefix = prefix.view().substr(stretch.text.size());
    request.after = after;
    request.limit = limit;
    request.skips_hidden = is_external && !options.lists_hidden;
    if (!is_external && request.folder.empty()) request.skipped = WorkspaceName;
    return list_folder(request);
  }

  const LocalObjectsOptions options;
  const ports::ObjectStoreCapabilities capabilities;
  const std::unique_ptr<Workspace> workspace;
  const AddressMap addresses;
  Uploads uploads;
  base::Offload& offload;
};

LocalObjects::LocalObjects(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

LocalObjects::~LocalObjects() = default;

Result<std::unique_ptr<LocalObjects>> LocalObjects::open(LocalObjectsOptions options,
                                                         base::Offload& offload, base::Rng& rng) {
  VARVE_TRY(std::unique_ptr<Workspace> workspace, Workspace::open(options.path, rng));
  return std::make_unique<LocalObjects>(
      std::make_unique<Impl>(std::move(options), std::move(workspace), offload));
}

const ports::ObjectStoreCapabilities& LocalObjects::capabilities() const {
  return impl_->capabilities;
}

Task<Result<std::unique_ptr<ObjectWriter>>> LocalObjects::put(Context context,
                                                              ObjectAddress address, PutMode mode) {
  VARVE_CO_CHECK(check(context));
  VARVE_CO_TRY(std::string path, impl_->addresses.own_object(address));
  auto publish = [impl = impl_.get(), address, path, mode](FileDraft& draft) {
    return impl->publish(draft, address, path, mode);
  };
  co_return std::make_unique<FileWriter>(*impl_->workspace, impl_->offload, false,
                                         std::move(publish));
}

Task<Result<ObjectInfo>> LocalObjects::put_bytes(Context context, ObjectAddress address,
                                                 Bytes bytes, PutMode mode) {
  VARVE_CO_CHECK(check(context));
  VARVE_CO_TRY(const std::string path, impl_->addresses.own_object(address));
  auto job = [impl = impl_.get(), &address, &path, &bytes, mode]() -> Result<ObjectInfo> {
    FileDraft draft(*impl->workspace);
    VARVE_CHECK(draft.append(bytes));
    return impl->publish(draft, address, path, mode);
  };
  co_return co_await impl_->offload.run(std::move(job));
}

Task<Result<std::unique_ptr<ObjectReader>>> LocalObjects::get(Context context,
                                                              ObjectAddress address,
                                                              ByteRange range) {
  VARVE_CO_CHECK(check(context));
  VARVE_CO_TRY(Place place, impl_->addresses.object(address));
  VARVE_CO_TRY(Fd file, co_await impl_->open_for_reading(std::move(place), ReadFlags));
  VARVE_CO_TRY(ObjectInfo info, file_info(file, std::move(address)));
  VARVE_CO_TRY(const ByteRange resolved, ports::resolve_range(range, info.size));
  co_return std::make_unique<FileReader>(std::move(file), std::move(info), resolved,
                                         impl_->offload);
}

Task<Result<ObjectInfo>> LocalObjects::stat(Context context, ObjectAddress address) {
  VARVE_CO_CHECK(check(context));
  VARVE_CO_TRY(Place place, impl_->addresses.object(address));
  VARVE_CO_TRY(const Fd file, co_await impl_->open_for_reading(std::move(place), O_PATH));
  co_return file_info(file, std::move(address));
}

Task<Result<void>> LocalObjects::erase(Context context, ObjectAddress address) {
  VARVE_CO_CHECK(check(context));
  VARVE_CO_TRY(const std::string path, impl_->addresses.own_object(address));
  auto job = [impl = impl_.get(), &path] { return impl->erase(path); };
  co_return co_await impl_->offload.run(std::move(job));
}

Task<Result<ObjectInfo>> LocalObjects::copy(Context context, ObjectAddress source,
                                            ObjectAddress destination) {
  VARVE_CO_CHECK(check(context));
  VARVE_CO_TRY(const Place from, impl_->addresses.object(source));
  VARVE_CO_TRY(const std::string path, impl_->addresses.own_object(destination));
  auto job = [impl = impl_.get(), &from, &destination, &path] {
    return impl->copy(from, destination, path);
  };
  co_return co_await impl_->offload.run(std::move(job));
}

Task<Result<ListObjectsPage>> LocalObjects::list(Context context, ObjectAddress prefix,
                                                 ObjectAddress after, std::size_t limit) {
  VARVE_CO_CHECK(check(context));
  if (limit < 1 || limit > ListMax) co_return Error(Code::InvalidArgument, "limit out of range");
  VARVE_CO_TRY(const AddressMap::Stretch stretch, impl_->addresses.stretch(prefix));
  std::string_view rest;
  if (after.view().starts_with(stretch.text)) {
    rest = after.view().substr(stretch.text.size());
  } else if (after.view() > prefix.view()) {
    co_return ListObjectsPage();  // beyond all of them
  }
  auto job = [impl = impl_.get(), &stretch, &prefix, rest, limit] {
    return impl->list(stretch, prefix, rest, limit);
  };
  co_return co_await impl_->offload.run(std::move(job));
}

Task<Result<std::string>> LocalObjects::create_multipart(Context context, ObjectAddress address) {
  VARVE_CO_CHECK(check(context));
  VARVE_CO_TRY(const std::string path, impl_->addresses.own_object(address));
  auto job = [impl = impl_.get(), &address] { return impl->uploads.create(address); };
  co_return co_await impl_->offload.run(std::move(job));
}

Task<Result<std::unique_ptr<ObjectWriter>>> LocalObjects::put_part(Context context,
                                                                   ObjectAddress address,
                                                                   std::string upload_id,
                                                                   int number) {
  VARVE_CO_CHECK(check(context));
  VARVE_CO_CHECK(ports::check_part_number(number));
  auto job = [impl = impl_.get(), &address, &upload_id] {
    return impl->uploads.check(address, upload_id);
  };
  VARVE_CO_CHECK(co_await impl_->offload.run(std::move(job)));
  auto publish = [impl = impl_.get(), address, upload_id, number](FileDraft& draft) {
    return impl->uploads.publish_part(address, upload_id, number, draft);
  };
  co_return std::make_unique<FileWriter>(*impl_->workspace, impl_->offload, true,
                                         std::move(publish));
}

Task<Result<ObjectInfo>> LocalObjects::complete_multipart(Context context, ObjectAddress address,
                                                          std::string upload_id,
                                                          std::vector<CompletedPart> parts) {
  VARVE_CO_CHECK(check(context));
  VARVE_CO_CHECK(ports::check_part_order(parts));
  VARVE_CO_TRY(const std::string path, impl_->addresses.own_object(address));
  auto job = [impl = impl_.get(), &address, &path, &upload_id, &parts] {
    return impl->uploads.complete(address, path, upload_id, parts);
  };
  co_return co_await impl_->offload.run(std::move(job));
}

Task<Result<void>> LocalObjects::abort_multipart(Context context, ObjectAddress address,
                                                 std::string upload_id) {
  VARVE_CO_CHECK(check(context));
  auto job = [impl = impl_.get(), &address, &upload_id] {
    return impl->uploads.abort(address, upload_id);
  };
  co_return co_await impl_->offload.run(std::move(job));
}

Task<Result<std::vector<PartInfo>>> LocalObjects::list_parts(Context context, ObjectAddress address,
                                                             std::string upload_id, int after,
                                                             std::size_t limit) {
  VARVE_CO_CHECK(check(context));
  auto job = [impl = impl_.get(), &address, &upload_id, after, limit] {
    return impl->uploads.list(address, upload_id, after, limit);
  };
  co_return co_await impl_->offload.run(std::move(job));
}

}  // namespace varve::adapters
