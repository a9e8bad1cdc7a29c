// How (partition, key) becomes the key of a row.
//
//   offset  width  what
//   0       2      length of the partition, big-endian; 0 is ours: rows about the store itself
//   2       n      the partition
//   2 + n   rest   the key
//
// The rows of a partition are contiguous and in byte order of key. Because the length comes first,
// no partition's rows begin like another's, whatever bytes either holds. docs/formats/kv-rocksdb.md
// quotes this.
#pragma once

#include <string>
#include <string_view>

namespace varve::adapters {

// The row key; the partition alone (an empty key) gives what all its row keys begin with.
std::string row_key(std::string_view partition, std::string_view key);

// The same, replacing what `out` held, for a caller that keeps a buffer.
void set_row_key(std::string& out, std::string_view partition, std::string_view key);

// The end of the stretch that ends before `until`, or, if that is empty, with the partition.
std::string row_key_end(std::string_view partition, std::string_view until);

// The key in a row key of `partition`.
std::string_view key_of_row(std::string_view row, std::string_view partition);

// Which layout the store has: "1" for the one above.
std::string layout_row_key();
constexpr std::string_view LayoutVersion = "1";

}  // namespace varve::adapters
