#include "engine/tree/range_loader.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/tree/tree.h"
#include "engine/tree/tree_files.h"
#include "kernel/tree_side.h"
#include "model/limits.h"
#include "model/records.h"

namespace varve::engine {

using base::Result;
using base::Task;

RangeLoader::RangeLoader(Snapshots::Impl& impl, base::Context context, RepositoryRef repository,
                         kernel::RangeSpan source, kernel::RangeSpan destination)
    : impl_(impl), context_(std::move(context)), repository_(std::move(repository)) {
  const auto add_missing = [this](kernel::RangeSpan from, kernel::RangeSpan in) {
    std::unordered_set<std::string_view> ids;
    for (const model::RangeInfo& range : in) ids.insert(range.id.view());
    for (const model::RangeInfo& range : from) {
      if (!ids.contains(range.id.view())) different_.push_back(&range);
    }
  };
  add_missing(source, destination);
  add_missing(destination, source);
  std::sort(different_.begin(), different_.end(),
            [](const auto* a, const auto* b) { return a->min_key < b->min_key; });
  std::uint64_t bytes = 0;
  for (const model::RangeInfo* range : different_) bytes += range->estimated_size;
  is_heavy_ = bytes > InlineBytesMax;
}

TableRef RangeLoader::table_of(const model::RangeInfo& range) {
  const auto loaded = loaded_.find(range.id.str());
  if (loaded == loaded_.end()) return impl_.files.find_table(*repository_, range.id);
  TableRef table = std::move(loaded->second);
  loaded_.erase(loaded);
  return table;
}

Task<Result<void>> RangeLoader::load(model::RangeInfo needed) {
  std::vector<model::RangeInfo> wanted;
  auto next = std::partition_point(
      different_.begin(), different_.end(),
      [&needed](const model::RangeInfo* range) { return range->min_key <= needed.max_key; });
  wanted.push_back(std::move(needed));
  for (; next != different_.end() && wanted.size() < model::RangeLoadFanOutMax; ++next) {
    wanted.push_back(**next);
  }
  VARVE_CO_TRY(std::vector<TableRef> tables,
               co_await impl_.tables(context_, repository_, std::move(wanted)));
  loaded_.clear();
  for (TableRef& table : tables) {
    std::string name = table->name();
    loaded_.emplace(std::move(name), std::move(table));
  }
  co_return Result<void>();
}

}  // namespace varve::engine
