#include "engine/core/address_text.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace varve::engine {

std::string_view without_scheme(std::string_view address) {
  const std::size_t scheme = address.find("://");
  return scheme == std::string_view::npos ? address : address.substr(scheme + 3);
}

bool has_traversal(std::string_view path) {
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (path.substr(0, end) == "..") return true;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return false;
}

bool is_plain_path(std::string_view path) {
  if (path.find('\0') != std::string_view::npos) return false;
  if (path.starts_with('/')) path.remove_prefix(1);
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    if (segment.empty() || segment == "." || segment == "..") return false;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return true;
}

std::string undo_shown_root(std::string address, const std::string& shown_root) {
  const std::string shown = "local://" + shown_root + "/";
  if (shown_root.empty() || !address.starts_with(shown)) return address;
  return "local://" + address.substr(shown.size());
}

}  // namespace varve::engine
