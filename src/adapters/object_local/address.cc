#include "adapters/object_local/address.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "ports/object_address.h"
#include "ports/object_types.h"

namespace varve::adapters {

using base::Code;
using base::Error;
using base::Result;
using ports::ObjectAddress;

namespace {

constexpr std::string_view Scheme = "local";
constexpr std::size_t SegmentBytesMax = 255;  // NAME_MAX of every file system we know
constexpr std::size_t PathBytesMax = 4095;    // PATH_MAX, less its NUL

// Drops empty and "." segments, and slashes at the ends. ".." was refused before.
std::string clean(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (segment.empty() || segment == ".") continue;
    if (!out.empty()) out += '/';
    out += segment;
  }
  return out;
}

bool has_long_segment(std::string_view path) {
  while (path.size() > SegmentBytesMax) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end > SegmentBytesMax) return true;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return false;
}

bool is_in_workspace(std::string_view path) {
  const std::string_view name = WorkspaceName;
  return path == name || (path.starts_with(name) && path.substr(name.size()).starts_with('/'));
}

}  // namespace

AddressMap::AddressMap(std::string root, const std::vector<std::string>& external_prefixes)
    : root_("/" + clean(root) + "/") {
  if (root_ == "//") root_ = "/";
  for (const std::string& prefix : external_prefixes) {
    const std::string path = clean(prefix);
    prefixes_.push_back(path.empty() ? "/" : "/" + path + "/");
  }
}

Result<Place> AddressMap::place(std::string_view key) const {
  if (has_long_segment(key)) return Error(Code::InvalidArgument, "address has too long a segment");
  if (key.size() > PathBytesMax) return Error(Code::InvalidArgument, "address is too long a path");
  Place place{"", clean(key)};
  if (key.starts_with('/')) {
    const std::string absolute = "/" + place.path;
    const auto is_above = [&absolute](const std::string& folder) {
      return absolute.starts_with(folder) || absolute + "/" == folder;
    };
    const auto rest = [&absolute](const std::string& folder) {
      return absolute.substr(std::min(folder.size(), absolute.size()));
    };
    if (is_above(root_)) {
      place.path = rest(root_);
    } else {
      const auto prefix = std::ranges::find_if(prefixes_, is_above);
      if (prefix == prefixes_.end()) return ports::storage_forbidden();
      return Place{*prefix, rest(*prefix)};
    }
  }
  if (is_in_workspace(place.path)) return ports::storage_forbidden();
  return place;
}

Result<Place> AddressMap::object(const ObjectAddress& address) const {
  VARVE_TRY(const std::string key, ports::object_key(address, Scheme));
  VARVE_TRY(Place found, place(key));
  if (found.path.empty() || key.ends_with('/')) {
    return Error(Code::InvalidArgument, "address names a folder, not an object");
  }
  return found;
}

Result<std::string> AddressMap::own_object(const ObjectAddress& address) const {
  VARVE_TRY(Place found, object(address));
  if (!found.folder.empty()) return ports::storage_forbidden();
  return std::move(found.path);
}

Result<AddressMap::Stretch> AddressMap::stretch(const ObjectAddress& prefix) const {
  VARVE_TRY(const std::string key, ports::object_key(prefix, Scheme));
  const std::size_t slash = key.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : key.substr(0, slash + 1);
  VARVE_TRY(Place found, place(folder));
  return Stretch{std::move(found), std::string(Scheme) + "://" + folder};
}

}  // namespace varve::adapters
