// The hash that names ranges and metaranges, and the statistics their files carry beside it
// (engine.md 4.1, 4.2). Private to range_writer.cc and metarange.cc; drawn in range_writer.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "format/table_reader.h"
#include "format/table_writer.h"
#include "model/records.h"

namespace varve::format {

enum class ContentKind : std::uint8_t { Range, MetaRange };

std::string_view to_string(ContentKind kind);  // the property "type"

class ContentHasher {
 public:
  explicit ContentHasher(ContentKind kind);

  void record(std::string_view key, std::string_view value);

  std::uint64_t bytes() const { return hashed_ + used_; }
  // Where it stands; and of a fresh hasher, to go on from where another stood.
  base::Hasher state();
  void resume(const base::Hasher& state, std::uint64_t bytes);

  // The id as hex; `extra` are the caller's properties without "type". Ends the hasher.
  std::string finish(const Properties& extra);

 private:
  void flush();

  ContentKind kind_;
  base::Hasher hasher_;
  // Records not hashed yet: a digest call per record costs more than copying.
  std::unique_ptr<char[]> buffer_;
  std::size_t used_ = 0;
  std::uint64_t hashed_ = 0;
};

// Adds type and statistics to the caller's properties and completes the file. Of `statistics` the
// id is not read.
base::Bytes finish_table(TableWriter& table, ContentKind kind, Properties properties,
                         const model::RangeInfo& statistics);

// The properties that go into the hash.
//   Corruption   unreadable or of another kind
base::Result<Properties> hashed_properties(ContentKind kind, const Table& table);

base::Error another_id(std::string_view id, std::string_view actual);

// Recomputes the id of a whole file.
//   Corruption   it is another one, the file is unreadable or of the other kind
base::Result<void> verify_content_id(ContentKind kind, std::string_view id, std::string_view bytes);

}  // namespace varve::format
