// Reads arbitrary files as tables, in every way a table can be read.
// links: varve_format
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/read_table.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  varve::fuzz::read_table({reinterpret_cast<const char*>(data), size});
  return 0;
}
