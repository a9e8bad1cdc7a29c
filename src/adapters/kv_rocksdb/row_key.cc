#include "adapters/kv_rocksdb/row_key.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "base/assert.h"

namespace varve::adapters {
namespace {

constexpr std::size_t LengthBytes = 2;

}  // namespace

void set_row_key(std::string& out, std::string_view partition, std::string_view key) {
  VARVE_ASSERT(partition.size() < 0xffff);
  out.clear();
  out.reserve(LengthBytes + partition.size() + key.size());
  out.push_back(static_cast<char>(partition.size() >> 8U));
  out.push_back(static_cast<char>(partition.size() & 0xffU));
  out.append(partition).append(key);
}

std::string row_key(std::string_view partition, std::string_view key) {
  std::string out;
  set_row_key(out, partition, key);
  return out;
}

std::string row_key_end(std::string_view partition, std::string_view until) {
  if (!until.empty()) return row_key(partition, until);
  // The next string of the prefix's length, which exists: the length itself is never 0xffff.
  std::string end = row_key(partition, "");
  while (end.back() == '\xff') end.pop_back();
  end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

std::string_view key_of_row(std::string_view row, std::string_view partition) {
  return row.substr(LengthBytes + partition.size());
}

std::string layout_row_key() { return row_key("", "layout"); }

}  // namespace varve::adapters
