// Asks a table everything it can be asked, and asserts what must hold whatever the bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/result.h"
#include "format/table_reader.h"

namespace varve::fuzz {

inline void scan_table(const format::Table& table) {
  format::TableCursor cursor = table.cursor();
  base::Bytes before;
  bool first = true;
  base::Result<void> moved = cursor.seek_first();
  while (moved.has_value() && cursor.valid()) {
    VARVE_ASSERT(first || cursor.key() > before);  // [I-5]
    first = false;
    before = cursor.key();
    (void)cursor.framed();
    (void)table.get(before);
    moved = cursor.next();
  }
  VARVE_ASSERT(moved.has_value() || moved.error().code() == base::Code::Corruption);
}

// By its index alone, and then in windows: what is seen is in order, and every walk ends.
inline void read_windows(std::string_view bytes, const format::Table& table) {
  const std::uint64_t offset = table.metadata_offset();
  if (offset > bytes.size()) return;
  auto tail = format::Table::open_tail({{bytes.substr(offset), nullptr}, offset}, {});
  if (!tail.has_value()) return;  // parts of the index may be anywhere
  base::Bytes key;
  for (int windows = 0; windows < 50; ++windows) {
    const auto block = (*tail)->block_reaching(key);
    if (!block.has_value() || !block->has_value()) return;
    VARVE_ASSERT((*block)->end() <= bytes.size());
    const std::string_view window = bytes.substr((*block)->offset, (*block)->size + 100);
    format::TableCursor cursor = (*tail)->cursor({{window, nullptr}, (*block)->offset});
    base::Result<void> moved = cursor.seek_ge(key);
    while (moved.has_value() && cursor.valid()) {
      VARVE_ASSERT(cursor.key() >= key);
      moved = cursor.next();
    }
    if (!moved.has_value()) VARVE_ASSERT(moved.error().code() == base::Code::Corruption);
    if (!moved.has_value() || !cursor.is_cut() || cursor.cut_at() <= key) return;
    key = cursor.cut_at();
  }
}

inline void read_table(std::string_view bytes) {
  auto table = format::Table::open(base::SharedBytes(bytes, nullptr), {});
  if (!table.has_value()) {
    VARVE_ASSERT(table.error().code() == base::Code::Corruption);
    return;
  }
  (void)(*table)->properties();
  scan_table(**table);
  read_windows(bytes, **table);
  for (const std::string_view key : {"", "k", "zzzz", "\xff"}) {
    format::TableCursor cursor = (*table)->cursor();
    const auto sought = cursor.seek_ge(key);
    if (sought.has_value() && cursor.valid()) VARVE_ASSERT(cursor.key() >= key);
  }
}

}  // namespace varve::fuzz
