// How long does the engine take, without HTTP? Over the embedded key-value store and a local folder
// in a temporary place; prints microseconds of wall clock and of CPU per operation, beside the
// budget of docs (which is for the whole server).
//
//   engine_bench [objects] [filter] [repeat]
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/kv_rocksdb/kv_rocksdb.h"
#include "adapters/object_local/object_local.h"
#include "adapters/system/system.h"
#include "base/run.h"
#include "base/task_group.h"
#include "engine/commits/commits.h"
#include "engine/engine.h"
#include "engine/objects/objects.h"
#include "engine/refs/refs.h"
#include "engine/repo/repo.h"
#include "model/ref_expr.h"

namespace varve {
namespace {

using base::Task;
using engine::RepositoryRef;

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

template <class T>
T must(base::Result<T> result) {
  if (!result.has_value()) die(result.error());
  return *std::move(result);
}
void must(base::Result<void> result) {
  if (!result.has_value()) die(result.error());
}

std::string filter;
int repeat = 1;  // of each question

// What makes the data is run whatever is asked; what only reads it, if it is asked for.
enum class Kind { Question, Data };

template <class Run>
void measure(Kind kind, const char* name, const char* budget, int operations, Run run) {
  const bool is_wanted = std::string(name).find(filter) != std::string::npos;
  if (!is_wanted && kind == Kind::Question) return;
  const double cpu = cpu_seconds();
  const auto begin = std::chrono::steady_clock::now();
  const int rounds = kind == Kind::Question ? repeat : 1;
  for (int i = 0; i < rounds; ++i) base::run(run());
  operations *= rounds;
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  if (!is_wanted) return;
  std::printf("%-34s %10.2f us wall %10.2f us cpu   budget %s\n", name,
              wall.count() * 1e6 / operations, (cpu_seconds() - cpu) * 1e6 / operations, budget);
}

model::Entry entry_of(int i) {
  model::Entry entry;
  entry.address = "data/ft5fm1hksdufdmei5k30/dc20fupksdufdmei5k4g";
  entry.etag = "5d41402abc4b2a76b9719d911017c592";
  entry.size = i;
  entry.last_modified = {1700000000, 0};
  entry.content_type = "application/octet-stream";
  return entry;
}

std::string path_of(int i) {
  char text[64];
  std::snprintf(text, sizeof text, "data/prefix-%03d/part-%06d.parquet", i % 997, i);
  return text;
}

struct Bench {
  explicit Bench(const std::string& folder)
      : pool(base::OffloadOptions()),
        kv(must(adapters::RocksDbKv::open(kv_options(folder), pool, clock))),
        objects(must(adapters::LocalObjects::open(object_options(folder), pool, rng))),
        engine(*kv, *objects, clock, rng, pool, options()) {
    engine::NewRepository wanted;
    wanted.id = model::RepositoryId("lake");
    wanted.storage_namespace = model::StorageNamespace("local://lake");
    lake = must(base::run(engine.repositories().create(base::Context(), wanted)));
  }
  static adapters::RocksDbOptions kv_options(const std::string& folder) {
    adapters::RocksDbOptions options;
    options.path = folder + "/kv";
    return options;
  }
  static adapters::LocalObjectsOptions object_options(const std::string& folder) {
    adapters::LocalObjectsOptions options;
    options.path = folder + "/objects";
    return options;
  }
  static engine::EngineOptions options() {
    engine::EngineOptions options;
    options.signing_key = "bench";
    options.is_single_writer = true;
    return options;
  }

