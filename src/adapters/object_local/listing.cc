#include "adapters/object_local/listing.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/object_local/beneath.h"
#include "adapters/object_local/fd.h"
#include "base/result.h"
#include "ports/object_types.h"

namespace varve::adapters {

using base::Result;
using ports::ListObjectsPage;
using ports::ObjectAddress;
using ports::ObjectInfo;

namespace {

struct CloseDir {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

class Lister {
 public:
  explicit Lister(const ListRequest& request) : request_(request) {}

  // Lists what is in `folder`, whose objects' addresses begin with `text`. `prefix` is what names
  // must begin with; `after` is what is left of the address to start after, below this folder.
  Result<void> walk(const std::string& folder, const std::string& text, std::string_view prefix,
                    std::string_view after);

  ListObjectsPage take() && { return std::move(page_); }

 private:
  // The smallest sort names of `folder` that may follow `after`, ascending: one more than the page
  // can still take, since each stands for an object, or for a folder that may hold none.
  Result<std::vector<std::string>> names(const std::string& folder, std::string_view prefix,
                                         std::string_view from);
  bool is_full() const { return page_.has_more; }
  void add(const Fd& folder, const std::string& path, const std::string& name,
           const std::string& text);
  bool is_folder(int parent, const std::string& path, const dirent& entry) const;

  const ListRequest& request_;
  ListObjectsPage page_;
};

// Names of one read of the folder; more are read when these were not enough.
constexpr std::size_t NamesMax = 2048;

std::string join(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

bool Lister::is_folder(int parent, const std::string& path, const dirent& entry) const {
  if (entry.d_type != DT_UNKNOWN) return entry.d_type == DT_DIR;
  struct stat status{};
  return ::fstatat(parent, path.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISDIR(status.st_mode);
}

// `from` is a sort name: those below it are passed over, it itself is not.
Result<std::vector<std::string>> Lister::names(const std::string& folder, std::string_view prefix,
                                               std::string_view from) {
  std::vector<std::string> smallest;  // a heap, the largest on top
  Fd opened = open_beneath(request_.root, folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
  if (!opened) {
    if (errno == ENOENT || errno == ENOTDIR) return smallest;
    return read_failure(errno);
  }
  const std::unique_ptr<DIR, CloseDir> stream(::fdopendir(::dup(opened.get())));
  if (!stream) return read_failure(errno);
  for (errno = 0; const dirent* entry = ::readdir(stream.get()); errno = 0) {
    std::string name = entry->d_name;
    if (name == "." || name == ".." || !name.starts_with(prefix)) continue;
    if (request_.skips_hidden && name.starts_with('.')) continue;
    if (folder == request_.folder && name == request_.skipped) continue;
    if (is_folder(opened.get(), name, *entry)) name += '/';
    if (name < from) continue;
    if (smallest.size() == NamesMax) {
      if (name >= smallest.front()) continue;
      std::ranges::pop_heap(smallest);
      smallest.pop_back();
    }
    smallest.push_back(std::move(name));
    std::ranges::push_heap(smallest);
  }
  if (errno != 0) return read_failure(errno);
  std::ranges::sort_heap(smallest);
  return smallest;
}

// A file may be gone by now, or be a link that leads nowhere or outside: then it is no object.
void Lister::add(const Fd& folder, const std::string& path, const std::string& name,
                 const std::string& text) {
  struct stat status{};
  if (::fstatat(folder.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return;
  if (S_ISLNK(status.st_mode)) {
    const Fd target = open_beneath(request_.root, path, O_PATH);
    if (!target || ::fstat(target.get(), &status) != 0) return;
  }
  if (!S_ISREG(status.st_mode)) return;
  if (page_.objects.size() == request_.limit) {
    page_.has_more = true;
    return;
  }
  ObjectInfo info;
  info.address = ObjectAddress(text + name);
  info.size = status.st_size;
  info.last_modified = {status.st_mtim.tv_sec, static_cast<std::int32_t>(status.st_mtim.tv_nsec)};
  page_.objects.push_back(std::move(info));
}

Result<void> Lister::walk(const std::string& folder, const std::string& text,
                          std::string_view prefix, std::string_view after) {
  const std::size_t slash = after.find('/');
  const bool starts_inside = slash != std::string_view::npos;
  // The folder that `after` leads into is entered again; an object named `after` is not listed.
  std::string from(starts_inside ? after.substr(0, slash + 1) : after);
  const std::string entered = starts_inside ? from : "";
  if (!starts_inside && !after.empty()) from.push_back('\0');  // the least name above it
  for (;;) {
    VARVE_TRY(const std::vector<std::string> names, this->names(folder, prefix, from));
    const Fd opened = open_beneath(request_.root, folder.empty() ? "." : folder, O_PATH);
    for (const std::string& name : names) {
      if (is_full()) return {};
      if (name.ends_with('/')) {
        const std::string below = name.substr(0, name.size() - 1);
        const std::string_view rest = name == entered ? after.substr(slash + 1) : "";
        VARVE_CHECK(walk(join(folder, below), text + name, "", rest));
      } else {
        add(opened, join(folder, name), name, text);
      }
    }
    if (names.size() < NamesMax) return {};
    from = names.back() + '\0';
  }
}

}  // namespace

Result<ListObjectsPage> list_folder(const ListRequest& request) {
  Lister lister(request);
  VARVE_CHECK(lister.walk(request.folder, request.text, request.name_prefix, request.after));
  return std::move(lister).take();
}

}  // namespace varve::adapters
