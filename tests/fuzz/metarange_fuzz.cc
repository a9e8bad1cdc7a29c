// Decodes arbitrary files as metaranges; then a table whose records are the input's.
// links: varve_format
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/bytes.h"
#include "format/catalog.h"
#include "format/identity.h"
#include "format/metarange.h"
#include "format/table_writer.h"

namespace varve::fuzz {
namespace {

void check_metarange(std::string_view bytes) {
  const auto ranges = format::decode_metarange(bytes);
  if (!ranges.has_value()) {
    VARVE_ASSERT(ranges.error().code() == base::Code::Corruption);
    return;
  }
  // What was accepted is a metarange, so it can be written.
  const auto again = format::encode_metarange(*ranges);
  VARVE_ASSERT(again.has_value());
  VARVE_ASSERT(format::decode_metarange(again->bytes).has_value());
}

void check(std::string_view input) {
  check_metarange(input);
  const std::string_view half = input.substr(0, input.size() / 2);
  format::TableWriter table;
  const auto range = format::decode_range_data(half);
  table.add(range.has_value() ? std::string_view(range->max_key) : "k",
            format::frame_value(std::string(64, 'a'), half));
  check_metarange(table.finish({{"type", "metaranges"}}));
}

}  // namespace
}  // namespace varve::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  varve::fuzz::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
