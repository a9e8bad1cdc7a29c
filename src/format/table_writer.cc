// The file, byte for byte (engine.md 3):
//
//   data block 0 ... data block N-1
//   [two levels only: index partition 0 ... P-1]
//   index block          one level: last key of a data block -> its handle;
//                        two levels: last key of a partition -> its handle
//   properties block     name -> value, never compressed
//   metaindex block      "rocksdb.properties" -> handle, never compressed
//   footer
//
//   block  = payload  type(u8: 0 raw, 1 Snappy)  u32le checksum of payload and type
//   handle = uvarint(offset) uvarint(size of payload)
//
//   footer, 53 bytes:
//     offset  0  u8     checksum kind: 1, CRC32C
//             1  40     metaindex handle, index handle, zeros
//            41  u32le  format version: 2
//            45  8      f7 cf f4 85 b7 41 e2 88
//
// A compressed payload is kept if it saves more than an eighth. An index block that would pass 4096
// bytes becomes a partition, and the index has two levels from then on; partitions are written
// after the last data block. Entries inside blocks are drawn in block_builder.h.
#include "format/table_writer.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"
#include "format/block_builder.h"
#include "format/snappy.h"
#include "format/table_format.h"
#include "format/table_properties.h"

namespace varve::format {
namespace {

constexpr std::size_t HandleBytesAssumed = 20;  // by the rule that cuts index blocks

// A short user key k with a <= k < b, for the index between a block that ends with `a` and one that
// starts with `b` (engine.md 3.5); `a` itself where there is none shorter.
std::string_view separator(std::string_view a, std::string_view b, base::Bytes& scratch) {
  const std::size_t shorter = a.size() < b.size() ? a.size() : b.size();
  std::size_t i = 0;
  while (i < shorter && a[i] == b[i]) ++i;
  if (i == shorter) return a;
  const auto from = static_cast<unsigned char>(a[i]);
  const auto to = static_cast<unsigned char>(b[i]);
  if (from >= to) return a;
  std::size_t cut = i;
  if (i + 1 >= b.size() && from + 1 >= to) {
    // a[i] + 1 would be b itself: keep a[i] and step up a later octet.
    for (cut = i + 1; cut < a.size() && a[cut] == '\xff'; ++cut) {
    }
    if (cut == a.size()) return a;
  }
  scratch.assign(a.substr(0, cut + 1));
  scratch.back() = static_cast<char>(static_cast<unsigned char>(scratch.back()) + 1);
  return scratch;
}

// A short user key above `a`, for the last index entry.
std::string_view successor(std::string_view a, base::Bytes& scratch) {
  std::size_t cut = 0;
  while (cut < a.size() && a[cut] == '\xff') ++cut;
  if (cut == a.size()) return a;
  scratch.assign(a.substr(0, cut + 1));
  scratch.back() = static_cast<char>(static_cast<unsigned char>(scratch.back()) + 1);
  return scratch;
}

struct Partition {
  base::Bytes last_key;
  base::Bytes payload;
};

}  // namespace

struct TableWriter::Impl {
  base::Bytes file;
  BlockBuilder data{DataRestartInterval};
  BlockBuilder index{1};
  std::vector<Partition> partitions;
  TableStatistics statistics;
  SnappyEncoder snappy;
  base::Bytes compressed;
  base::Bytes separator_scratch;
  base::Bytes handle_scratch;
  std::uint64_t block_offset = 0;

