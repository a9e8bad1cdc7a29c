// The records of a range, as the walks of kernel/ want them. Belongs to one task.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "format/table_reader.h"
#include "kernel/tree_side.h"

namespace varve::engine {

class RangeCursor final : public kernel::RecordCursor {
 public:
  explicit RangeCursor(format::TableCursor cursor) : cursor_(std::move(cursor)) {}

  base::Result<void> seek_first() override {
    is_valid_ = false;
    VARVE_CHECK(cursor_.seek_first());
    return look();
  }
  base::Result<void> seek_ge(std::string_view key) override {
    is_valid_ = false;
    VARVE_CHECK(cursor_.seek_ge(key));
    return look();
  }
  base::Result<void> next() override {
    is_valid_ = false;
    VARVE_CHECK(cursor_.next());
    return look();
  }

  bool has_same_run(const kernel::RecordCursor& other) const override {
    return cursor_.is_at_same_block(static_cast<const RangeCursor&>(other).cursor_);
  }
  base::Result<void> skip_same_runs(kernel::RecordCursor& other) override {
    auto& twin = static_cast<RangeCursor&>(other);
    is_valid_ = false;
    twin.is_valid_ = false;
    VARVE_CHECK(cursor_.skip_same_blocks(twin.cursor_));
    VARVE_CHECK(look());
    return twin.look();
  }

  // For who moves the table's own cursor, and calls look() afterwards.
  format::TableCursor& table_cursor() { return cursor_; }
  // Fetches the record the table's cursor stands at.
  base::Result<void> look() {
    is_valid_ = false;
    is_at_run_ = false;
    if (!cursor_.valid()) return {};
    record_.key = cursor_.key();
    record_.value = cursor_.value();
    VARVE_TRY(const format::FramedValue framed, format::parse_value(record_.value));
    record_.identity = framed.identity;
    record_.data = framed.data;
    is_valid_ = true;
    is_at_run_ = cursor_.is_at_block_start();
    return {};
  }

 private:
  format::TableCursor cursor_;
};

// For a walk through the whole range: its blocks stay out of the cache.
inline std::unique_ptr<kernel::RecordCursor> scan_of(const format::Table& table) {
  return std::make_unique<RangeCursor>(table.cursor(format::Table::Caching::Bypass));
}

}  // namespace varve::engine
