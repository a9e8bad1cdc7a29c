#include "adapters/object_memory/object_memory.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/hash.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/task.h"
#include "base/time.h"
#include "base/waiter.h"
#include "model/errors.h"
#include "ports/object_address.h"
#include "ports/object_types.h"

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

constexpr std::string_view Scheme = "mem";
constexpr std::size_t ListMax = 1000;
constexpr std::size_t UploadIdBytes = 16;

// Immutable, so a reader keeps what it opened even if the name is overwritten or erased.
struct Object {
  ObjectInfo info;
  Bytes bytes;
};
using ObjectRef = std::shared_ptr<const Object>;

struct Upload {
  ObjectAddress address;
  std::map<int, ObjectRef> parts;
};

Result<void> check(const Context& context, const ObjectAddress& address) {
  if (context.is_cancelled()) return Error(Code::Cancelled, "cancelled");
  if (const auto key = ports::object_key(address, Scheme); !key) return key.error();
  return {};
}

std::int64_t size_of(const Bytes& bytes) { return static_cast<std::int64_t>(bytes.size()); }

}  // namespace

struct MemoryObjects::State {
  State(base::Clock& c, base::Rng& r, MemoryObjectsOptions options) : clock(c), rng(r) {
    capabilities.type = "mem";
    capabilities.namespace_regex = "^mem://";
    capabilities.namespace_example = "mem://example-bucket/";
    capabilities.can_import = options.can_import;
  }

  ObjectRef make(ObjectAddress address, Bytes bytes, std::string etag) {
    auto object = std::make_shared<Object>();
    object->info.address = std::move(address);
    object->info.size = size_of(bytes);
    object->info.last_modified = clock.now();
    object->info.etag = etag.empty() ? base::hex_encode(base::md5(bytes)) : std::move(etag);
    object->bytes = std::move(bytes);
    return object;
  }

  Result<ObjectInfo> publish(ObjectRef object, PutMode mode) {
    const std::lock_guard lock(mutex);
    const std::string& name = object->info.address.str();
    if (mode == PutMode::IfAbsent && objects.contains(name)) {
      return Error(Code::AlreadyExists, "object already exists");
    }
    objects[name] = object;
    return object->info;
  }

  Result<ObjectRef> find(const ObjectAddress& address) const {
    const std::lock_guard lock(mutex);
    const auto object = objects.find(address.str());
    if (object == objects.end()) return model::data_missing();
    return object->second;
  }

  // With the mutex held.
  Upload* find_upload(const ObjectAddress& address, const std::string& id) {
    const auto upload = uploads.find(id);
    if (upload == uploads.end() || upload->second.address != address) return nullptr;
    return &upload->second;
  }

  base::Clock& clock;
  base::Rng& rng;
  ports::ObjectStoreCapabilities capabilities;
  mutable std::mutex mutex;
  std::map<std::string, ObjectRef> objects;  // by address; guarded by mutex
  std::map<std::string, Upload> uploads;     // by id; guarded by mutex
};

namespace {

using StateRef = std::shared_ptr<MemoryObjects::State>;

class Reader final : public ObjectReader {
 public:
  Reader(ObjectRef object, ByteRange range) : object_(std::move(object)), rest_(range) {}

  const ObjectInfo& info() const override { return object_->info; }

  Task<Result<Bytes>> read(std::size_t bytes_max) override {
    co_await base::yield();
    const auto first = static_cast<std::size_t>(rest_.first);
    const auto count = std::min(bytes_max, static_cast<std::size_t>(rest_.count));
    rest_.first += static_cast<std::int64_t>(count);
    rest_.count -= static_cast<std::int64_t>(count);
    co_return object_->bytes.substr(first, count);
  }

 private:
  ObjectRef object_;
  ByteRange rest_;
};

class Writer final : public ObjectWriter {
 public:
  Writer(StateRef state, ObjectAddress address, PutMode mode)
      : state_(std::move(state)), address_(std::move(address)), mode_(mode) {}

  Task<Result<void>> write(Bytes bytes) override {
    co_await base::yield();
    bytes_ += bytes;
    co_return Result<void>();
  }

  Task<Result<ObjectInfo>> finish() override {
    co_await base::yield();
    co_return state_->publish(state_->make(address_, std::move(bytes_), ""), mode_);
  }

