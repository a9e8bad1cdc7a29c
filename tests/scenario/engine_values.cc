#include "tests/scenario/engine_values.h"

#include <string>
#include <utility>

#include "model/ids.h"

namespace varve::scenario {

CommitView view_of(const model::Commit& commit) {
  CommitView view;
  view.id = commit.id.str();
  view.message = commit.message;
  view.committer = commit.committer;
  for (const model::CommitId& parent : commit.parents) view.parents.push_back(parent.str());
  view.metadata = commit.metadata;
  view.tree = commit.meta_range_id.str();
  view.date = commit.creation_date.seconds;
  view.generation = commit.generation;
  view.version = commit.version;
  return view;
}

model::Commit commit_of(const CommitView& view) {
  model::Commit commit;
  commit.id = model::CommitId(view.id);
  commit.message = view.message;
  commit.committer = view.committer;
  for (const std::string& parent : view.parents) commit.parents.emplace_back(parent);
  commit.metadata = view.metadata;
  commit.meta_range_id = model::MetaRangeId(view.tree);
  commit.creation_date.seconds = view.date;
  commit.generation = view.generation;
  commit.version = view.version;
  return commit;
}

engine::CommitOverrides overrides_of(ReplayOptions options) {
  engine::CommitOverrides overrides;
  overrides.message = std::move(options.message);
  overrides.metadata = std::move(options.metadata);
  return overrides;
}

}  // namespace varve::scenario
