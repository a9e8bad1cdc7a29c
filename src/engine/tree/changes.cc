#include "engine/tree/changes.h"

#include <memory>
#include <utility>
#include <vector>

#include "base/result.h"

namespace varve::engine {

using base::Result;
using base::Task;

Task<Result<ChangeViews>> ChangeSource::next_views() {
  VARVE_CO_TRY(std::vector<Change> changes, co_await next_batch());
  ChangeViews views;
  if (changes.empty()) co_return views;
  const auto kept = std::make_shared<const std::vector<Change>>(std::move(changes));
  for (const Change& change : *kept) {
    views.changes.push_back({change.path, change.record.identity.view(), change.record.data});
  }
  views.owners.push_back(kept);
  co_return views;
}

}  // namespace varve::engine