 private:
  StateRef state_;
  ObjectAddress address_;
  PutMode mode_;
  Bytes bytes_;
};

class PartWriter final : public ObjectWriter {
 public:
  PartWriter(StateRef state, ObjectAddress address, std::string upload_id, int number)
      : state_(std::move(state)),
        address_(std::move(address)),
        upload_id_(std::move(upload_id)),
        number_(number) {}

  Task<Result<void>> write(Bytes bytes) override {
    co_await base::yield();
    bytes_ += bytes;
    co_return Result<void>();
  }

  Task<Result<ObjectInfo>> finish() override {
    co_await base::yield();
    ObjectRef part = state_->make(address_, std::move(bytes_), "");
    const std::lock_guard lock(state_->mutex);
    Upload* upload = state_->find_upload(address_, upload_id_);
    if (upload == nullptr) co_return ports::upload_missing();  // aborted in the meantime
    upload->parts[number_] = part;
    co_return part->info;
  }

 private:
  StateRef state_;
  ObjectAddress address_;
  std::string upload_id_;
  int number_;
  Bytes bytes_;
};

// The object that the named parts make.
Result<ObjectRef> assemble(MemoryObjects::State& state, const Upload& upload,
                           const std::vector<CompletedPart>& parts) {
  Bytes bytes;
  Bytes digests;
  for (const CompletedPart& wanted : parts) {
    const auto part = upload.parts.find(wanted.number);
    if (part == upload.parts.end() || part->second->info.etag != wanted.etag) {
      return ports::invalid_part(wanted.number);
    }
    Bytes digest;
    base::hex_decode(wanted.etag, digest);
    digests += digest;
    bytes += part->second->bytes;
  }
  std::string etag = base::hex_encode(base::md5(digests)) + "-" + std::to_string(parts.size());
  return state.make(upload.address, std::move(bytes), std::move(etag));
}

}  // namespace

MemoryObjects::MemoryObjects(base::Clock& clock, base::Rng& rng, MemoryObjectsOptions options)
    : state_(std::make_shared<State>(clock, rng, options)) {}

MemoryObjects::~MemoryObjects() = default;

const ports::ObjectStoreCapabilities& MemoryObjects::capabilities() const {
  return state_->capabilities;
}

Task<Result<std::unique_ptr<ObjectWriter>>> MemoryObjects::put(Context context,
                                                               ObjectAddress address,
                                                               PutMode mode) {
  VARVE_CO_CHECK(check(context, address));
  co_return std::make_unique<Writer>(state_, std::move(address), mode);
}

Task<Result<ObjectInfo>> MemoryObjects::put_bytes(Context context, ObjectAddress address,
                                                  base::SharedBytes bytes, PutMode mode) {
  VARVE_CO_CHECK(check(context, address));
  co_await base::yield();
  co_return state_->publish(state_->make(std::move(address), Bytes(bytes.view), ""), mode);
}

Task<Result<std::unique_ptr<ObjectReader>>> MemoryObjects::get(Context context,
                                                               ObjectAddress address,
                                                               ByteRange range) {
  VARVE_CO_CHECK(check(context, address));
  co_await base::yield();
  VARVE_CO_TRY(ObjectRef object, state_->find(address));
  VARVE_CO_TRY(const ByteRange resolved, ports::resolve_range(range, object->info.size));
  co_return std::make_unique<Reader>(std::move(object), resolved);
}

Task<Result<ObjectInfo>> MemoryObjects::stat(Context context, ObjectAddress address) {
  VARVE_CO_CHECK(check(context, address));
  co_await base::yield();
  VARVE_CO_TRY(const ObjectRef object, state_->find(address));
  co_return object->info;
}

Task<Result<void>> MemoryObjects::erase(Context context, ObjectAddress address) {
  VARVE_CO_CHECK(check(context, address));
  co_await base::yield();
  const std::lock_guard lock(state_->mutex);
  state_->objects.erase(address.str());
  co_return Result<void>();
}

Task<Result<ObjectInfo>> MemoryObjects::copy(Context context, ObjectAddress source,
                                             ObjectAddress destination) {
  VARVE_CO_CHECK(check(context, source));
  VARVE_CO_CHECK(check(context, destination));
  co_await base::yield();
  VARVE_CO_TRY(const ObjectRef object, state_->find(source));
  co_return state_->publish(state_->make(std::move(destination), object->bytes, object->info.etag),
                            PutMode::Overwrite);
}

