// Tables whose checksums are right and whose blocks are anything: what table_fuzz would need years
// to reach. Input: u8 (bit 0: two levels, bit 1: data is Snappy), u16le size of the data block, the
// data block, the index block; of two levels the index block serves as the one partition.
// links: varve_format
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "format/block_builder.h"
#include "format/table_forger_test.h"
#include "format/table_format.h"
#include "tests/fuzz/read_table.h"

namespace varve::fuzz {
namespace {

using format::TableForger;

void check(std::string_view input) {
  if (input.size() < 3) return;
  const auto octet = [&input](std::size_t i) { return static_cast<unsigned char>(input[i]); };
  const bool two_levels = (octet(0) & 1U) != 0;
  const char type = (octet(0) & 2U) != 0 ? 1 : 0;
  const std::size_t data_size = octet(1) | static_cast<std::size_t>(octet(2)) << 8U;
  const std::string_view data = input.substr(3, data_size);
  TableForger forger;
  forger.block(data, type);
  format::BlockHandle index = forger.block(input.substr(3 + data.size()));
  format::Properties properties;
  if (two_levels) {
    format::BlockBuilder top(1);
    top.add("zz", format::RecordSuffix, TableForger::index_value(index));
    index = forger.block(top.finish());
    base::Bytes kind;
    format::put_u32le(kind, static_cast<std::uint32_t>(format::IndexKind::TwoLevel));
    properties[std::string(format::IndexKindProperty)] = kind;
  }
  read_table(forger.finish(index, properties));
}

}  // namespace
}  // namespace varve::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  varve::fuzz::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
