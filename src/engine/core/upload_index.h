// Where a repository keeps the multipart uploads it has in progress: rows of its own partition,
// `uploads/<path> NUL <upload id>`, in the order listings want. The value is the store's own upload
// id; what the object will carry is in the tracker row (format/catalog.h). Both are written in one
// step.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "model/ids.h"

namespace varve::engine {

inline constexpr std::string_view UploadIndexPrefix = "uploads/";
inline constexpr std::size_t UploadIdBytes = 20;  // an xid

inline std::string upload_index_key(std::string_view path, std::string_view id) {
  std::string key(UploadIndexPrefix);
  key.append(path).push_back('\0');
  key.append(id);
  return key;
}

struct UploadName {
  model::ObjectPath path;
  model::UploadId id;
};

// Nothing: no such key. The id has a fixed size, so a path may hold any byte.
inline std::optional<UploadName> parse_upload_index_key(std::string_view key) {
  if (!key.starts_with(UploadIndexPrefix)) return std::nullopt;
  key.remove_prefix(UploadIndexPrefix.size());
  if (key.size() < UploadIdBytes + 1 || key[key.size() - UploadIdBytes - 1] != '\0') {
    return std::nullopt;
  }
  UploadName name;
  name.id = model::UploadId(key.substr(key.size() - UploadIdBytes));
  name.path = model::ObjectPath(key.substr(0, key.size() - UploadIdBytes - 1));
  return name;
}

}  // namespace varve::engine
