// Writes one SSTable, in memory: the file behind every range and metarange (engine.md 3).
//
// The file is a pure function of the records and the properties, byte for byte what lakeFS 1.84
// writes; the layout is drawn in table_writer.cc. One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace varve::format {

// Properties that callers put into a table, by name. They must sort before "rocksdb." or after it;
// a name that starts with it belongs to the container.
using Properties = std::map<std::string, std::string>;

class TableWriter {
 public:
  TableWriter();
  TableWriter(TableWriter&&) noexcept;
  TableWriter& operator=(TableWriter&&) noexcept;
  ~TableWriter();

  // Keys ascend strictly: asserted in debug builds, checked by RangeWriter for the others.  [I-5]
  void add(std::string_view key, std::string_view value);

  // What rules on range sizes go by (engine.md 4.3): stored blocks, plus the open data and index
  // blocks as they stand. A fresh writer's is 8.
  std::uint64_t estimated_size() const;

  std::uint64_t count() const;  // records

  // The complete file. Ends the writer.
  base::Bytes finish(const Properties& properties);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::format
