#include "format/table_properties.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "base/bytes.h"
#include "format/block_builder.h"
#include "format/table_format.h"
#include "format/table_writer.h"
#include "format/wire.h"

namespace varve::format {
namespace {

constexpr std::uint32_t ColumnFamilyUnknown = 0x7fffffff;
constexpr std::uint32_t ExternalFileVersion = 2;

class PropertyList {
 public:
  explicit PropertyList(Properties callers) : all_(std::move(callers)) {
    for (const auto& [name, value] : all_) VARVE_ASSERT(!name.starts_with(ContainerPrefix));
  }

  void text(std::string_view name, std::string_view value) { put(name, std::string(value)); }
  void varint(std::string_view name, std::uint64_t value) {
    base::Bytes encoded;
    put_uvarint(encoded, value);
    put(name, std::move(encoded));
  }
  void u32(std::string_view name, std::uint32_t value) {
    base::Bytes encoded;
    put_u32le(encoded, value);
    put(name, std::move(encoded));
  }
  void u64(std::string_view name, std::uint64_t value) {
    base::Bytes encoded;
    put_u64le(encoded, value);
    put(name, std::move(encoded));
  }

  const Properties& sorted() const { return all_; }

 private:
  void put(std::string_view name, std::string value) {
    std::string full(ContainerPrefix);
    full.append(name);
    all_.emplace(std::move(full), std::move(value));
  }

  Properties all_;
};

void put_constants(PropertyList& list) {
  list.text("block.based.table.prefix.filtering", "0");
  list.text("block.based.table.whole.key.filtering", "0");
  list.varint("column.family.id", ColumnFamilyUnknown);
  list.text("comparator", ComparatorName);
  list.text("compression", "Snappy");
  list.text("compression_options",
            "window_bits=-14; level=32767; strategy=0; max_dict_bytes=0; zstd_max_train_bytes=0; "
            "enabled=0; ");
  for (const std::string_view zero :
       {"creation.time", "oldest.key.time", "filter.size", "fixed.key.length", "format.version",
        "index.key.is.user.key", "index.value.is.delta.encoded", "deleted.keys", "merge.operands",
        "num.range-deletions"}) {
    list.varint(zero, 0);
  }
  list.u64("external_sst_file.global_seqno", 0);
  list.u32("external_sst_file.version", ExternalFileVersion);
  list.text("merge.operator", MergeOperatorName);
  list.text("prefix.extractor.name", "nullptr");
  list.text("property.collectors", "[static]");
}

}  // namespace

base::Bytes encode_properties(const Properties& callers, const TableStatistics& statistics) {
  PropertyList list(callers);
  put_constants(list);
  const bool two_level = statistics.index_partitions > 0;
  list.u32("block.based.table.index.type",
           static_cast<std::uint32_t>(two_level ? IndexKind::TwoLevel : IndexKind::Single));
  list.varint("data.size", statistics.data_size);
  list.varint("index.size", statistics.index_size);
  if (two_level) {
    list.varint("index.partitions", statistics.index_partitions);
    list.varint("top-level.index.size", statistics.top_level_index_size);
  }
  list.varint("num.data.blocks", statistics.data_blocks);
  list.varint("num.entries", statistics.records);
  list.varint("raw.key.size", statistics.raw_key_size);
  list.varint("raw.value.size", statistics.raw_value_size);
  BlockBuilder block(BlockBuilder::NoRestarts);
  for (const auto& [name, value] : list.sorted()) block.add(name, {}, value);
  return base::Bytes(block.finish());
}

}  // namespace varve::format
