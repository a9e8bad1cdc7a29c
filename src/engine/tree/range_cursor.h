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

 private:
  base::Result<void> look() {
    if (!cursor_.valid()) return {};
    record_.key = cursor_.key();
    record_.value = cursor_.value();
    VARVE_TRY(const format::FramedValue framed, format::parse_value(record_.value));
    record_.identity = framed.identity;
    record_.data = framed.data;
    is_valid_ = true;
    return {};
  }

  format::TableCursor cursor_;
};

// For a walk through the whole range: its blocks stay out of the cache.
inline std::unique_ptr<kernel::RecordCursor> scan_of(const format::Table& table) {
  return std::make_unique<RangeCursor>(table.cursor(format::Table::Caching::Bypass));
}

}  // namespace varve::engine
