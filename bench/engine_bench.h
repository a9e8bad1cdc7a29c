// What the questions of engine_bench stand on: an engine over the embedded stores in a temporary
// folder, and how a question is asked.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "adapters/kv_rocksdb/kv_rocksdb.h"
#include "adapters/object_local/object_local.h"
#include "adapters/system/system.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/run.h"
#include "base/task.h"
#include "engine/engine.h"
#include "engine/repo/repo.h"
#include "model/ref_expr.h"

namespace varve::bench {

[[noreturn]] void die(const base::Error& error);

template <class T>
T must(base::Result<T> result) {
  if (!result.has_value()) die(result.error());
  return *std::move(result);
}
inline void must(base::Result<void> result) {
  if (!result.has_value()) die(result.error());
}

double cpu_seconds();  // of this process, user and system

// Time spent between start() and stop(), over any number of rounds.
class Stopwatch {
 public:
  void start();
  void stop(int operations);
  // One line: wall clock and CPU an operation, in microseconds.
  void print(const char* name, const char* budget) const;

 private:
  std::chrono::steady_clock::time_point begin_;
  double cpu_begin_ = 0;
  double wall_ = 0;
  double cpu_ = 0;
  int operations_ = 0;
};

// What the command line asks for.
struct Wanted {
  int objects = 100000;
  std::string filter;  // questions whose name holds this
  int repeat = 1;      // of each question
  bool wants(const char* name) const { return std::string(name).find(filter) != std::string::npos; }
};

struct Bench {
  explicit Bench(const std::string& folder);
  static adapters::RocksDbOptions kv_options(const std::string& folder);
  static adapters::LocalObjectsOptions object_options(const std::string& folder);
  static engine::EngineOptions options();

  adapters::SystemClock clock;
  adapters::SystemRng rng;
  base::Offload pool;
  std::unique_ptr<adapters::RocksDbKv> kv;
  std::unique_ptr<adapters::LocalObjects> objects;
  engine::Engine engine;
  engine::RepositoryRef lake;
  model::RefExpr main = *model::parse_ref_expr("main");
  model::BranchId branch{"main"};
};

std::string path_of(int i);

base::Task<int> stage_one(Bench* b, model::BranchId branch, std::string path, int salt);
// The objects `first`, `first + step` ... of path_of(), `width` at once.
struct Spread {
  int first = 0;
  int step = 1;
  int count = 0;
};
base::Task<void> stage_many(Bench* b, model::BranchId branch, Spread spread, int width);
base::Task<int> commit(Bench* b, model::BranchId branch, std::string message, bool allow_empty);
void create_branch(Bench& b, const std::string& name, const std::string& source);

// The questions, by what they need to be there.
void ask_basics(Bench& b, const Wanted& wanted);     // engine_bench.cc
void ask_changes(Bench& b, const Wanted& wanted);    // engine_bench_changes.cc
void ask_contended(Bench& b, const Wanted& wanted);  // engine_bench_history.cc
void ask_history(Bench& b, const Wanted& wanted);

}  // namespace varve::bench
