// The metadata folder of a repository that lakeFS 1.84 wrote: tests/golden/format/files, by id.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace varve::golden {

inline std::filesystem::path folder() {
  return std::filesystem::path(VARVE_SOURCE_DIR) / "tests/golden/format";
}

inline base::Bytes read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.good()) << path;
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline base::Bytes metadata_file(const std::string& id) {
  return read_file(folder() / "files" / id);
}

inline std::vector<std::string> metadata_ids() {
  std::vector<std::string> ids;
  for (const auto& entry : std::filesystem::directory_iterator(folder() / "files")) {
    ids.push_back(entry.path().filename().string());
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace varve::golden
