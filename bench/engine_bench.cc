// How long does the engine take, without HTTP? Over the embedded key-value store and a local folder
// in a temporary place; prints microseconds of wall clock and of CPU per operation, beside the
// budget of docs (which is for the whole server).
//
//   engine_bench [objects] [filter] [repeat] [world]
//
// A world is what the questions are asked about, each with stores of its own:
//   basics     `objects` of them staged, listed, committed, read, deleted
//   changes    a thousand changes among `objects`: commit, diff, merge
//   contended  many clients on one branch
//   history    `objects` commits: log, merge base
//
// To profile a question alone, without what makes its data:
//   mkfifo ctl; VARVE_BENCH_PERF=ctl perf record -D -1 --control fifo:ctl engine_bench ...
#include "bench/engine_bench.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/task_group.h"
#include "engine/commits/commits.h"
#include "engine/objects/objects.h"
#include "engine/refs/refs.h"

namespace varve::bench {

using base::Task;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void die(const base::Error& error) {
  std::fprintf(stderr, "%s\n", error.message().c_str());
  std::exit(1);
}

namespace {

void tell_perf(const char* what) {
  static std::FILE* const control = [] {
    const char* path = std::getenv("VARVE_BENCH_PERF");
    return path == nullptr ? nullptr : std::fopen(path, "w");
  }();
  if (control == nullptr) return;
  std::fputs(what, control);
  std::fflush(control);
}

}  // namespace

void Stopwatch::start() {
  tell_perf("enable\n");
  cpu_begin_ = cpu_seconds();
  begin_ = std::chrono::steady_clock::now();
}

void Stopwatch::stop(int operations) {
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin_;
  wall_ += wall.count();
  cpu_ += cpu_seconds() - cpu_begin_;
  operations_ += operations;
  tell_perf("disable\n");
}

void Stopwatch::print(const char* name, const char* budget) const {
  std::printf("%-40s %11.2f us wall %11.2f us cpu   budget %s\n", name, wall_ * 1e6 / operations_,
              cpu_ * 1e6 / operations_, budget);
  std::fflush(stdout);
}

namespace {

// Different in every object, as in a lake: an entry of constant text compresses to nothing.
model::Entry entry_of(int i, int salt) {
  std::uint64_t state = (static_cast<std::uint64_t>(salt) << 32U) + static_cast<unsigned>(i);
  const auto draw = [&state] {
    state += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = (state ^ (state >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  };
  char text[64];
  std::snprintf(text, sizeof text, "data/ft5fm1hksdufdmei5k30/dc20fupk%012llx",
                static_cast<unsigned long long>(draw() >> 16U));
  model::Entry entry;
  entry.address = text;
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(draw()),
                static_cast<unsigned long long>(draw()));
  entry.etag = text;
  entry.size = static_cast<std::int64_t>(draw() % 1000000);
  entry.last_modified = {1700000000 + i, static_cast<std::int32_t>(draw() % 1000000000)};
  entry.content_type = "application/octet-stream";
  return entry;
}

}  // namespace

std::string path_of(int i) {
  char text[64];
  std::snprintf(text, sizeof text, "data/prefix-%03d/part-%06d.parquet", i % 997, i);
  return text;
}

Bench::Bench(const std::string& folder)
    : pool(base::OffloadOptions()),
      kv(must(adapters::RocksDbKv::open(kv_options(folder), pool, clock))),
      objects(must(adapters::LocalObjects::open(object_options(folder), pool, rng))),
      engine(*kv, *objects, clock, rng, pool, options()) {
  engine::NewRepository wanted;
  wanted.id = model::RepositoryId("lake");
  wanted.storage_namespace = model::StorageNamespace("local://lake");
  lake = must(base::run(engine.repositories().create(base::Context(), wanted)));
}

adapters::RocksDbOptions Bench::kv_options(const std::string& folder) {
  adapters::RocksDbOptions options;
  options.path = folder + "/kv";
  return options;
}

adapters::LocalObjectsOptions Bench::object_options(const std::string& folder) {
  adapters::LocalObjectsOptions options;
  options.path = folder + "/objects";
  return options;
}

engine::EngineOptions Bench::options() {
  engine::EngineOptions options;
  options.signing_key = "bench";
  options.is_single_writer = true;
  return options;
}

Task<int> stage_one(Bench* b, model::BranchId branch, std::string path, int salt) {
  const int i = static_cast<int>(std::hash<std::string>{}(path) & 0x7fffffffU);
  must(co_await b->engine.objects().stage(base::Context(), b->lake, std::move(branch),
                                          model::ObjectPath(std::move(path)), entry_of(i, salt),
                                          engine::StageOptions()));
  co_return 0;
}

Task<void> stage_many(Bench* b, model::BranchId branch, Spread spread, int width) {
  static int salt = 0;
  ++salt;
  for (int done = 0; done < spread.count; done += width) {
    std::vector<Task<int>> tasks;
    for (int i = done; i < done + width && i < spread.count; ++i) {
      tasks.push_back(stage_one(b, branch, path_of(spread.first + i * spread.step), salt));
    }
    co_await base::join_all(std::move(tasks), static_cast<std::size_t>(width));
  }
}

Task<int> commit(Bench* b, model::BranchId branch, std::string message, bool allow_empty) {
  engine::CommitRequest request;
  request.message = std::move(message);
  request.allow_empty = allow_empty;
  must(co_await b->engine.commits().commit(base::Context(), b->lake, std::move(branch), request));
  co_return 0;
}

void create_branch(Bench& b, const std::string& name, const std::string& source) {
  must(base::run(b.engine.refs().create_branch(base::Context(), b.lake, model::BranchId(name),
                                               *model::parse_ref_expr(source), false, false)));
}

namespace {

// What makes the data is run whatever is asked; what only reads it, if it is asked for.
enum class Kind { Question, Data };

template <class Run>
void measure(const Wanted& wanted, Kind kind, const char* name, const char* budget, int operations,
             Run run) {
  if (!wanted.wants(name)) {
    if (kind == Kind::Data) base::run(run());
    return;
  }
  const int rounds = kind == Kind::Question ? wanted.repeat : 1;
  Stopwatch watch;
  watch.start();
  for (int i = 0; i < rounds; ++i) base::run(run());
  watch.stop(operations * rounds);
  watch.print(name, budget);
}

Task<void> get_many(Bench* b, int objects, int count) {
  for (int i = 0; i < count; ++i) {
    must(co_await b->engine.objects().get(base::Context(), b->lake, b->main,
                                          model::ObjectPath(path_of((i * 7919) % objects))));
  }
}

Task<void> list_many(Bench* b, engine::ObjectQuery query, int count, std::size_t rows) {
  for (int i = 0; i < count; ++i) {
    const auto page =
        must(co_await b->engine.objects().list(base::Context(), b->lake, b->main, query));
    if (page.rows.size() != rows) std::printf("  (%zu rows)\n", page.rows.size());
  }
}

Task<void> log_many(Bench* b, int count) {
  engine::LogQuery query;
  query.ref = b->main;
  query.amount = 100;
  for (int i = 0; i < count; ++i) {
    must(co_await b->engine.commits().log(base::Context(), b->lake, query));
  }
}

// The first `count` paths in their order.
Task<void> erase_many(Bench* b, int objects, int count) {
  std::vector<std::string> all;
  for (int i = 0; i < objects; ++i) all.push_back(path_of(i));
  std::sort(all.begin(), all.end());
  for (int done = 0; done < count; done += 1000) {
    std::vector<model::ObjectPath> paths;
    for (int i = done; i < done + 1000 && i < count; ++i) {
      paths.emplace_back(all[static_cast<std::size_t>(i)]);
    }
    must(
        co_await b->engine.objects().erase_many(base::Context(), b->lake, b->branch, paths, false));
  }
}

}  // namespace

void ask_basics(Bench& b, const Wanted& wanted) {
  const int objects = wanted.objects;
  measure(wanted, Kind::Data, "stage, 64 at once", "19 us", objects,
          [&] { return stage_many(&b, b.branch, {0, 1, objects}, 64); });
  engine::ObjectQuery page;
  page.amount = 1000;
  measure(wanted, Kind::Question, "list 1,000 staged", "500 us", 20,
          [&] { return list_many(&b, page, 20, 1000); });
  measure(wanted, Kind::Question, "get staged", "10 us", 20000,
          [&] { return get_many(&b, objects, 20000); });
  measure(wanted, Kind::Data, "commit all", "60,000 us per 100,000", 1,
          [&]() -> Task<void> { co_await commit(&b, b.branch, "all", false); });
  measure(wanted, Kind::Question, "get committed, cold", "", 1000,
          [&] { return get_many(&b, objects, 1000); });
  measure(wanted, Kind::Question, "get committed", "10 us", 100000,
          [&] { return get_many(&b, objects, 100000); });
  measure(wanted, Kind::Question, "list 1,000 committed", "500 us", 200,
          [&] { return list_many(&b, page, 200, 1000); });
  engine::ObjectQuery folded;
  folded.prefix = "data/";
  folded.delimiter = "/";
  folded.amount = 1000;
  measure(wanted, Kind::Question, "list 997 prefixes", "1,000 us", 50,
          [&] { return list_many(&b, folded, 50, 997); });
  measure(wanted, Kind::Data, "delete 1,000", "10,000 us", objects / 2000,
          [&] { return erase_many(&b, objects, objects / 2); });
  measure(wanted, Kind::Question, "page after the deleted, the first", "", 1,
          [&] { return list_many(&b, page, 1, 1000); });
  measure(wanted, Kind::Question, "page after the deleted", "2,000 us", 20,
          [&] { return list_many(&b, page, 20, 1000); });
  measure(wanted, Kind::Question, "commit one", "8,000 us", 20, [&]() -> Task<void> {
    for (int i = 0; i < 20; ++i) {
      co_await stage_one(&b, b.branch, "one", i);
      co_await commit(&b, b.branch, "one", false);
    }
  });
  measure(wanted, Kind::Question, "log of 100", "60 us", 2000, [&] { return log_many(&b, 2000); });
}

}  // namespace varve::bench

namespace {

using Ask = void (*)(varve::bench::Bench&, const varve::bench::Wanted&);

void ask_over(const std::string& folder, const varve::bench::Wanted& wanted, Ask ask) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  {
    varve::bench::Bench bench(folder);
    ask(bench, wanted);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace

int main(int argc, char** argv) {
  varve::bench::Wanted wanted;
  if (argc > 1) wanted.objects = std::atoi(argv[1]);
  if (argc > 2) wanted.filter = argv[2];
  if (argc > 3) wanted.repeat = std::atoi(argv[3]);
  const std::string world = argc > 4 ? argv[4] : "basics";
  const std::string folder =
      (std::filesystem::temp_directory_path() / "varve-engine-bench").string();
  if (world == "basics") ask_over(folder, wanted, varve::bench::ask_basics);
  if (world == "changes") ask_over(folder, wanted, varve::bench::ask_changes);
  if (world == "contended") ask_over(folder, wanted, varve::bench::ask_contended);
  if (world == "history") ask_over(folder, wanted, varve::bench::ask_history);
  return 0;
}
