// Folders that are there after a power failure. POSIX keeps a name only once the folder that holds
// it has been synced; these do that.
//
// They block: call them from offload.h's pool, or before a server serves.
#pragma once

#include <string>

#include "base/result.h"

namespace varve::base {

// Makes `path` and the folders above it, and syncs each folder that gained a name. A folder that is
// there already is fine.
//   InvalidArgument    `path` is empty, or something on the way is no folder
//   PermissionDenied   the file system says so
//   ResourceExhausted  no space left
//   Unavailable        any other failure; the message has the path and the reason
Result<void> make_folders(const std::string& path);

// Makes what was done to the names in folder `path` durable.
Result<void> sync_folder(const std::string& path);

// What a failed call means: `what` and errno's text, under the code a caller would act on.
Error error_from_errno(int number, const std::string& what);

}  // namespace varve::base
