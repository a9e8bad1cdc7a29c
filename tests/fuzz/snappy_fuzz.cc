// Decodes arbitrary streams; whatever is encoded comes back.
// links: varve_format
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "base/bytes.h"
#include "format/snappy.h"

namespace varve::fuzz {
namespace {

void check(std::string_view input) {
  base::Bytes out;
  if (format::snappy_decompress(input, std::size_t{1} << 24U, out).has_value()) {
    VARVE_ASSERT(out.size() <= input.size() * 22);
  }
  const auto back = format::snappy_decompress(format::snappy_compress(input), input.size(), out);
  VARVE_ASSERT(back.has_value());
  VARVE_ASSERT(out == input);
}

}  // namespace
}  // namespace varve::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  varve::fuzz::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
