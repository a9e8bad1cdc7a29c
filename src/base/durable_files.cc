#include "base/durable_files.h"

#include <asm-generic/errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <string>
#include <system_error>

#include "base/result.h"

namespace varve::base {
namespace {

constexpr mode_t FolderMode = 0755;

Code code_of(int number) {
  switch (number) {
    case ENOENT:
      return Code::NotFound;
    case EEXIST:
      return Code::AlreadyExists;
    case ENOTDIR:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
    case EINVAL:
      return Code::InvalidArgument;
    case EACCES:
    case EPERM:
    case EROFS:
      return Code::PermissionDenied;
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
      return Code::ResourceExhausted;
    default:
      return Code::Unavailable;
  }
}

std::string parent_of(const std::string& path) {
  const std::size_t end = path.find_last_not_of('/');
  const std::size_t slash = path.find_last_of('/', end);
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool is_folder(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

}  // namespace

Error error_from_errno(int number, const std::string& what) {
  return {code_of(number), what + ": " + std::generic_category().message(number)};
}

Result<void> sync_folder(const std::string& path) {
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return error_from_errno(errno, path);
  const int failure = ::fsync(folder) == 0 ? 0 : errno;
  ::close(folder);
  if (failure != 0) return error_from_errno(failure, path);
  return {};
}

Result<void> make_folders(const std::string& path) {
  if (path.empty()) return Error(Code::InvalidArgument, "folder without a name");
  if (is_folder(path)) return {};
  const std::string parent = parent_of(path);
  if (!is_folder(parent)) VARVE_CHECK(make_folders(parent));
  if (::mkdir(path.c_str(), FolderMode) != 0) {
    const int failure = errno;
    // Somebody may have been faster, which is as good; its name still has to be made durable.
    if (failure != EEXIST) return error_from_errno(failure, path);
    if (!is_folder(path)) return error_from_errno(ENOTDIR, path);
  }
  return sync_folder(parent);
}

}  // namespace varve::base
