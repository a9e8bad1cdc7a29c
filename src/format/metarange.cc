#include "format/metarange.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "format/catalog.h"
#include "format/content_id.h"
#include "format/identity.h"
#include "format/table_reader.h"
#include "format/table_writer.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::format {
namespace {

constexpr std::size_t RangeIdBytes = 64;

bool is_range_id(std::string_view text) {
  return text.size() == RangeIdBytes && text.find_first_not_of("0123456789abcdef") == text.npos;
}

// [I-5]: within the range, and after the one before it.
bool follows(const model::RangeInfo& range, const model::RangeInfo* before) {
  if (range.min_key > range.max_key) return false;
  return before == nullptr || before->max_key < range.min_key;
}

}  // namespace

base::Result<EncodedMetaRange> encode_metarange(std::vector<model::RangeInfo> ranges,
                                                const Properties& extra) {
  std::sort(ranges.begin(), ranges.end(),
            [](const auto& a, const auto& b) { return a.min_key < b.min_key; });
  ContentHasher content(ContentKind::MetaRange);
  TableWriter table;
  model::RangeInfo statistics;
  base::Bytes value;
  const model::RangeInfo* before = nullptr;
  for (const model::RangeInfo& range : ranges) {
    if (!follows(range, before)) {
      return base::Error(base::Code::InvalidArgument, "keys should be written in ascending order");
    }
    if (!is_range_id(range.id.view())) {
      return base::Error(base::Code::InvalidArgument, "range id: " + range.id.str());
    }
    value.clear();
    append_frame(value, range.id.view(), encode_range_data(range));
    content.record(range.max_key, value);
    table.add(range.max_key, value);
    before = &range;
  }
  if (!ranges.empty()) {
    statistics.min_key = ranges.front().max_key;  // the records' keys, not the objects'
    statistics.max_key = ranges.back().max_key;
  }
  statistics.count = static_cast<std::int64_t>(ranges.size());
  statistics.estimated_size = table.estimated_size();
  EncodedMetaRange encoded;
  encoded.id = model::MetaRangeId(content.finish(extra));
  encoded.bytes = finish_table(table, ContentKind::MetaRange, extra, statistics);
  return encoded;
}

namespace {

base::Result<model::RangeInfo> decode_record(const TableCursor& cursor) {
  VARVE_TRY(const FramedValue framed, cursor.framed());
  VARVE_TRY(model::RangeInfo range, decode_range_data(framed.data));
  if (!is_range_id(framed.identity)) {
    return base::Error(base::Code::Corruption, "metarange: a record names no range");
  }
  if (cursor.key() != range.max_key) {
    return base::Error(base::Code::Corruption, "metarange: a key is not its range's last key");
  }
  range.id = model::RangeId(framed.identity);
  return range;
}

}  // namespace

base::Result<std::vector<model::RangeInfo>> decode_metarange(std::string_view bytes) {
  TableOptions options;
  options.name = "metarange";
  VARVE_TRY(const std::shared_ptr<const Table> table,
            Table::open(base::SharedBytes(bytes, nullptr), std::move(options)));
  std::vector<model::RangeInfo> ranges;
  TableCursor cursor = table->cursor();
  VARVE_CHECK(cursor.seek_first());
  while (cursor.valid()) {
    VARVE_TRY(model::RangeInfo range, decode_record(cursor));
    if (!follows(range, ranges.empty() ? nullptr : &ranges.back())) {
      return base::Error(base::Code::Corruption, "metarange: ranges overlap or are out of order");
    }
    ranges.push_back(std::move(range));
    VARVE_CHECK(cursor.next());
  }
  return ranges;
}

base::Result<void> verify_metarange_id(const model::MetaRangeId& id, std::string_view bytes) {
  return verify_content_id(ContentKind::MetaRange, id.view(), bytes);
}

}  // namespace varve::format
