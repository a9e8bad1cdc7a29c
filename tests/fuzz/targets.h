// The fuzz targets by name, for the test that replays their corpora.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace varve::fuzz {

struct Target {
  const char* name;
  int (*run)(const std::uint8_t* data, std::size_t size);
};

const std::vector<Target>& targets();

}  // namespace varve::fuzz