Task<Result<ListObjectsPage>> MemoryObjects::list(Context context, ObjectAddress prefix,
                                                  ObjectAddress after, std::size_t limit) {
  VARVE_CO_CHECK(check(context, prefix));
  if (limit < 1 || limit > ListMax) co_return Error(Code::InvalidArgument, "limit out of range");
  co_await base::yield();
  ListObjectsPage page;
  const std::lock_guard lock(state_->mutex);
  const auto& objects = state_->objects;
  auto object = after.str() < prefix.str() ? objects.lower_bound(prefix.str())
                                           : objects.upper_bound(after.str());
  for (; object != objects.end() && object->first.starts_with(prefix.str()); ++object) {
    if (page.objects.size() == limit) {
      page.has_more = true;
      break;
    }
    page.objects.push_back(object->second->info);
  }
  co_return page;
}

Task<Result<std::string>> MemoryObjects::create_multipart(Context context, ObjectAddress address) {
  VARVE_CO_CHECK(check(context, address));
  co_await base::yield();
  std::string id = base::hex_encode(state_->rng.bytes(UploadIdBytes));
  const std::lock_guard lock(state_->mutex);
  state_->uploads[id].address = std::move(address);
  co_return id;
}

Task<Result<std::unique_ptr<ObjectWriter>>> MemoryObjects::put_part(Context context,
                                                                    ObjectAddress address,
                                                                    std::string upload_id,
                                                                    int number) {
  VARVE_CO_CHECK(check(context, address));
  VARVE_CO_CHECK(ports::check_part_number(number));
  co_await base::yield();
  const std::lock_guard lock(state_->mutex);
  if (state_->find_upload(address, upload_id) == nullptr) co_return ports::upload_missing();
  co_return std::make_unique<PartWriter>(state_, std::move(address), std::move(upload_id), number);
}

Task<Result<ObjectInfo>> MemoryObjects::complete_multipart(Context context, ObjectAddress address,
                                                           std::string upload_id,
                                                           std::vector<CompletedPart> parts) {
  VARVE_CO_CHECK(check(context, address));
  VARVE_CO_CHECK(ports::check_part_order(parts));
  co_await base::yield();
  const std::lock_guard lock(state_->mutex);
  const Upload* upload = state_->find_upload(address, upload_id);
  if (upload == nullptr) co_return ports::upload_missing();
  VARVE_CO_TRY(const ObjectRef object, assemble(*state_, *upload, parts));
  const auto [place, is_new] = state_->objects.try_emplace(address.str(), object);
  if (!is_new && place->second->bytes != object->bytes) co_return ports::made_of_other_parts();
  co_return place->second->info;
}

Task<Result<void>> MemoryObjects::abort_multipart(Context context, ObjectAddress address,
                                                  std::string upload_id) {
  VARVE_CO_CHECK(check(context, address));
  co_await base::yield();
  const std::lock_guard lock(state_->mutex);
  if (state_->find_upload(address, upload_id) == nullptr) co_return ports::upload_missing();
  state_->uploads.erase(upload_id);
  co_return Result<void>();
}

Task<Result<std::vector<PartInfo>>> MemoryObjects::list_parts(Context context,
                                                              ObjectAddress address,
                                                              std::string upload_id, int after,
                                                              std::size_t limit) {
  VARVE_CO_CHECK(check(context, address));
  co_await base::yield();
  std::vector<PartInfo> listed;
  const std::lock_guard lock(state_->mutex);
  const Upload* upload = state_->find_upload(address, upload_id);
  if (upload == nullptr) co_return ports::upload_missing();
  auto part = upload->parts.upper_bound(after);
  for (; part != upload->parts.end() && listed.size() < limit; ++part) {
    const ObjectInfo& info = part->second->info;
    listed.push_back({part->first, info.size, info.etag, info.last_modified});
  }
  co_return listed;
}

std::size_t MemoryObjects::object_count() const {
  const std::lock_guard lock(state_->mutex);
  return state_->objects.size();
}

}  // namespace varve::adapters
