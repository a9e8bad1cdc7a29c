#include "format/changed_paths.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "format/table_format.h"
#include "format/xxhash64.h"
#include "model/ids.h"

namespace varve::format {

namespace {

using Kind = ChangedPaths::Kind;

constexpr char Version = 1;
constexpr std::size_t HeadBytes = 4;
constexpr std::size_t SumBytes = 8;
constexpr std::uint64_t FnvPrime = 0x100000001b3ULL;

static_assert(ChangedPathsMax <= 255 && ChangedDirectoriesMax <= 255, "a count is one octet");

Fingerprint folded(std::uint64_t hash) { return static_cast<Fingerprint>(hash ^ (hash >> 32U)); }

Fingerprint fingerprint(std::string_view text) { return folded(base::fnv1a64(text)); }

// What a path has up to its last slash, that included.
std::string_view directory_of(std::string_view path) {
  return path.substr(0, path.rfind('/') + 1);  // none: npos + 1 is 0
}

std::uint64_t sum_of(const model::CommitId& commit, std::string_view bytes) {
  std::string summed(commit.view());
  summed.append(bytes);
  return xxhash64(summed);
}

void put_all(base::Bytes& out, const std::vector<Fingerprint>& values) {
  for (const Fingerprint value : values) put_u32le(out, value);
}

std::vector<Fingerprint> take_all(std::string_view& in, std::size_t count) {
  std::vector<Fingerprint> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = load_u32le(in.data() + 4 * i);
  in.remove_prefix(4 * count);
  return values;
}

void sort_once(std::vector<Fingerprint>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

bool ascends(const std::vector<Fingerprint>& values) {
  return std::adjacent_find(values.begin(), values.end(), std::greater_equal<>()) == values.end();
}

bool has(std::span<const Fingerprint> values, Fingerprint value) {
  return std::binary_search(values.begin(), values.end(), value);
}

base::Error damaged(const model::CommitId& commit) {
  return {base::Code::Corruption,
          "the note of what commit " + commit.str() + " changed is damaged"};
}

}  // namespace

base::Bytes encode_changed_paths(const model::CommitId& commit, const ChangedPaths& changes) {
  VARVE_ASSERT(changes.paths.size() <= ChangedPathsMax);
  VARVE_ASSERT(changes.directories.size() <= ChangedDirectoriesMax);
  base::Bytes out;
  out.reserve(HeadBytes + 4 * (changes.paths.size() + changes.directories.size()) + SumBytes);
  out.push_back(Version);
  out.push_back(static_cast<char>(changes.kind));
  out.push_back(static_cast<char>(changes.paths.size()));
  out.push_back(static_cast<char>(changes.directories.size()));
  put_all(out, changes.paths);
  put_all(out, changes.directories);
  put_u64le(out, sum_of(commit, out));
  return out;
}

base::Result<ChangedPaths> decode_changed_paths(const model::CommitId& commit,
                                                std::string_view bytes) {
  if (bytes.size() < HeadBytes + SumBytes || bytes[0] != Version) return damaged(commit);
  const std::string_view summed = bytes.substr(0, bytes.size() - SumBytes);
  if (load_u64le(summed.data() + summed.size()) != sum_of(commit, summed)) return damaged(commit);
  const auto kind = static_cast<std::uint8_t>(summed[1]);
  const auto paths = static_cast<std::uint8_t>(summed[2]);
  const auto directories = static_cast<std::uint8_t>(summed[3]);
  const bool fits = kind <= static_cast<std::uint8_t>(Kind::TooMany) &&
                    summed.size() == HeadBytes + std::size_t{4} * (paths + directories);
  if (!fits) return damaged(commit);
  ChangedPaths changes;
  changes.kind = static_cast<Kind>(kind);
  std::string_view rest = summed.substr(HeadBytes);
  changes.paths = take_all(rest, paths);
  changes.directories = take_all(rest, directories);
  if (!ascends(changes.paths) || !ascends(changes.directories)) return damaged(commit);
  return changes;
}

void ChangedPathsWriter::give_up() {
  changes_.kind = Kind::TooMany;
  changes_.paths.clear();
  changes_.directories.clear();
}

void ChangedPathsWriter::add(std::string_view path) {
  if (is_too_many()) return;
  if (++count_ > ChangesNotedMax) return give_up();
  // Directories that the path before was in, too, are noted.
  const auto met = std::mismatch(path.begin(), path.end(), last_.begin(), last_.end());
  const auto common = static_cast<std::size_t>(met.first - path.begin());
  const bool has_new = path.find('/', common) != std::string_view::npos;
  if (!has_new && changes_.kind == Kind::Directories &&
      (has_root_ || !directory_of(path).empty())) {
    return;
  }
  std::uint64_t hash = base::fnv1a64({});
  if (!has_root_ && directory_of(path).empty()) {
    has_root_ = true;
    changes_.directories.push_back(folded(hash));
  }
  for (std::size_t i = 0; i < path.size(); ++i) {
    hash = (hash ^ static_cast<unsigned char>(path[i])) * FnvPrime;
    if (path[i] == '/' && i >= common) changes_.directories.push_back(folded(hash));
    if (changes_.directories.size() > ChangedDirectoriesMax) return give_up();
  }
  if (changes_.directories.size() > ChangedDirectoriesMax) return give_up();
  if (changes_.kind == Kind::Paths) changes_.paths.push_back(folded(hash));
  if (changes_.paths.size() > ChangedPathsMax) {
    changes_.kind = Kind::Directories;
    changes_.paths.clear();
  }
  last_ = path;
}

ChangedPaths ChangedPathsWriter::finish() {
  sort_once(changes_.paths);
  sort_once(changes_.directories);
  return std::move(changes_);
}

PathFilter::PathFilter(const std::vector<std::string>& objects,
                       const std::vector<std::string>& prefixes) {
  for (const std::string& path : objects) {
    objects_.push_back({fingerprint(path), fingerprint(directory_of(path))});
  }
  for (const std::string& prefix : prefixes) {
    const std::string_view directory = directory_of(prefix);
    if (directory.empty()) {
      prefixes_.push_back(std::nullopt);
    } else {
      prefixes_.push_back(fingerprint(directory));
    }
  }
}

bool PathFilter::may_have_changed(const ChangedPathsView& changes) const {
  if (changes.kind == Kind::TooMany) return true;
  for (const Object& object : objects_) {
    const bool may = changes.kind == Kind::Paths ? has(changes.paths, object.path)
                                                 : has(changes.directories, object.directory);
    if (may) return true;
  }
  for (const std::optional<Fingerprint>& directory : prefixes_) {
    const bool may =
        directory.has_value() ? has(changes.directories, *directory) : !changes.directories.empty();
    if (may) return true;
  }
  return false;
}

}  // namespace varve::format
