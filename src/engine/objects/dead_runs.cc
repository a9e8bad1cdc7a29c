#include "engine/objects/dead_runs.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/refs/refs.h"

namespace varve::engine {

DeadRuns::View DeadRuns::view(const BranchVersionRef& branch) {
  View view;
  if (!is_on_ || branch == nullptr) return view;
  Shard& shard = shards_[shard_of(branch->branch.staging_token)];
  view.runs_ = this;
  view.branch_ = branch;
  // In this order: a write says first that it is in flight, then that it has begun. Asked the other
  // way round, one that begins in between would be counted and yet go unnoticed.
  view.reveals_ = shard.reveals;
  view.is_quiet_ = shard.in_flight == 0;
  return view;
}

std::optional<std::string> DeadRuns::View::beyond(std::string_view path) const {
  if (runs_ == nullptr) return std::nullopt;
  const TokenRef token = runs_->tokens_.get(branch_->branch.staging_token.view());
  if (token == nullptr) return std::nullopt;
  const std::scoped_lock lock(token->mutex);
  if (token->branch_bytes != branch_->bytes) return std::nullopt;
  auto run = token->until_by_from.upper_bound(path);
  if (run == token->until_by_from.begin()) return std::nullopt;
  --run;
  if (!run->second.empty() && run->second <= path) return std::nullopt;
  return run->second;
}

void DeadRuns::View::keep(std::string from, std::string until) const {
  if (runs_ == nullptr || !is_quiet_) return;
  const model::StagingToken& name = branch_->branch.staging_token;
  TokenRef token = runs_->tokens_.get(name.view());
  if (token == nullptr) {
    token = std::make_shared<Token>();
    runs_->tokens_.put(name.view(), token);
  }
  const std::scoped_lock lock(token->mutex);
  // A write that begins after this check finds the run when it gets the mutex, and drops it.
  if (runs_->shards_[shard_of(name)].reveals != reveals_) return;
  if (token->branch_bytes != branch_->bytes) {
    token->until_by_from.clear();
    token->branch_bytes = branch_->bytes;
  }
  if (token->until_by_from.size() >= RunsMax) token->until_by_from.clear();
  token->until_by_from.insert_or_assign(std::move(from), std::move(until));
}

DeadRuns::Reveal::Reveal(DeadRuns& runs, const model::StagingToken& token, std::string_view path)
    : runs_(runs), shard_(shard_of(token)) {
  ++runs_.shards_[shard_].in_flight;
  ++runs_.shards_[shard_].reveals;
  if (!runs_.is_on_) return;
  const TokenRef known = runs_.tokens_.get(token.view());
  if (known == nullptr) return;
  const std::scoped_lock lock(known->mutex);
  auto run = known->until_by_from.upper_bound(path);
  // Runs may overlap: two listings may have begun at different places of one.
  while (run != known->until_by_from.begin()) {
    --run;
    const bool holds = run->second.empty() || path < run->second;
    if (holds) run = known->until_by_from.erase(run);
  }
}

DeadRuns::Reveal::~Reveal() { --runs_.shards_[shard_].in_flight; }

}  // namespace varve::engine
