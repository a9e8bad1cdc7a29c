// Many clients on one branch; and what a long history costs to walk.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

#include "base/task_group.h"
#include "bench/engine_bench.h"
#include "engine/commits/commits.h"
#include "engine/merge/merge.h"
#include "engine/objects/objects.h"
#include "engine/refs/refs.h"

namespace varve::bench {

using base::Task;
using std::chrono::steady_clock;

namespace {

using Latencies = std::vector<double>;  // seconds

double since(steady_clock::time_point begin) {
  return std::chrono::duration<double>(steady_clock::now() - begin).count();
}

void print_worst(Latencies latencies) {
  std::sort(latencies.begin(), latencies.end());
  const std::size_t last = latencies.size() - 1;
  std::printf("%-40s %11.2f us p50  %11.2f us p99\n", "", latencies[last / 2] * 1e6,
              latencies[last * 99 / 100] * 1e6);
}

Task<int> put_and_commit(Bench* b, int writer, int rounds, Latencies* latencies) {
  for (int i = 0; i < rounds; ++i) {
    const std::string name = "contended/" + std::to_string(writer) + "-" + std::to_string(i);
    co_await stage_one(b, b->branch, name, i);
    const auto begin = steady_clock::now();
    co_await commit(b, b->branch, name, true);  // another may have taken it
    latencies->push_back(since(begin));
  }
  co_return 0;
}

Task<int> commit_many(Bench* b, int writer, int rounds, Latencies* latencies) {
  for (int i = 0; i < rounds; ++i) {
    const auto begin = steady_clock::now();
    co_await commit(b, b->branch, std::to_string(writer) + "-" + std::to_string(i), true);
    latencies->push_back(since(begin));
  }
  co_return 0;
}

Task<int> merge_many(Bench* b, int client, int clients, int branches, Latencies* latencies) {
  for (int i = client; i < branches; i += clients) {
    const auto begin = steady_clock::now();
    must(co_await b->engine.merges().merge(base::Context(), b->lake, b->branch,
                                           *model::parse_ref_expr("m" + std::to_string(i)),
                                           engine::MergeRequest()));
    latencies->push_back(since(begin));
  }
  co_return 0;
}

Task<void> all_of(std::vector<Task<int>> tasks) {
  const std::size_t width = tasks.size();
  co_await base::join_all(std::move(tasks), width);
}

Task<void> one_change(Bench* b, model::BranchId branch, std::string path, int salt) {
  co_await stage_one(b, branch, std::move(path), salt);
  co_await commit(b, branch, "one", false);
}

Task<int> create_one(Bench* b, std::string name) {
  must(co_await b->engine.refs().create_branch(
      base::Context(), b->lake, model::BranchId(std::move(name)), b->main, false, false));
  co_return 0;
}

Task<void> create_branches(Bench* b, std::string prefix, int count) {
  std::vector<Task<int>> tasks;
  for (int i = 0; i < count; ++i) tasks.push_back(create_one(b, prefix + std::to_string(i)));
  co_await base::join_all(std::move(tasks), 64);
}

Task<void> log_path(Bench* b, std::string path, int amount) {
  engine::LogQuery query;
  query.ref = b->main;
  query.amount = amount;
  query.objects.push_back(std::move(path));
  must(co_await b->engine.commits().log(base::Context(), b->lake, query));
}

Task<void> merge_base(Bench* b, std::string left, std::string right) {
  must(co_await b->engine.merges().merge_base(
      base::Context(), b->lake, *model::parse_ref_expr(left), *model::parse_ref_expr(right)));
}

Task<void> resolve(Bench* b, std::string ref) {
  must(co_await b->engine.refs().resolve(base::Context(), b->lake, *model::parse_ref_expr(ref)));
}

template <class Run>
void time_one(const Wanted& wanted, const char* name, const char* budget, int operations, Run run) {
  if (!wanted.wants(name)) return;
  Stopwatch watch;
  for (int i = 0; i < wanted.repeat; ++i) {
    watch.start();
    base::run(run());
    watch.stop(operations);
  }
  watch.print(name, budget);
}

}  // namespace

void ask_contended(Bench& b, const Wanted& wanted) {
  Latencies latencies;
  time_one(wanted, "branch create, 64 at once", "20 us cpu", 2000, [&]() -> Task<void> {
    static int round = 0;
    co_await create_branches(&b, "created-" + std::to_string(round++) + "-", 2000);
  });
  time_one(wanted, "contended put and commit, 16", "3,300 us", 16 * 50, [&] {
    std::vector<Task<int>> tasks;
    for (int i = 0; i < 16; ++i) tasks.push_back(put_and_commit(&b, i, 50, &latencies));
    return all_of(std::move(tasks));
  });
  if (!latencies.empty()) print_worst(std::exchange(latencies, {}));
  time_one(wanted, "contended empty commit, 16", "3,300 us", 16 * 50, [&] {
    std::vector<Task<int>> tasks;
    for (int i = 0; i < 16; ++i) tasks.push_back(commit_many(&b, i, 50, &latencies));
    return all_of(std::move(tasks));
  });
  if (!latencies.empty()) print_worst(std::exchange(latencies, {}));
  if (!wanted.wants("contended merge, 32")) return;
  constexpr int Branches = 640;
  base::run(create_branches(&b, "m", Branches));
  for (int i = 0; i < Branches; ++i) {
    base::run(one_change(&b, model::BranchId("m" + std::to_string(i)), path_of(i), i));
  }
  Stopwatch watch;
  watch.start();
  std::vector<Task<int>> tasks;
  for (int i = 0; i < 32; ++i) tasks.push_back(merge_many(&b, i, 32, Branches, &latencies));
  base::run(all_of(std::move(tasks)));
  watch.stop(Branches);
  watch.print("contended merge, 32", "4,000 us, p99 300,000 us");
  print_worst(std::move(latencies));
}

void ask_history(Bench& b, const Wanted& wanted) {
  Stopwatch watch;
  watch.start();
  for (int i = 0; i < wanted.objects; ++i) {
    base::run(one_change(&b, b.branch, path_of(i % 997), i));
    if (i == wanted.objects / 2) {
      create_branch(b, "side", "main");
      base::run(one_change(&b, model::BranchId("side"), "aside", 0));
    }
  }
  watch.stop(wanted.objects);
  watch.print("history: one object, one commit", "");
  for (const char* again : {"history: log of one path, first", "history: log of one path"}) {
    time_one(wanted, again, "50,000 us", 1, [&] { return log_path(&b, path_of(5), 1000); });
  }
  time_one(wanted, "history: log of no path", "50,000 us", 1,
           [&] { return log_path(&b, "nowhere", 1000); });
  time_one(wanted, "history: merge base", "5,000 us", 1,
           [&] { return merge_base(&b, "main", "side"); });
  const std::string far = "main~" + std::to_string(wanted.objects - 1);
  time_one(wanted, "history: main~(all)", "", 1, [&] { return resolve(&b, far); });
}

}  // namespace varve::bench
