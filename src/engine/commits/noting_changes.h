// NotingChanges: changes on their way into a tree, whose paths are noted as they pass
// (format/changed_paths.h). A path that is staged as it is committed is noted too: the note is for
// passing commits over, and that a commit may have changed a path is found out by comparing.
//
// Belongs to one task; the writer outlives it.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "engine/tree/changes.h"
#include "format/changed_paths.h"

namespace varve::engine {

class NotingChanges final : public ChangeSource {
 public:
  NotingChanges(std::unique_ptr<ChangeSource> source, format::ChangedPathsWriter& noted)
      : source_(std::move(source)), noted_(noted) {}

  base::Task<base::Result<std::vector<Change>>> next_batch() override {
    VARVE_CO_TRY(std::vector<Change> changes, co_await source_->next_batch());
    for (const Change& change : changes) noted_.add(change.path);
    co_return changes;
  }
  base::Task<base::Result<ChangeViews>> next_views() override {
    VARVE_CO_TRY(ChangeViews views, co_await source_->next_views());
    for (const kernel::StagedChange& change : views.changes) noted_.add(change.path);
    co_return views;
  }

 private:
  std::unique_ptr<ChangeSource> source_;
  format::ChangedPathsWriter& noted_;
};

}  // namespace varve::engine
