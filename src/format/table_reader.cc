#include "format/table_reader.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "format/block_cursor.h"
#include "format/range_trace.h"  // IWYU pragma: keep: its members are used
#include "format/snappy.h"
#include "format/table_format.h"
#include "format/table_impl.h"
#include "format/table_writer.h"
#include "model/limits.h"

namespace varve::format {
namespace {

// A block is cut once it holds 4096 octets, but its last record may be as large as records get.
constexpr std::size_t BlockBytesMax = 2 * model::ValueComponentBytesMax + (std::size_t{1} << 20U);

}  // namespace

base::Error Table::Impl::corrupt(std::string_view what) const {
  return {base::Code::Corruption,
          std::string("table ").append(options.name).append(": ").append(what)};
}

base::Error Table::Impl::corrupt(BlockHandle where, std::string_view what) const {
  return corrupt("block at " + std::to_string(where.offset) + ": " + std::string(what));
}

base::Result<void> Table::Impl::check_handle(BlockHandle handle) const {
  const std::uint64_t blocks_end = file_size() - FooterBytes;
  if (handle.size > blocks_end || blocks_end - handle.size < BlockTrailerBytes ||
      handle.offset > blocks_end - handle.size - BlockTrailerBytes) {
    return corrupt(handle, "beyond the end of the file");
  }
  return {};
}

base::Result<void> Table::Impl::load_from(const TableWindow& window, BlockHandle handle, Cached use,
                                          BlockBuffer& buffer) const {
  VARVE_CHECK(check_handle(handle));
  const bool cacheable = options.cache != nullptr && use != Cached::No;
  if (cacheable) {
    buffer.cached = options.cache->find(options.cache_number, handle.offset);
    if (buffer.cached != nullptr) {
      buffer.payload = *buffer.cached;
      return {};
    }
  }
  if (!window.stretch().holds(stretch_of(handle))) return corrupt(handle, "not in memory");
  const std::string_view stored =
      window.bytes.view.substr(handle.offset - window.offset, handle.size + 1);
  if (block_checksum(checksum, stored) != load_u32le(stored.data() + stored.size())) {
    return corrupt(handle, "checksum mismatch");
  }
  switch (stored.back()) {
    case static_cast<char>(Compression::Raw):
      buffer.payload = stored.substr(0, handle.size);
      return {};
    case static_cast<char>(Compression::Snappy):
      return decompress(handle, stored.substr(0, handle.size), use, buffer);
    default:
      return corrupt(handle, "compression neither none nor Snappy");
  }
}

base::Result<void> Table::Impl::decompress(BlockHandle handle, std::string_view stored, Cached use,
                                           BlockBuffer& buffer) const {
  const auto raw = snappy_decompress(stored, BlockBytesMax, buffer.scratch);
  if (!raw.has_value()) return corrupt(handle, raw.error().message());
  buffer.payload = buffer.scratch;
  if (options.cache != nullptr && use == Cached::Yes) {
    buffer.cached = std::make_shared<const base::Bytes>(buffer.scratch);
    buffer.payload = *buffer.cached;
    options.cache->insert(options.cache_number, handle.offset, buffer.cached);
  }
  return {};
}

base::Result<Table::Impl::Footer> Table::Impl::read_footer() {
  const std::string_view end = bytes.bytes.view;
  if (end.size() < FooterBytes) return corrupt("shorter than a footer");
  const std::string_view footer = end.substr(end.size() - FooterBytes);
  if (!footer.ends_with(TableMagic)) return corrupt("not a table: bad magic");
  const std::uint32_t version = load_u32le(footer.data() + FooterHandlesEnd);
  if (version != TableFormatVersion) {
    return corrupt("unsupported format version " + std::to_string(version));
  }
  const auto kind = static_cast<unsigned char>(footer[0]);
  if (kind != static_cast<unsigned>(ChecksumKind::Crc32c) &&
      kind != static_cast<unsigned>(ChecksumKind::XxHash64)) {
    return corrupt("unsupported checksum kind " + std::to_string(kind));
  }
  checksum = static_cast<ChecksumKind>(kind);
  Footer handles;
  std::string_view in = footer.substr(1, FooterHandlesEnd - 1);
  if (!take_handle(in, handles.metaindex) || !take_handle(in, handles.index)) {
    return corrupt("bad handle in the footer");
  }
  return handles;
}

base::Result<void> Table::Impl::find_properties(BlockHandle metaindex) {
  BlockBuffer buffer;
  VARVE_CHECK(load(metaindex, Cached::No, buffer));
  BlockCursor cursor;
  if (!cursor.open(buffer.payload) || !cursor.seek_first()) return corrupt(metaindex, "malformed");
  while (cursor.valid()) {
    if (cursor.key() == PropertiesBlockName) {
      std::string_view value = cursor.value();
      if (!take_handle(value, properties)) return corrupt(metaindex, "bad handle");
      return {};
    }
    if (!cursor.next()) return corrupt(metaindex, "malformed");
  }
  return corrupt("no properties");
}

// What a reader must respect, or refuse (engine.md 3.6).
base::Result<void> Table::Impl::check_property(std::string_view name,
                                               std::string_view value) const {
  if (name == ComparatorProperty && !value.empty() && value != ComparatorName) {
    return corrupt("keys in an unknown order");
  }
  if (name == MergeOperatorProperty && !value.empty() && value != "nullptr" &&
      value != MergeOperatorName) {
    return corrupt("unknown merge operator");
  }
  if (name == GlobalSequenceProperty && value.find_first_not_of('\0') != value.npos) {
    return corrupt("a global sequence number");
  }
  return {};
}

base::Result<IndexKind> Table::Impl::check_properties() {
  BlockBuffer buffer;
  VARVE_CHECK(load(properties, Cached::No, buffer));
  BlockCursor cursor;
  if (!cursor.open(buffer.payload) || !cursor.seek_first()) return corrupt(properties, "malformed");
  IndexKind kind = IndexKind::Single;
  while (cursor.valid()) {
    const std::string_view value = cursor.value();
    VARVE_CHECK(check_property(cursor.key(), value));
    if (cursor.key() == MergeOperatorProperty) {
      has_our_blocks = value == MergeOperatorName && checksum == ChecksumKind::Crc32c;
    }
    if (cursor.key() == IndexKindProperty) {
      const char* const number = value.data();
      if (value.size() != 4) return corrupt("bad index type");
      kind = static_cast<IndexKind>(load_u32le(number));
    }
    if (!cursor.next()) return corrupt(properties, "malformed");
  }
  if (kind != IndexKind::Single && kind != IndexKind::TwoLevel) return corrupt("bad index type");
  return kind;
}

base::Result<void> Table::Impl::read_top_level(BlockHandle handle) {
  BlockBuffer buffer;
  VARVE_CHECK(load(handle, Cached::No, buffer));
  BlockCursor cursor;
  if (!cursor.open(buffer.payload) || !cursor.seek_first()) return corrupt(handle, "malformed");
  while (cursor.valid()) {
    IndexPartition& partition = index.emplace_back();
    std::string_view value = cursor.value();
    if (!cursor.has_suffix() || !take_handle(value, partition.handle)) {
      return corrupt(handle, "bad index entry");
    }
    partition.last_key = cursor.user_key();
    if (!cursor.next()) return corrupt(handle, "malformed");
  }
  if (index.empty()) return corrupt(handle, "an empty index");
  return {};
}

base::Result<void> Table::Impl::open() {
  VARVE_TRY(const Footer footer, read_footer());
  VARVE_CHECK(find_properties(footer.metaindex));
  VARVE_TRY(const IndexKind kind, check_properties());
  if (kind == IndexKind::TwoLevel) {
    VARVE_CHECK(read_top_level(footer.index));
  } else {
    index.emplace_back().handle = footer.index;
    VARVE_CHECK(partition(0));
  }
  find_metadata(footer);
  return {};
}

void Table::Impl::find_metadata(const Footer& footer) {
  metadata_offset = std::min({footer.metaindex.offset, footer.index.offset, properties.offset});
  for (const IndexPartition& part : index) {
    metadata_offset = std::min(metadata_offset, part.handle.offset);
  }
}

base::Result<const BlockBuffer*> Table::Impl::partition(std::size_t ordinal) const {
  const IndexPartition& part = index[ordinal];
  if (const BlockBuffer* block = part.block.load(std::memory_order_acquire)) return block;
  auto mine = std::make_unique<BlockBuffer>();
  VARVE_CHECK(load(part.handle, Cached::No, *mine));
  const BlockBuffer* published = nullptr;
  if (part.block.compare_exchange_strong(published, mine.get(), std::memory_order_acq_rel)) {
    return mine.release();
  }
  return published;
}

// The first partition that may hold `key`. Beyond the last key it is the last partition, which will
// say so itself.
std::size_t Table::Impl::partition_of(std::string_view key) const {
  const auto found =
      std::partition_point(index.begin(), index.end() - 1,
                           [key](const IndexPartition& part) { return part.last_key < key; });
  return static_cast<std::size_t>(found - index.begin());
}

Table::Table(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Table::~Table() = default;

base::Result<std::shared_ptr<const Table>> Table::open(base::SharedBytes bytes,
                                                       TableOptions options) {
  return open_tail({std::move(bytes), 0}, std::move(options));
}

base::Result<std::shared_ptr<const Table>> Table::open_tail(TableWindow tail,
                                                            TableOptions options) {
  auto impl = std::make_unique<Impl>();
  impl->bytes = std::move(tail);
  impl->options = std::move(options);
  VARVE_CHECK(impl->open());
  return std::shared_ptr<const Table>(new Table(std::move(impl)));
}

base::Result<std::optional<base::Bytes>> Table::get(std::string_view key) const {
  TableCursor at = cursor();
  VARVE_CHECK(at.seek_ge(key));
  if (!at.valid() || at.key() != key) return std::optional<base::Bytes>();
  return std::optional<base::Bytes>(at.value());
}

std::uint64_t Table::metadata_offset() const { return impl_->metadata_offset; }

base::Result<std::optional<TableStretch>> Table::block_reaching(std::string_view key) const {
  const std::size_t ordinal = impl_->partition_of(key);
  VARVE_TRY(const BlockBuffer* const opened, impl_->partition(ordinal));
  BlockCursor entry;
  if (!entry.open(opened->payload) || !entry.seek_ge(key)) {
    return impl_->corrupt("malformed index");
  }
  if (!entry.valid()) return std::optional<TableStretch>();
  BlockHandle handle;
  std::string_view value = entry.value();
  if (!take_handle(value, handle)) return impl_->corrupt("malformed index");
  VARVE_CHECK(impl_->check_handle(handle));
  return std::optional<TableStretch>(stretch_of(handle));
}

base::Result<Properties> Table::properties() const {
  BlockBuffer buffer;
  VARVE_CHECK(impl_->load(impl_->properties, Impl::Cached::No, buffer));
  BlockCursor cursor;
  if (!cursor.open(buffer.payload) || !cursor.seek_first()) {
    return impl_->corrupt(impl_->properties, "malformed");
  }
  Properties all;
  while (cursor.valid()) {
    all.insert_or_assign(std::string(cursor.key()), std::string(cursor.value()));
    if (!cursor.next()) return impl_->corrupt(impl_->properties, "malformed");
  }
  return all;
}

const std::string& Table::name() const { return impl_->options.name; }
std::size_t Table::file_size() const { return impl_->file_size(); }
std::size_t Table::memory_bytes() const {
  const std::size_t trace =
      impl_->options.trace == nullptr ? 0 : impl_->options.trace->memory_bytes();
  return impl_->bytes.bytes.view.size() + trace;
}

}  // namespace varve::format
