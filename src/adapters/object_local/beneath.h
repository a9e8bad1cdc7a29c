// Opening what is below a folder, and never anything else: the kernel resolves the path and refuses
// to leave, through `..` or a symbolic link (openat2, RESOLVE_BENEATH). Where a sandbox forbids
// that call, the path is walked one name at a time and no symbolic link is followed.
//
// All block, except open_cached. Paths are relative and clean (address.h).
#pragma once

#include <sys/types.h>

#include <string>

#include "adapters/object_local/fd.h"
#include "base/result.h"

namespace varve::adapters {

// The descriptor, or nothing with errno set.
Fd open_beneath(int folder, const std::string& path, int flags, mode_t mode = 0);

// As above, but only from what the kernel has in memory: errno is EAGAIN if it cannot tell.
Fd open_cached(int folder, const std::string& path, int flags);

// What a failed call on an object means. NotFound (Detail::DataMissing) when the name, or a folder
// on the way, is not there.
base::Error read_failure(int number);

// The same of a call that makes an object or a folder: a name that is in the way is
// InvalidArgument, a full disk ResourceExhausted (Detail::StorageFull).
base::Error write_failure(int number);

}  // namespace varve::adapters
