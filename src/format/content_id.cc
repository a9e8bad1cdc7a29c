#include "format/content_id.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

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

constexpr std::size_t HashStepBytes = 64U << 10U;

constexpr std::string_view TypeProperty = "type";
constexpr std::string_view MinKeyProperty = "min_key";
constexpr std::string_view MaxKeyProperty = "max_key";
constexpr std::string_view CountProperty = "count";
constexpr std::string_view EstimatedSizeProperty = "estimated_size_bytes";

void append_decimal(base::Bytes& out, std::size_t value) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

}  // namespace

std::string_view to_string(ContentKind kind) {
  return kind == ContentKind::Range ? "ranges" : "metaranges";
}

void ContentHasher::record(std::string_view key, std::string_view value) {
  append_decimal(buffer_, key.size());
  buffer_.append(key).push_back('|');
  append_decimal(buffer_, value.size());
  buffer_.append(value).push_back('|');
  if (buffer_.size() >= HashStepBytes) flush();
}

void ContentHasher::flush() {
  hasher_.update(buffer_);
  buffer_.clear();
}

std::string ContentHasher::finish(const Properties& extra) {
  Properties hashed = extra;
  hashed.insert_or_assign(std::string(TypeProperty), std::string(to_string(kind_)));
  buffer_.append(AddressWriter().string_map(hashed).preimage());
  flush();
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

base::Result<void> verify_content_id(ContentKind kind, std::string_view id,
                                     std::string_view bytes) {
  TableOptions options;
  options.name = id;
  VARVE_TRY(const std::shared_ptr<const Table> table,
            Table::open(SharedBytes(bytes, nullptr), std::move(options)));
  VARVE_TRY(Properties properties, table->properties());
  const auto type = properties.find(std::string(TypeProperty));
  if (type == properties.end() || type->second != to_string(kind)) {
    return base::Error(base::Code::Corruption,
                       std::string(id).append(": not of type ").append(to_string(kind)));
  }
  ContentHasher hasher(kind);
  TableCursor cursor = table->cursor();
  VARVE_CHECK(cursor.seek_first());
  while (cursor.valid()) {
    hasher.record(cursor.key(), cursor.value());
    VARVE_CHECK(cursor.next());
  }
  const std::string actual = hasher.finish(callers_properties(std::move(properties)));
  if (actual == id) return {};
  return base::Error(base::Code::Corruption,
                     std::string(id).append(": the content hashes to ").append(actual));
}

}  // namespace varve::format
