// Constants of the table container and the pieces its writer and reader share. Private to
// table_writer.cc, table_reader.cc and their helpers; the file is drawn in table_writer.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace varve::format {

constexpr std::string_view TableMagic{"\xf7\xcf\xf4\x85\xb7\x41\xe2\x88", 8};
constexpr std::uint32_t TableFormatVersion = 2;
constexpr std::size_t FooterBytes = 53;
constexpr std::size_t FooterHandlesEnd = 41;
constexpr std::size_t BlockTrailerBytes = 5;
constexpr std::size_t DataRestartInterval = 16;

enum class ChecksumKind : std::uint8_t { Crc32c = 1, XxHash64 = 3 };
enum class Compression : std::uint8_t { Raw = 0, Snappy = 1 };
enum class IndexKind : std::uint32_t { Single = 0, TwoLevel = 2 };

// An internal key is the user's key and u64le(sequence << 8 | kind). Records have sequence 0 and
// kind 1 (set).
constexpr std::string_view RecordSuffix{"\x01\0\0\0\0\0\0\0", 8};
// A shortened separator of an index: the greatest sequence, kind 17.
constexpr std::string_view SeparatorSuffix{"\x11\xff\xff\xff\xff\xff\xff\xff", 8};
// The one index entry of an empty table.
constexpr std::string_view EmptyTableSuffix{"\xff\0\0\0\0\0\0\0", 8};
constexpr std::size_t SuffixBytes = 8;

constexpr std::string_view ContainerPrefix = "rocksdb.";
constexpr std::string_view IndexKindProperty = "rocksdb.block.based.table.index.type";
constexpr std::string_view ComparatorProperty = "rocksdb.comparator";
constexpr std::string_view ComparatorName = "leveldb.BytewiseComparator";
constexpr std::string_view MergeOperatorProperty = "rocksdb.merge.operator";
constexpr std::string_view MergeOperatorName = "pebble.concatenate";
constexpr std::string_view GlobalSequenceProperty = "rocksdb.external_sst_file.global_seqno";
constexpr std::string_view PropertiesBlockName = "rocksdb.properties";

// Where a block is: uvarint(offset) uvarint(size), the trailer not counted.
struct BlockHandle {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};
void put_handle(base::Bytes& out, BlockHandle handle);
bool take_handle(std::string_view& in, BlockHandle& handle);

void put_u32le(base::Bytes& out, std::uint32_t value);
void put_u64le(base::Bytes& out, std::uint64_t value);
std::uint32_t load_u32le(const char* at);
std::uint64_t load_u64le(const char* at);

// Of a block's payload and type, as stored. CRCs are rotated and shifted, since a CRC of data that
// holds its own CRC is degenerate.
std::uint32_t block_checksum(ChecksumKind kind, std::string_view payload_and_type);

}  // namespace varve::format
