#include "adapters/object_local/object_local.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
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
#include "adapters/object_local/journal.h"
#include "adapters/object_local/listing.h"
#include "adapters/object_local/uploads.h"
#include "adapters/object_local/workspace.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/task.h"
#include "ports/object_address.h"
#include "ports/object_types.h"

namespace varve::adapters {

using base::Bytes;
using base::Code;
using base::Context;
using base::Error;
using base::Result;
using base::SharedBytes;
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
  Impl(LocalObjectsOptions o, std::unique_ptr<Workspace> w, std::unique_ptr<Journal> j,
       base::Offload& pool)
      : options(std::move(o)),
        capabilities(capabilities_of(options, w->root_path())),
        workspace(std::move(w)),
        journal(std::move(j)),
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

  // Gives a draft its name; a short one goes through the journal whole.
  Task<Result<ObjectInfo>> publish(FileDraft* draft, SharedBytes rest, ObjectAddress address,
                                   std::string path, PutMode mode) const {
    ObjectInfo info;
    info.address = std::move(address);
    info.size = draft->size + static_cast<std::int64_t>(rest.view.size());
    if (!draft->file && rest.view.size() <= Journal::ContentBytesMax) {
      VARVE_CO_TRY(info.last_modified,
                   co_await journal->put(std::move(path), std::move(rest), mode));
      co_return info;
    }
    auto job = [draft, &rest]() -> Result<void> {
      VARVE_CHECK(draft->append(rest.view));
      return draft->file->sync();
    };
    VARVE_CO_CHECK(co_await offload.run(std::move(job)));
    VARVE_CO_TRY(info.last_modified,
                 co_await journal->name(std::move(path), std::move(*draft->file), mode));
    co_return info;
  }

  Task<Result<ObjectInfo>> publish_part(FileDraft* draft, SharedBytes rest, ObjectAddress address,
                                        std::string upload_id, int number) const {
    auto job = [this, draft, &rest, &address, &upload_id, number]() -> Result<ObjectInfo> {
      VARVE_CHECK(draft->append(rest.view));
      return uploads.publish_part(address, upload_id, number, *draft);
    };
    co_return co_await offload.run(std::move(job));
  }

  Result<void> copy_into(FileDraft& draft, const Place& source) const {
    const Fd from = open(source, ReadFlags, false);
    if (!from) return read_failure(errno);
    VARVE_TRY(const ObjectInfo info, file_info(from, ObjectAddress()));
    VARVE_CHECK(draft.append({}));
    VARVE_CHECK(copy_bytes(from.get(), draft.file->descriptor(), info.size));
    draft.size = info.size;
    return {};
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
  const std::unique_ptr<Journal> journal;
  const AddressMap addresses;
  Uploads uploads;
  base::Offload& offload;
};

LocalObjects::LocalObjects(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

LocalObjects::~LocalObjects() = default;

Result<std::unique_ptr<LocalObjects>> LocalObjects::open(LocalObjectsOptions options,
                                                         base::Offload& offload, base::Rng& rng) {
  VARVE_TRY(std::unique_ptr<Workspace> workspace, Workspace::open(options.path, rng));
  VARVE_TRY(std::unique_ptr<Journal> journal, Journal::open(*workspace));
  return std::make_unique<LocalObjects>(std::make_unique<Impl>(
      std::move(options), std::move(workspace), std::move(journal), offload));
}

const ports::ObjectStoreCapabilities& LocalObjects::capabilities() const {
  return impl_->capabilities;
}

Task<Result<std::unique_ptr<ObjectWriter>>> LocalObjects::put(Context context,
                                                              ObjectAddress address, PutMode mode) {
  VARVE_CO_CHECK(check(context));
  VARVE_CO_TRY(std::string path, impl_->addresses.own_object(address));
  auto publish = [impl = impl_.get(), address, path, mode](FileDraft* draft, SharedBytes rest) {
    return impl->publish(draft, std::move(rest), address, path, mode);
  };
  co_return std::make_unique<FileWriter>(*impl_->workspace, impl_->offload, false,
                                         std::move(publish));
}

Task<Result<ObjectInfo>> LocalObjects::put_bytes(Context context, ObjectAddress address,
                                                 SharedBytes bytes, PutMode mode) {
  VARVE_CO_CHECK(check(context));
  VARVE_CO_TRY(std::string path, impl_->addresses.own_object(address));
  FileDraft draft(*impl_->workspace);
  co_return co_await impl_->publish(&draft, std::move(bytes), std::move(address), std::move(path),
                                    mode);
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
  VARVE_CO_TRY(std::string path, impl_->addresses.own_object(address));
  co_return co_await impl_->journal->remove(std::move(path));
}

Task<Result<ObjectInfo>> LocalObjects::copy(Context context, ObjectAddress source,
                                            ObjectAddress destination) {
  VARVE_CO_CHECK(check(context));
  VARVE_CO_TRY(const Place from, impl_->addresses.object(source));
  VARVE_CO_TRY(std::string path, impl_->addresses.own_object(destination));
  FileDraft draft(*impl_->workspace);
  auto job = [impl = impl_.get(), &from, &draft] { return impl->copy_into(draft, from); };
  VARVE_CO_CHECK(co_await impl_->offload.run(std::move(job)));
  SharedBytes rest;
  co_return co_await impl_->publish(&draft, std::move(rest), std::move(destination),
                                    std::move(path), PutMode::Overwrite);
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
  if (const auto path = impl_->addresses.own_object(address); !path) co_return path.error();
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
  auto publish = [impl = impl_.get(), address, upload_id, number](FileDraft* draft,
                                                                  SharedBytes rest) {
    return impl->publish_part(draft, std::move(rest), address, upload_id, number);
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
  auto job = [impl = impl_.get(), &address, &upload_id, &parts] {
    return impl->uploads.join(address, upload_id, parts);
  };
  VARVE_CO_TRY(Uploads::Joined joined, co_await impl_->offload.run(std::move(job)));
  auto named = co_await impl_->journal->name(path, std::move(joined.file), PutMode::IfAbsent);
  if (!named && named.error().code() == Code::AlreadyExists) {
    auto compare = [impl = impl_.get(), &address, &upload_id, &parts, &path] {
      return impl->uploads.made_at(address, upload_id, parts, path);
    };
    named = co_await impl_->offload.run(std::move(compare));
  }
  if (!named) co_return std::move(named).error();
  joined.info.last_modified = *named;
  co_return std::move(joined.info);
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
