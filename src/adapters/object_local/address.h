// From an address to a place in the file system, and back.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "ports/object_types.h"

namespace varve::adapters {

// The hidden folder of the store in its root. No address names it.
constexpr const char* WorkspaceName = ".varve";

// A path below a folder: clean (no empty, `.` or `..` segment), relative; empty is the folder
// itself.
struct Place {
  std::string folder;  // absolute; empty: the store's root
  std::string path;
};

class AddressMap {
 public:
  // `root` is absolute and without links; the prefixes are absolute.
  AddressMap(std::string root, const std::vector<std::string>& external_prefixes);

  // Where an object is.
  //   InvalidArgument   another scheme, no name, a trailing slash, a segment of over 255
  //                     bytes, or a path of over 4095
  //   PermissionDenied  Detail::StorageForbidden: outside every folder the store may read
  base::Result<Place> object(const ports::ObjectAddress& address) const;

  // Where an object may be written: inside the root only.
  base::Result<std::string> own_object(const ports::ObjectAddress& address) const;

  // Where objects whose address begins with `prefix` are: the folder that the prefix has named so
  // far (up to its last slash). `text` is that much of the prefix, as it was written.
  struct Stretch {
    Place folder;
    std::string text;
  };
  base::Result<Stretch> stretch(const ports::ObjectAddress& prefix) const;

 private:
  base::Result<Place> place(std::string_view key) const;

  std::string root_;
  std::vector<std::string> prefixes_;  // clean, each ends in a slash
};

}  // namespace varve::adapters
