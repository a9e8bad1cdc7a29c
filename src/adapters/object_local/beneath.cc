#include "adapters/object_local/beneath.h"

#include <asm-generic/errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>

#include "adapters/object_local/fd.h"
#include "base/durable_files.h"
#include "base/result.h"
#include "model/errors.h"
#include "ports/object_address.h"

namespace varve::adapters {

using base::Code;
using base::Error;
using model::Detail;

namespace {

Fd open_resolved(int folder, const std::string& path, int flags, mode_t mode,
                 std::uint64_t resolve) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags) | O_CLOEXEC;
  how.mode = mode;
  how.resolve = resolve;
  return Fd(static_cast<int>(::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how)));
}

Fd open_by_steps(int folder, const std::string& path, int flags, mode_t mode) {
  Fd at;
  int current = folder;
  std::size_t begin = 0;
  for (std::size_t slash = path.find('/'); slash != std::string::npos;
       begin = slash + 1, slash = path.find('/', begin)) {
    const std::string name = path.substr(begin, slash - begin);
    at = Fd(::openat(current, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!at) return {};
    current = at.get();
  }
  return Fd(::openat(current, path.c_str() + begin, flags | O_NOFOLLOW | O_CLOEXEC, mode));
}

bool is_call_missing(int number) { return number == ENOSYS || number == EPERM; }

}  // namespace

Fd open_beneath(int folder, const std::string& path, int flags, mode_t mode) {
  Fd opened = open_resolved(folder, path, flags, mode, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
  if (opened || !is_call_missing(errno)) return opened;
  return open_by_steps(folder, path, flags, mode);
}

Fd open_cached(int folder, const std::string& path, int flags) {
  Fd opened = open_resolved(folder, path, flags, 0,
                            RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_CACHED);
  // An old kernel knows the call but not the flag.
  if (!opened && (is_call_missing(errno) || errno == EINVAL)) errno = EAGAIN;
  return opened;
}

Error read_failure(int number) {
  switch (number) {
    case ENOENT:
    case ENOTDIR:
      return model::data_missing();
    case EXDEV:  // the path led out of the folder
    case ELOOP:
    case EACCES:
      return ports::storage_forbidden();
    default:
      return base::error_from_errno(number, "object");
  }
}

Error write_failure(int number) {
  switch (number) {
    case ENOSPC:
    case EDQUOT:
      return model::make_error(Code::ResourceExhausted, Detail::StorageFull,
                               "no space left in the object store");
    case ENOTDIR:
    case EISDIR:
    case ENOTEMPTY:
      return {Code::InvalidArgument, "a name cannot be an object and a folder of objects"};
    case EXDEV:
    case ELOOP:
    case EACCES:
      return ports::storage_forbidden();
    default:
      return base::error_from_errno(number, "object");
  }
}

}  // namespace varve::adapters
