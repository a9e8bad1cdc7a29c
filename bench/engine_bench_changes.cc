// A thousand changes among many objects: what do commit, diff and merge cost? First spread over the
// whole tree, so that every range changes on both sides; then next to each other, so that one does.
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "base/task_group.h"
#include "bench/engine_bench.h"
#include "engine/commits/commits.h"
#include "engine/merge/merge.h"
#include "engine/objects/objects.h"

namespace varve::bench {

using base::Task;

namespace {

constexpr int Changes = 1000;

Task<void> diff(Bench* b, std::string left, std::string right, int rows) {
  engine::DiffQuery query;
  query.amount = 1000;
  const auto page = must(co_await b->engine.merges().diff_two_dot(
      base::Context(), b->lake, *model::parse_ref_expr(left), *model::parse_ref_expr(right),
      query));
  if (static_cast<int>(page.rows.size()) != rows) std::printf("  (%zu rows)\n", page.rows.size());
}

Task<void> merge(Bench* b, std::string source) {
  engine::MergeRequest request;
  must(co_await b->engine.merges().merge(base::Context(), b->lake, b->branch,
                                         *model::parse_ref_expr(source), request));
}

Task<void> commit_on(Bench* b, std::string branch) {
  co_await commit(b, model::BranchId(branch), "changes", false);
}

// Stages objects by their place in the order of paths.
Task<void> stage_places(Bench* b, std::string branch, std::vector<std::string>* sorted, int first,
                        int step, int salt) {
  std::vector<Task<int>> tasks;
  for (int i = 0; i < Changes; ++i) {
    const auto place = static_cast<std::size_t>(first + i * step) % sorted->size();
    tasks.push_back(stage_one(b, model::BranchId(branch), (*sorted)[place], salt));
  }
  co_await base::join_all(std::move(tasks), 64);
}

struct Watches {
  Stopwatch commit;
  Stopwatch diff;
  Stopwatch merge;
  Stopwatch merge_clean;  // of a source whose destination has not moved
};

// Both sides change `Changes` objects, `step` places apart; then the source goes into main.
void ask_round(Bench& b, std::vector<std::string>& sorted, int round, int first, int step,
               Watches& watches) {
  const std::string side = "side-" + std::to_string(step) + "-" + std::to_string(round);
  create_branch(b, side, "main");
  base::run(stage_places(&b, side, &sorted, first, step, 1000 * step + 2 * round));
  watches.commit.start();
  base::run(commit_on(&b, side));
  watches.commit.stop(1);
  watches.diff.start();
  base::run(diff(&b, "main", side, Changes));
  watches.diff.stop(1);
  base::run(stage_places(&b, "main", &sorted, first + step / 2, step, 1000 * step + 2 * round + 1));
  watches.commit.start();
  base::run(commit_on(&b, "main"));
  watches.commit.stop(1);
  watches.merge.start();
  base::run(merge(&b, side));
  watches.merge.stop(1);
}

}  // namespace

void ask_changes(Bench& b, const Wanted& wanted) {
  base::run(stage_many(&b, b.branch, {0, 1, wanted.objects}, 64));
  base::run(commit_on(&b, "main"));
  std::vector<std::string> sorted;
  for (int i = 0; i < wanted.objects; ++i) sorted.push_back(path_of(i));
  std::sort(sorted.begin(), sorted.end());
  const bool is_spread = wanted.wants("spread");
  const bool is_near = wanted.wants("near");
  const bool is_one = wanted.wants("one");
  Watches spread;
  Watches near;
  Stopwatch one;
  for (int round = 0; round < wanted.repeat; ++round) {
    const int first = (round * 7919 + 13) % (wanted.objects / Changes);
    if (is_spread) ask_round(b, sorted, round, first, wanted.objects / Changes, spread);
    const int start = (round * 104729 + 17) % (wanted.objects - 3 * Changes);
    if (is_near) ask_round(b, sorted, round, start, 2, near);
    if (!is_one) continue;
    base::run(stage_one(&b, b.branch, sorted[static_cast<std::size_t>(start)], 500 + round));
    one.start();
    base::run(commit_on(&b, "main"));
    one.stop(1);
  }
  if (is_spread) {
    spread.commit.print("spread: commit of 1,000", "150,000 us of 500,000");
    spread.diff.print("spread: diff of 1,000", "30,000 us of 100,000, 90,000 of 500,000");
    spread.merge.print("spread: merge of 1,000, both changed", "200,000 us of 500,000");
  }
  if (is_near) {
    near.commit.print("near: commit of 1,000", "10,000 us");
    near.diff.print("near: diff of 1,000", "10,000 us");
    near.merge.print("near: merge of 1,000, both changed", "10,000 us");
  }
  if (is_one) one.print("one: commit of one object", "8,000 us cpu of 100,000");
}

}  // namespace varve::bench
