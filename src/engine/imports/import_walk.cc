#include "engine/imports/import_walk.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/hash.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/imports/imports.h"
#include "engine/tree/changes.h"
#include "format/catalog.h"
#include "format/identity.h"
#include "model/limits.h"
#include "model/records.h"
#include "ports/object_types.h"

namespace varve::engine {

using base::Code;
using base::Context;
using base::Error;
using base::Result;
using base::Task;

namespace {

constexpr std::size_t BatchRows = 1000;
constexpr std::size_t PageRows = 1000;

Error cancelled() { return {Code::Cancelled, "Canceled"}; }

// A source that is mistyped finds nothing, and what is below its destination would be replaced by
// that.
Error nothing_there(const std::string& source) {
  return {Code::NotFound, "import path (" + source + "): nothing is there: not found"};
}

// Where an object below a prefix source goes: destination, a slash if it lacks one, and the key
// relative to the last slash of the source (engine.md 11.1).
std::string prefix_in_front(const std::string& destination) {
  if (destination.empty() || destination.ends_with('/')) return destination;
  return destination + "/";
}

}  // namespace

ImportWalk::ImportWalk(Core& core, Context context, std::vector<ImportSource> sources,
                       std::shared_ptr<ImportProgress> progress)
    : core_(core), context_(std::move(context)), progress_(std::move(progress)) {
  for (ImportSource& source : sources) {
    Stream stream;
    if (source.kind == ImportSource::Kind::Prefix) {
      stream.path_prefix = prefix_in_front(source.destination);
      stream.skip = source.path.rfind('/') + 1;
    }
    stream.source = std::move(source);
    streams_.push_back(std::move(stream));
  }
}

std::string ImportWalk::path_of(const Stream& stream) const {
  if (stream.source.kind == ImportSource::Kind::Object) return stream.source.destination;
  return stream.path_prefix + stream.page.front().address.str().substr(stream.skip);
}

Task<Result<void>> ImportWalk::fill(std::size_t index) {
  Stream& stream = streams_[index];
  if (stream.source.kind == ImportSource::Kind::Object) {
    stream.is_done = true;
    ports::ObjectAddress address(stream.source.path);
    VARVE_CO_TRY(ports::ObjectInfo info, co_await core_.objects.stat(context_, std::move(address)));
    stream.page.push_back(std::move(info));
    co_return Result<void>();
  }
  ports::ObjectAddress prefix(stream.source.path);
  ports::ObjectAddress after(stream.last);
  VARVE_CO_TRY(
      ports::ListObjectsPage page,
      co_await core_.objects.list(context_, std::move(prefix), std::move(after), PageRows));
  stream.is_done = !page.has_more;
  if (!page.objects.empty()) stream.last = page.objects.back().address.str();
  for (ports::ObjectInfo& info : page.objects) stream.page.push_back(std::move(info));
  co_return Result<void>();
}

Task<Result<void>> ImportWalk::open() {
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    const std::string& source = streams_[i].source.path;
    auto filled = co_await fill(i);
    if (!filled.has_value() && filled.error().code() == Code::NotFound) {
      co_return nothing_there(source);
    }
    if (!filled.has_value()) co_return filled;
    if (streams_[i].page.empty()) co_return nothing_there(source);
  }
  co_return Result<void>();
}

// A store that keeps no etag is read: entries are told apart by it. Files may grow while they are
// imported, so the size is that of what was read.
Task<Result<ImportWalk::Digest>> ImportWalk::digest_of(ports::ObjectAddress address) {
  VARVE_CO_TRY(auto reader,
               co_await core_.objects.get(context_, std::move(address), ports::ByteRange()));
  base::Hasher hasher(base::HashKind::Md5);
  Digest digest;
  for (;;) {
    if (context_.is_cancelled()) co_return cancelled();
    VARVE_CO_TRY(base::Bytes bytes, co_await reader->read(model::TransferBufferBytes));
    if (bytes.empty()) break;
    digest.size += static_cast<std::int64_t>(bytes.size());
    auto job = [&hasher, &bytes] { hasher.update(bytes); };
    VARVE_CO_CHECK(co_await core_.offload.run(std::move(job)));
  }
  digest.etag = base::hex_encode(hasher.finish());
  co_return digest;
}

Task<Result<Change>> ImportWalk::change_of(std::string path, ports::ObjectInfo info) {
  if (path.empty() || path.size() > model::PathBytesMax) {
    co_return Error(Code::InvalidArgument, "import of " + info.address.str() + " to a path of " +
                                               std::to_string(path.size()) +
                                               " bytes; a path has 1 to 1024");
  }
  if (info.etag.empty()) {
    VARVE_CO_TRY(Digest digest, co_await digest_of(info.address));
    info.etag = std::move(digest.etag);
    info.size = digest.size;
  }
  model::Entry entry;
  entry.address = info.address.str();
  entry.address_type = model::AddressType::Full;
  entry.last_modified = info.last_modified;
  entry.size = info.size;
  entry.etag = std::move(info.etag);
  Change change;
  change.path = std::move(path);
  change.record.identity = format::entry_identity(entry);
  VARVE_CO_TRY(change.record.data, format::encode_entry(entry));
  co_return change;
}

Task<Result<std::vector<Change>>> ImportWalk::next_batch() {
  std::vector<Change> batch;
  while (batch.size() < BatchRows) {
    if (context_.is_cancelled()) co_return cancelled();
    // The smallest path; of equal ones the last source's, and the others are passed over.
    std::optional<std::size_t> least;
    std::string path;
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      while (streams_[i].page.empty() && !streams_[i].is_done) VARVE_CO_CHECK(co_await fill(i));
      if (streams_[i].page.empty()) continue;
      std::string candidate = path_of(streams_[i]);
      if (least.has_value() && candidate > path) continue;
      if (least.has_value() && candidate == path) streams_[*least].page.pop_front();
      least = i;
      path = std::move(candidate);
    }
    if (!least.has_value()) break;
    ports::ObjectInfo info = std::move(streams_[*least].page.front());
    streams_[*least].page.pop_front();
    VARVE_CO_TRY(Change change, co_await change_of(std::move(path), std::move(info)));
    batch.push_back(std::move(change));
    progress_->objects.fetch_add(1, std::memory_order_relaxed);
  }
  co_return batch;
}

}  // namespace varve::engine