  void add(std::string_view key, std::string_view value);
  void add_block(std::string_view first_key, const StoredBlock& block);
  bool begins_block(std::size_t key_size, std::size_t value_size) const;
  std::string_view last_user_key() const;
  void flush_data(const std::string_view* next_key);
  void add_to_index(std::string_view last, std::string_view short_key, BlockHandle handle);
  void add_index_entry(std::string_view key, std::string_view suffix, std::string_view handle);
  void flush_index_partition();
  BlockHandle write_block(std::string_view payload, bool compress);
  BlockHandle write_stored(std::string_view stored, Compression type);
  BlockHandle write_index();
  void write_footer(BlockHandle metaindex, BlockHandle index_handle);
};

std::string_view TableWriter::Impl::last_user_key() const {
  const std::string_view last = data.last_key();
  return last.substr(0, last.size() - SuffixBytes);
}

void TableWriter::Impl::add(std::string_view key, std::string_view value) {
  VARVE_DASSERT(data.empty() || last_user_key() < key);
  if (!data.empty() && begins_block(key.size(), value.size())) flush_data(&key);
  data.add(key, RecordSuffix, value);
  block_offset = file.size();
  ++statistics.records;
  statistics.raw_key_size += key.size() + SuffixBytes;
  statistics.raw_value_size += value.size();
}

bool TableWriter::Impl::begins_block(std::size_t key_size, std::size_t value_size) const {
  return data.empty() || data.should_cut(key_size + SuffixBytes, value_size);
}

void TableWriter::Impl::add_block(std::string_view first_key, const StoredBlock& block) {
  if (!data.empty()) flush_data(&first_key);
  const BlockHandle handle{file.size(), block.stored.size() - BlockTrailerBytes};
  block_offset = handle.offset;
  file.append(block.stored);
  statistics.data_size += block.stored.size();
  ++statistics.data_blocks;
  statistics.records += block.records;
  statistics.raw_key_size += block.key_bytes + block.records * SuffixBytes;
  statistics.raw_value_size += block.value_bytes;
  add_to_index(block.last_key, separator(block.last_key, block.next_key, separator_scratch),
               handle);
}

// Writes the open data block and its index entry. `next_key` is nullptr at the end of the table.
void TableWriter::Impl::flush_data(const std::string_view* next_key) {
  const bool nothing = data.empty();
  const BlockHandle handle = write_block(data.finish(), true);
  statistics.data_size += handle.size + BlockTrailerBytes;
  ++statistics.data_blocks;
  if (nothing) {  // an empty table still has a block, and an index that finds it
    handle_scratch.clear();
    put_handle(handle_scratch, handle);
    index.add({}, EmptyTableSuffix, handle_scratch);
  } else {
    const std::string_view last = last_user_key();
    add_to_index(last,
                 next_key != nullptr ? separator(last, *next_key, separator_scratch)
                                     : successor(last, separator_scratch),
                 handle);
  }
  data.reset();
}

// `last` is the block's last key, `short_key` one that may stand for it.
void TableWriter::Impl::add_to_index(std::string_view last, std::string_view short_key,
                                     BlockHandle handle) {
  const bool shortened = short_key.size() <= last.size() && short_key > last;
  handle_scratch.clear();
  put_handle(handle_scratch, handle);
  add_index_entry(shortened ? short_key : last, shortened ? SeparatorSuffix : RecordSuffix,
                  handle_scratch);
}

void TableWriter::Impl::add_index_entry(std::string_view key, std::string_view suffix,
                                        std::string_view handle) {
  if (index.should_cut(key.size() + SuffixBytes, HandleBytesAssumed)) flush_index_partition();
  index.add(key, suffix, handle);
}

void TableWriter::Impl::flush_index_partition() {
  Partition partition;
  partition.last_key = index.last_key();
  partition.payload = index.finish();
  partitions.push_back(std::move(partition));
  index.reset();
}

BlockHandle TableWriter::Impl::write_block(std::string_view payload, bool compress) {
  if (compress) {
    snappy.compress(payload, compressed);
    if (compressed.size() < payload.size() - payload.size() / 8) {
      return write_stored(compressed, Compression::Snappy);
    }
  }
  return write_stored(payload, Compression::Raw);
}

BlockHandle TableWriter::Impl::write_stored(std::string_view stored, Compression type) {
  const BlockHandle handle{file.size(), stored.size()};
  file.append(stored);
  file.push_back(static_cast<char>(type));
  const std::string_view summed = std::string_view(file).substr(handle.offset);
  put_u32le(file, block_checksum(ChecksumKind::Crc32c, summed));
  return handle;
}

// All partitions and the index over them, or the only index block.
BlockHandle TableWriter::Impl::write_index() {
  if (partitions.empty()) {
    statistics.index_size = index.estimate() + BlockTrailerBytes;
    return write_block(index.finish(), true);
  }
  flush_index_partition();
  BlockBuilder top(1);
  for (const Partition& partition : partitions) {
    const BlockHandle handle = write_block(partition.payload, true);
    handle_scratch.clear();
    put_handle(handle_scratch, handle);
    top.add(partition.last_key, {}, handle_scratch);
    statistics.index_size += partition.payload.size();
  }
  statistics.index_partitions = partitions.size();
  statistics.top_level_index_size = top.estimate();
  statistics.index_size += top.estimate() + BlockTrailerBytes;
  return write_block(top.finish(), true);
}

void TableWriter::Impl::write_footer(BlockHandle metaindex, BlockHandle index_handle) {
  base::Bytes footer;
  footer.push_back(static_cast<char>(ChecksumKind::Crc32c));
  put_handle(footer, metaindex);
  put_handle(footer, index_handle);
  footer.resize(FooterHandlesEnd, '\0');
  put_u32le(footer, TableFormatVersion);
  footer.append(TableMagic);
  VARVE_ASSERT(footer.size() == FooterBytes);
  file.append(footer);
}

TableWriter::TableWriter() : impl_(std::make_unique<Impl>()) {}
TableWriter::TableWriter(TableWriter&&) noexcept = default;
TableWriter& TableWriter::operator=(TableWriter&&) noexcept = default;
TableWriter::~TableWriter() = default;

void TableWriter::add(std::string_view key, std::string_view value) { impl_->add(key, value); }

bool TableWriter::begins_block(std::size_t key_size, std::size_t value_size) const {
  return impl_->begins_block(key_size, value_size);
}

void TableWriter::add_block(std::string_view first_key, const StoredBlock& block) {
  impl_->add_block(first_key, block);
}

TableProgress TableWriter::progress() const {
  TableProgress progress;
  progress.records = impl_->statistics.records;
  progress.key_bytes = impl_->statistics.raw_key_size;
  progress.value_bytes = impl_->statistics.raw_value_size;
  return progress;
}

std::uint64_t TableWriter::block_offset() const { return impl_->block_offset; }

void TableWriter::begin_with(std::string_view table, const TableProgress& before) {
  VARVE_ASSERT(impl_->file.empty() && impl_->data.empty());
  impl_->file.reserve(table.size() + table.size() / 64);
  impl_->file.append(table.substr(0, before.offset));
  impl_->statistics.data_size = before.offset;
  impl_->statistics.records = before.records;
  impl_->statistics.raw_key_size = before.key_bytes;
  impl_->statistics.raw_value_size = before.value_bytes;
}

void TableWriter::add_index_entry(std::string_view key, std::string_view suffix,
                                  std::string_view handle) {
  ++impl_->statistics.data_blocks;
  impl_->add_index_entry(key, suffix, handle);
}

std::uint64_t TableWriter::estimated_size() const {
  return impl_->statistics.data_size + impl_->data.estimate() + impl_->index.estimate();
}

std::uint64_t TableWriter::count() const { return impl_->statistics.records; }

base::Bytes TableWriter::finish(const Properties& properties) {
  const std::unique_ptr<Impl> ended = std::exchange(impl_, nullptr);
  if (!ended->data.empty() || ended->statistics.records == 0) ended->flush_data(nullptr);
  const BlockHandle index = ended->write_index();
  const base::Bytes block = encode_properties(properties, ended->statistics);
  const BlockHandle properties_handle = ended->write_block(block, false);
  BlockBuilder metaindex(1);
  base::Bytes value;
  put_handle(value, properties_handle);
  metaindex.add(PropertiesBlockName, {}, value);
  ended->write_footer(ended->write_block(metaindex.finish(), false), index);
  return std::move(ended->file);
}

}  // namespace varve::format
