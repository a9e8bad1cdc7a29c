#include "engine/merge/diff_pager.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "engine/core/core.h"
#include "engine/merge/diff_source.h"
#include "engine/merge/merge.h"
#include "format/catalog.h"
#include "model/limits.h"

namespace varve::engine {

using base::Result;
using base::Task;

namespace {

constexpr std::size_t FoldingBatch = 64;  // rows read at a time when most will be folded away

// The common prefix that `path` is shown as; empty: it is shown as itself.
std::string_view fold_of(std::string_view path, const DiffQuery& query) {
  if (query.delimiter.empty()) return {};
  const std::size_t found = path.find(query.delimiter, query.prefix.size());
  if (found == std::string_view::npos) return {};
  return path.substr(0, found + query.delimiter.size());
}

// Where the page starts: exclusive at `after` itself. Behind the whole of a common prefix if that
// is what the page before ended with.
std::optional<std::string> start_of(const DiffQuery& query) {
  if (query.after.empty() || query.after < query.prefix) return query.prefix;
  if (!query.after.starts_with(query.prefix)) return query.after;
  if (fold_of(query.after, query) != query.after) return query.after;
  std::string end = prefix_end(query.after);
  if (end.empty()) return std::nullopt;
  return end;
}

Result<DiffRow> row_of(DiffItem item) {
  DiffRow row;
  row.path = std::move(item.path);
  row.type = item.type;
  if (item.has_entry) {
    VARVE_TRY(row.entry, format::decode_entry(item.data));
  }
  return row;
}

DiffRow fold_row(std::string_view fold) {
  DiffRow row;
  row.path = std::string(fold);
  row.type = DiffType::PrefixChanged;
  return row;
}

}  // namespace

Task<Result<DiffPage>> diff_page(std::unique_ptr<DiffSource> source, DiffQuery query) {
  std::size_t amount = model::PageMax;
  if (query.amount >= 0 && query.amount <= model::PageMax) {
    amount = static_cast<std::size_t>(query.amount);
  }
  DiffPage page;
  std::optional<std::string> start = start_of(query);
  if (!start.has_value()) co_return page;
  source->stop_at(prefix_end(query.prefix));
  if (!query.delimiter.empty()) source->fold_by(query.delimiter, query.prefix.size());
  if (!start->empty()) VARVE_CO_CHECK(source->seek_ge(*std::move(start)));
  const std::size_t batch = query.delimiter.empty() ? amount + 1 : FoldingBatch;
  std::string fold;  // the common prefix shown last: its other rows are passed over
  for (;;) {
    VARVE_CO_TRY(std::vector<DiffItem> items, co_await source->next_batch(batch));
    if (items.empty()) co_return page;
    for (DiffItem& item : items) {
      if (!item.path.starts_with(query.prefix)) continue;
      if (item.path == query.after) continue;
      if (!fold.empty() && item.path.starts_with(fold)) continue;
      if (page.rows.size() == amount) {
        page.has_more = true;
        co_return page;
      }
      fold = fold_of(item.path, query);
      if (!fold.empty()) {
        page.rows.push_back(fold_row(fold));
        continue;
      }
      VARVE_CO_TRY(DiffRow row, row_of(std::move(item)));
      page.rows.push_back(std::move(row));
    }
    if (fold.empty()) continue;
    std::string beyond = prefix_end(fold);
    if (beyond.empty()) co_return page;  // nothing sorts beyond a prefix of 0xff bytes only
    VARVE_CO_CHECK(source->seek_ge(std::move(beyond)));
  }
}

}  // namespace varve::engine
