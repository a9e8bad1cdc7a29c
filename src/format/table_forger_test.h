// Builds tables from parts that no writer would put together, checksums right. For tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "format/block_builder.h"
#include "format/table_format.h"
#include "format/table_writer.h"

namespace varve::format {

class TableForger {
 public:
  BlockHandle block(std::string_view payload, char type = 0) {
    const BlockHandle handle{file_.size(), payload.size()};
    file_.append(payload).push_back(type);
    const std::string_view summed = std::string_view(file_).substr(handle.offset);
    put_u32le(file_, block_checksum(ChecksumKind::Crc32c, summed));
    return handle;
  }

  static base::Bytes index_value(BlockHandle handle) {
    base::Bytes value;
    put_handle(value, handle);
    return value;
  }

  base::Bytes finish(BlockHandle index, const Properties& properties = {}) {
    BlockBuilder names(BlockBuilder::NoRestarts);
    for (const auto& [name, value] : properties) names.add(name, {}, value);
    const BlockHandle properties_handle = block(names.finish());
    BlockBuilder meta(1);
    meta.add(PropertiesBlockName, {}, index_value(properties_handle));
    const BlockHandle metaindex = block(meta.finish());
    base::Bytes footer(1, static_cast<char>(ChecksumKind::Crc32c));
    put_handle(footer, metaindex);
    put_handle(footer, index);
    footer.resize(FooterHandlesEnd, '\0');
    put_u32le(footer, TableFormatVersion);
    return file_ + footer + base::Bytes(TableMagic);
  }

  // A table of this one data block.
  base::Bytes around(BlockHandle data) {
    BlockBuilder index(1);
    index.add("~", RecordSuffix, index_value(data));
    return finish(block(index.finish()));
  }

 private:
  base::Bytes file_;
};

}  // namespace varve::format
