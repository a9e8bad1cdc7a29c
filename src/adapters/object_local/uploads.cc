#include "adapters/object_local/uploads.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/object_local/beneath.h"
#include "adapters/object_local/fd.h"
#include "adapters/object_local/file_stream.h"
#include "adapters/object_local/workspace.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/number.h"
#include "base/result.h"
#include "base/time.h"
#include "model/limits.h"
#include "ports/object_address.h"
#include "ports/object_types.h"

namespace varve::adapters {

using base::Bytes;
using base::Code;
using base::Error;
using base::Result;
using ports::CompletedPart;
using ports::ObjectAddress;
using ports::ObjectInfo;
using ports::PartInfo;
using ports::PutMode;

namespace {

constexpr const char* AddressFile = "address";
constexpr std::size_t DigestBytes = 16;
constexpr std::size_t NumberDigits = 5;
constexpr std::size_t AddressBytesMax = 8192;
constexpr std::size_t IdDigits = 32;

std::string part_name(int number) {
  const std::string digits = std::to_string(number);
  return std::string(NumberDigits - digits.size(), '0') + digits;
}

std::optional<int> part_number(std::string_view name) {
  if (name.size() != NumberDigits) return std::nullopt;
  return base::parse_number<int>(name);
}

// Ours are lower-case hex digits; nothing else may become part of a path.
bool is_upload_id(std::string_view id) {
  return id.size() == IdDigits &&
         id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// A part, open, and what its last bytes say of it.
struct Part {
  Fd file;
  PartInfo info;
};

// nullopt: there is no such part.
Result<std::optional<Part>> open_part(const Fd& folder, int number) {
  Part part;
  part.file = Fd(::openat(folder.get(), part_name(number).c_str(), O_RDONLY | O_CLOEXEC));
  if (!part.file && errno == ENOENT) return std::optional<Part>();
  if (!part.file) return read_failure(errno);
  VARVE_TRY(const ObjectInfo file, file_info(part.file, ObjectAddress()));
  part.info.number = number;
  part.info.size = file.size - static_cast<std::int64_t>(DigestBytes);
  part.info.last_modified = file.last_modified;
  Bytes digest(DigestBytes, '\0');
  const ssize_t got = ::pread(part.file.get(), digest.data(), DigestBytes, part.info.size);
  if (got != static_cast<ssize_t>(DigestBytes)) {
    return Error(Code::Corruption, "part " + std::to_string(number) + " of an upload is damaged");
  }
  part.info.etag = base::hex_encode(digest);
  return std::optional<Part>(std::move(part));
}

Result<Bytes> read_piece(const Fd& file, std::int64_t offset, std::size_t count) {
  Bytes bytes(count, '\0');
  std::size_t done = 0;
  while (done < count) {
    const ssize_t got = ::pread(file.get(), bytes.data() + done, count - done,
                                static_cast<off_t>(offset) + static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return read_failure(errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

// Whether `object` has, from `offset` on, the first `size` bytes of `part`.
Result<bool> holds(const Fd& object, std::int64_t offset, const Fd& part, std::int64_t size) {
  for (std::int64_t done = 0; done < size;) {
    const auto count =
        static_cast<std::size_t>(std::min<std::int64_t>(size - done, model::TransferBufferBytes));
    VARVE_TRY(const Bytes wanted, read_piece(part, done, count));
    VARVE_TRY(const Bytes found, read_piece(object, offset + done, count));
    if (wanted.size() != count || found != wanted) return false;
    done += static_cast<std::int64_t>(count);
  }
  return true;
}

Result<std::vector<int>> part_numbers(const Fd& folder) {
  const Fd listed(::openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!listed) return read_failure(errno);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(::dup(listed.get())), ::closedir);
  if (!stream) return read_failure(errno);
  std::vector<int> numbers;
  while (const dirent* entry = ::readdir(stream.get())) {
    if (const auto number = part_number(entry->d_name)) numbers.push_back(*number);
  }
  std::ranges::sort(numbers);
  return numbers;
}

}  // namespace

Result<std::string> Uploads::create(const ObjectAddress& address) const {
  std::string id = workspace_.random_name();
  const std::string folder_name = id;
  if (::mkdirat(workspace_.uploads(), folder_name.c_str(), 0755) != 0) return write_failure(errno);
  const Fd folder(
      ::openat(workspace_.uploads(), folder_name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return write_failure(errno);
  FileDraft draft(workspace_);
  VARVE_CHECK(draft.append(address.str()));
  VARVE_CHECK(draft.file->publish(folder, AddressFile, PutMode::IfAbsent));
  if (::fsync(workspace_.uploads()) != 0) return write_failure(errno);
  return id;
}

Result<Fd> Uploads::open(const ObjectAddress& address, const std::string& id) const {
  if (!is_upload_id(id)) return ports::upload_missing();
  Fd folder(::openat(workspace_.uploads(), id.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder && errno == ENOENT) return ports::upload_missing();
  if (!folder) return read_failure(errno);
  const Fd file(::openat(folder.get(), AddressFile, O_RDONLY | O_CLOEXEC));
  if (!file) return ports::upload_missing();
  Bytes stored(AddressBytesMax, '\0');
  const ssize_t got = ::pread(file.get(), stored.data(), stored.size(), 0);
  if (got < 0) return read_failure(errno);
  stored.resize(static_cast<std::size_t>(got));
  if (stored != address.view()) return ports::upload_missing();
  return folder;
}

Result<void> Uploads::check(const ObjectAddress& address, const std::string& id) const {
  VARVE_TRY(const Fd folder, open(address, id));
  return {};
}

Result<ObjectInfo> Uploads::publish_part(const ObjectAddress& address, const std::string& id,
                                         int number, FileDraft& draft) const {
  const std::int64_t size = draft.size;
  const Bytes digest = draft.hasher->finish();
  draft.hasher.reset();
  VARVE_CHECK(draft.append(digest));
  // Opened now, not when the part began: an upload that was aborted meanwhile stays gone.
  VARVE_TRY(const Fd folder, open(address, id));
  const Result<void> done = draft.file->publish(folder, part_name(number), PutMode::Overwrite);
  if (!done && done.error().code() == Code::NotFound) return ports::upload_missing();
  VARVE_CHECK(done);
  VARVE_TRY(std::optional<Part> part, open_part(folder, number));
  ObjectInfo info;
  info.address = address;
  info.size = size;
  info.etag = base::hex_encode(digest);
  if (part) info.last_modified = part->info.last_modified;
  return info;
}

Result<std::vector<PartInfo>> Uploads::list(const ObjectAddress& address, const std::string& id,
                                            int after, std::size_t limit) const {
  VARVE_TRY(const Fd folder, open(address, id));
  VARVE_TRY(const std::vector<int> numbers, part_numbers(folder));
  std::vector<PartInfo> listed;
  for (auto number = std::ranges::upper_bound(numbers, after);
       number != numbers.end() && listed.size() < limit; ++number) {
    VARVE_TRY(std::optional<Part> part, open_part(folder, *number));
    if (part) listed.push_back(std::move(part->info));
  }
  return listed;
}

Result<Uploads::Joined> Uploads::join(const ObjectAddress& address, const std::string& id,
                                      const std::vector<CompletedPart>& parts) const {
  VARVE_TRY(const Fd folder, open(address, id));
  VARVE_TRY(TempFile file, workspace_.temp_file());
  Joined joined{std::move(file), {}};
  joined.info.address = address;
  Bytes digests;
  for (const CompletedPart& wanted : parts) {
    VARVE_CHECK(ports::check_part_number(wanted.number));
    VARVE_TRY(const std::optional<Part> part, open_part(folder, wanted.number));
    if (!part || part->info.etag != wanted.etag) return ports::invalid_part(wanted.number);
    VARVE_CHECK(copy_bytes(part->file.get(), joined.file.descriptor(), part->info.size));
    Bytes digest;
    base::hex_decode(wanted.etag, digest);
    digests += digest;
    joined.info.size += part->info.size;
  }
  joined.info.etag = base::hex_encode(base::md5(digests)) + "-" + std::to_string(parts.size());
  VARVE_CHECK(joined.file.sync());
  return joined;
}

Result<base::Timestamp> Uploads::made_at(const ObjectAddress& address, const std::string& id,
                                         const std::vector<CompletedPart>& parts,
                                         const std::string& path) const {
  VARVE_TRY(const Fd folder, open(address, id));
  const Fd object = open_beneath(workspace_.root(), path, O_RDONLY | O_NONBLOCK);
  if (!object) return read_failure(errno);
  VARVE_TRY(const ObjectInfo info, file_info(object, address));
  std::int64_t offset = 0;
  for (const CompletedPart& wanted : parts) {
    VARVE_TRY(const std::optional<Part> part, open_part(folder, wanted.number));
    if (!part || part->info.etag != wanted.etag) return ports::invalid_part(wanted.number);
    VARVE_TRY(const bool is_same, holds(object, offset, part->file, part->info.size));
    if (!is_same) return ports::made_of_other_parts();
    offset += part->info.size;
  }
  if (offset != info.size) return ports::made_of_other_parts();
  return info.last_modified;
}

Result<void> Uploads::abort(const ObjectAddress& address, const std::string& id) const {
  VARVE_CHECK(check(address, id));
  Result<void> done = workspace_.discard_upload(id);
  if (!done && done.error().code() == Code::NotFound) return ports::upload_missing();
  return done;
}

}  // namespace varve::adapters
