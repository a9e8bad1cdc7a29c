// Asks a table everything it can be asked, and asserts what must hold whatever the bytes.
#pragma once

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

inline void read_table(std::string_view bytes) {
  auto table = format::Table::open(base::SharedBytes(bytes, nullptr), {});
  if (!table.has_value()) {
    VARVE_ASSERT(table.error().code() == base::Code::Corruption);
    return;
  }
  (void)(*table)->properties();
  scan_table(**table);
  for (const std::string_view key : {"", "k", "zzzz", "\xff"}) {
    format::TableCursor cursor = (*table)->cursor();
    const auto sought = cursor.seek_ge(key);
    if (sought.has_value() && cursor.valid()) VARVE_ASSERT(cursor.key() >= key);
  }
}

}  // namespace varve::fuzz
