// Listing a folder tree in byte order of whole addresses.
//
// A folder sorts as its name with a slash behind it, because that is what its objects' addresses
// begin with: "a-b" comes before "a/c", although "a" comes before "a-b". Each level keeps only the
// smallest names that a page can use, so memory does not grow with the folder.
//
// Symbolic links to files are listed if they stay inside; links to folders are not walked.
//
// Blocks; runs in the pool.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"
#include "ports/object_types.h"

namespace varve::adapters {

struct ListRequest {
  int root = -1;            // the folder that nothing may leave
  std::string folder;       // below it: where to list; empty: the root itself
  std::string text;         // what addresses in `folder` begin with
  std::string name_prefix;  // what names in `folder` begin with
  std::string after;        // an address below `text`, exclusive; empty: from the start
  std::size_t limit = 0;
  bool skips_hidden = false;  // names with a leading dot
  std::string skipped;        // one name in `folder` itself that is not listed
};

// A folder that is not there has no objects.
base::Result<ports::ListObjectsPage> list_folder(const ListRequest& request);

}  // namespace varve::adapters
