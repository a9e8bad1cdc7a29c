// Which paths a commit changed against its only parent, as far as a log of some paths must know it
// to pass the commit over. A filter: it can say "certainly not changed", never "changed", so who
// finds nothing here, or anything else, compares the trees. docs/formats/changed-paths.md.
//
//   offset     width  what
//   0          1      version, 1
//   1          1      kind: 0 Paths, 1 Directories, 2 TooMany
//   2          1      number of path fingerprints, p
//   3          1      number of directory fingerprints, d
//   4          4p     fingerprints of the changed paths, ascending; of Paths only
//   4 + 4p     4d     fingerprints of the directories they are in, ascending; not of TooMany
//   4 + 4(p+d) 8      XXH64 of the commit's id and everything before, little-endian as the rest
//
// A fingerprint is the FNV-1a of 64 bits, its halves exclusive-or'ed. The directories of a path are
// its beginnings that end in a slash; a path without a slash has one, the empty text.
//
// Plain values: any thread may call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "model/ids.h"

namespace varve::format {

using Fingerprint = std::uint32_t;

constexpr std::size_t ChangedPathsMax = 128;        // more: only their directories are noted
constexpr std::size_t ChangedDirectoriesMax = 128;  // more: TooMany
// A commit of more changes is TooMany whatever they are, so that noting them stays cheap.
constexpr std::size_t ChangesNotedMax = 65536;

struct ChangedPaths {
  enum class Kind : std::uint8_t { Paths = 0, Directories = 1, TooMany = 2 };
  Kind kind = Kind::Paths;
  std::vector<Fingerprint> paths;        // ascending
  std::vector<Fingerprint> directories;  // ascending
  friend bool operator==(const ChangedPaths&, const ChangedPaths&) = default;
};

// The same as views, for who keeps many.
struct ChangedPathsView {
  ChangedPathsView() = default;
  explicit ChangedPathsView(const ChangedPaths& whole)
      : kind(whole.kind), paths(whole.paths), directories(whole.directories) {}
  ChangedPaths::Kind kind = ChangedPaths::Kind::TooMany;
  std::span<const Fingerprint> paths;
  std::span<const Fingerprint> directories;
};

base::Bytes encode_changed_paths(const model::CommitId& commit, const ChangedPaths& changes);
//   Corruption  another version, damaged, or another commit's
base::Result<ChangedPaths> decode_changed_paths(const model::CommitId& commit,
                                                std::string_view bytes);

// Notes paths, best in ascending order: a directory is looked at once for all that is in it. A path
// that was not changed may be added too; the filter only gets coarser.
class ChangedPathsWriter {
 public:
  void add(std::string_view path);
  bool is_too_many() const { return changes_.kind == ChangedPaths::Kind::TooMany; }
  ChangedPaths finish();

 private:
  void give_up();

  ChangedPaths changes_;
  std::size_t count_ = 0;
  bool has_root_ = false;  // the directory "" is noted
  std::string last_;
};

// What a log is asked for: paths, and prefixes of paths.
class PathFilter {
 public:
  PathFilter(const std::vector<std::string>& objects, const std::vector<std::string>& prefixes);

  // False: none of the paths was changed, and nothing below the prefixes.
  bool may_have_changed(const ChangedPathsView& changes) const;

 private:
  struct Object {
    Fingerprint path;
    Fingerprint directory;
  };

  std::vector<Object> objects_;
  // Of the directory that a prefix names or begins in; nothing: it begins at the root.
  std::vector<std::optional<Fingerprint>> prefixes_;
};

}  // namespace varve::format