  adapters::SystemClock clock;
  adapters::SystemRng rng;
  base::Offload pool;
  std::unique_ptr<adapters::RocksDbKv> kv;
  std::unique_ptr<adapters::LocalObjects> objects;
  engine::Engine engine;
  RepositoryRef lake;
  model::RefExpr main = *model::parse_ref_expr("main");
  model::BranchId branch{"main"};
};

Task<int> stage_one(Bench* b, std::string path, int i) {
  must(co_await b->engine.objects().stage(base::Context(), b->lake, b->branch,
                                          model::ObjectPath(std::move(path)), entry_of(i),
                                          engine::StageOptions()));
  co_return 0;
}

Task<void> stage_many(Bench* b, int from, int count, int width) {
  for (int done = 0; done < count; done += width) {
    std::vector<Task<int>> tasks;
    for (int i = done; i < done + width && i < count; ++i) {
      tasks.push_back(stage_one(b, path_of(from + i), i));
    }
    co_await base::join_all(std::move(tasks), static_cast<std::size_t>(width));
  }
}

Task<int> commit(Bench* b, std::string message, bool allow_empty) {
  engine::CommitRequest request;
  request.message = std::move(message);
  request.allow_empty = allow_empty;
  must(co_await b->engine.commits().commit(base::Context(), b->lake, b->branch, request));
  co_return 0;
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

Task<int> put_and_commit(Bench* b, int writer, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    const std::string name = "contended/" + std::to_string(writer) + "-" + std::to_string(i);
    co_await stage_one(b, name, i);
    co_await commit(b, name, true);  // another may have taken it
  }
  co_return 0;
}

Task<int> commit_many(Bench* b, int writer, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    co_await commit(b, std::to_string(writer) + "-" + std::to_string(i), true);
  }
  co_return 0;
}

void run_all(Bench& b, int objects) {
  measure(Kind::Data, "stage, 64 at once", "19 us", objects,
          [&] { return stage_many(&b, 0, objects, 64); });
  engine::ObjectQuery page;
  page.amount = 1000;
  measure(Kind::Question, "list 1,000 staged", "500 us", 20,
          [&] { return list_many(&b, page, 20, 1000); });
  measure(Kind::Question, "get staged", "10 us", 20000,
          [&] { return get_many(&b, objects, 20000); });
  measure(Kind::Data, "commit all", "60,000 us per 100,000", 1,
          [&]() -> Task<void> { co_await commit(&b, "all", false); });
  measure(Kind::Question, "get committed, cold", "", 1000,
          [&] { return get_many(&b, objects, 1000); });
  measure(Kind::Question, "get committed", "10 us", 100000,
          [&] { return get_many(&b, objects, 100000); });
  measure(Kind::Question, "list 1,000 committed", "500 us", 200,
          [&] { return list_many(&b, page, 200, 1000); });
  engine::ObjectQuery folded;
  folded.prefix = "data/";
  folded.delimiter = "/";
  folded.amount = 1000;
  measure(Kind::Question, "list 997 prefixes", "1,000 us", 50,
          [&] { return list_many(&b, folded, 50, 997); });
  measure(Kind::Data, "delete 1,000", "10,000 us", objects / 2000,
          [&] { return erase_many(&b, objects, objects / 2); });
  measure(Kind::Question, "page after the deleted, the first", "", 1,
          [&] { return list_many(&b, page, 1, 1000); });
  measure(Kind::Question, "page after the deleted", "2,000 us", 20,
          [&] { return list_many(&b, page, 20, 1000); });
  measure(Kind::Question, "commit one", "8,000 us", 20, [&]() -> Task<void> {
    for (int i = 0; i < 20; ++i) {
      co_await stage_one(&b, "one", i);
      co_await commit(&b, "one", false);
    }
  });
  measure(Kind::Question, "contended put and commit, 16", "3,300 us", 16 * 10, [&]() -> Task<void> {
    std::vector<Task<int>> tasks;
    for (int i = 0; i < 16; ++i) tasks.push_back(put_and_commit(&b, i, 10));
    co_await base::join_all(std::move(tasks), 16);
  });
  measure(Kind::Question, "contended empty commit, 16", "3,300 us", 16 * 50, [&]() -> Task<void> {
    std::vector<Task<int>> tasks;
    for (int i = 0; i < 16; ++i) tasks.push_back(commit_many(&b, i, 50));
    co_await base::join_all(std::move(tasks), 16);
  });
  measure(Kind::Question, "log of 100", "60 us", 2000, [&] { return log_many(&b, 2000); });
}

void run_over(const std::string& folder, int objects) {
  Bench bench(folder);
  run_all(bench, objects);
}

}  // namespace
}  // namespace varve

int main(int argc, char** argv) {
  const int objects = argc > 1 ? std::atoi(argv[1]) : 100000;
  if (argc > 2) varve::filter = argv[2];
  if (argc > 3) varve::repeat = std::atoi(argv[3]);
  const std::string folder =
      (std::filesystem::temp_directory_path() / "varve-engine-bench").string();
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  varve::run_over(folder, objects);
  std::filesystem::remove_all(folder);
  return 0;
}
