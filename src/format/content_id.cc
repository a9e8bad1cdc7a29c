#include "format/content_id.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "format/identity.h"
#include "format/table_format.h"
#include "format/table_reader.h"
#include "format/table_writer.h"
#include "model/records.h"

namespace varve::format {
namespace {

constexpr std::size_t BufferBytes = 16U << 10U;  // stays in the cache nearest to the core
constexpr std::size_t DecimalBytesMax = 20;

constexpr std::string_view TypeProperty = "type";
constexpr std::string_view MinKeyProperty = "min_key";
constexpr std::string_view MaxKeyProperty = "max_key";
constexpr std::string_view CountProperty = "count";
constexpr std::string_view EstimatedSizeProperty = "estimated_size_bytes";

char* write_decimal(char* at, std::size_t value) {
  return std::to_chars(at, at + DecimalBytesMax, value).ptr;
}

char* write(char* at, std::string_view text) {
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

}  // namespace

std::string_view to_string(ContentKind kind) {
  return kind == ContentKind::Range ? "ranges" : "metaranges";
}

ContentHasher::ContentHasher(ContentKind kind)
    : kind_(kind),
      hasher_(base::HashKind::Sha256),
      buffer_(std::make_unique_for_overwrite<char[]>(BufferBytes)) {}

void ContentHasher::record(std::string_view key, std::string_view value) {
  constexpr std::size_t Around = 2 * DecimalBytesMax + 2;
  const std::size_t size_max = key.size() + value.size() + Around;
  if (size_max > BufferBytes - used_) flush();
  const bool is_large = size_max > BufferBytes;
  char* at = write_decimal(buffer_.get() + used_, key.size());
  if (is_large) {
    used_ = static_cast<std::size_t>(at - buffer_.get());
    flush();
    hasher_.update(key);
    hashed_ += key.size();
    at = buffer_.get();
  } else {
    at = write(at, key);
  }
  *at++ = '|';
  at = write_decimal(at, value.size());
  if (is_large) {
    used_ = static_cast<std::size_t>(at - buffer_.get());
    flush();
    hasher_.update(value);
    hashed_ += value.size();
    at = buffer_.get();
  } else {
    at = write(at, value);
  }
  *at++ = '|';
  used_ = static_cast<std::size_t>(at - buffer_.get());
}

void ContentHasher::flush() {
  hasher_.update({buffer_.get(), used_});
  hashed_ += used_;
  used_ = 0;
}

base::Hasher ContentHasher::state() {
  flush();
  return hasher_.copy();
}

void ContentHasher::resume(const base::Hasher& state, std::uint64_t bytes) {
  VARVE_ASSERT(this->bytes() == 0);
  hasher_ = state.copy();
  hashed_ = bytes;
}

std::string ContentHasher::finish(const Properties& extra) {
  Properties hashed = extra;
  hashed.insert_or_assign(std::string(TypeProperty), std::string(to_string(kind_)));
  flush();
  hasher_.update(AddressWriter().string_map(hashed).preimage());
  return base::hex_encode(hasher_.finish());
}

base::Bytes finish_table(TableWriter& table, ContentKind kind, Properties properties,
                         const model::RangeInfo& statistics) {
  const auto put = [&properties](std::string_view name, std::string value) {
    properties.insert_or_assign(std::string(name), std::move(value));
  };
  put(TypeProperty, std::string(to_string(kind)));
  put(MinKeyProperty, statistics.min_key);
  put(MaxKeyProperty, statistics.max_key);
  put(CountProperty, std::to_string(statistics.count));
  put(EstimatedSizeProperty, std::to_string(statistics.estimated_size));
  return table.finish(properties);
}

namespace {

// What the writer was given besides the records: everything but the container's own properties and
// the statistics.
Properties callers_properties(Properties all) {
  std::erase_if(all, [](const auto& property) {
    const std::string& name = property.first;
    return name.starts_with(ContainerPrefix) || name == TypeProperty || name == MinKeyProperty ||
           name == MaxKeyProperty || name == CountProperty || name == EstimatedSizeProperty;
  });
  return all;
}

}  // namespace

base::Result<Properties> hashed_properties(ContentKind kind, const Table& table) {
  VARVE_TRY(Properties properties, table.properties());
  const auto type = properties.find(std::string(TypeProperty));
  if (type == properties.end() || type->second != to_string(kind)) {
    return base::Error(base::Code::Corruption,
                       table.name() + ": not of type " + std::string(to_string(kind)));
  }
  return callers_properties(std::move(properties));
}

base::Error another_id(std::string_view id, std::string_view actual) {
  return {base::Code::Corruption,
          std::string(id).append(": the content hashes to ").append(actual)};
}

base::Result<void> verify_content_id(ContentKind kind, std::string_view id,
                                     std::string_view bytes) {
  TableOptions options;
  options.name = id;
  VARVE_TRY(const std::shared_ptr<const Table> table,
            Table::open(base::SharedBytes(bytes, nullptr), std::move(options)));
  VARVE_TRY(const Properties properties, hashed_properties(kind, *table));
  ContentHasher hasher(kind);
  TableCursor cursor = table->cursor();
  VARVE_CHECK(cursor.seek_first());
  while (cursor.valid()) {
    hasher.record(cursor.key(), cursor.value());
    VARVE_CHECK(cursor.next());
  }
  const std::string actual = hasher.finish(properties);
  if (actual != id) return another_id(id, actual);
  return {};
}

}  // namespace varve::format
