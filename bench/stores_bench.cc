// What do the stores of one server cost? Prints one line a question: what, time and CPU an
// operation, rate. CPU is that of the whole process, the store's own threads included.
//
//   stores_bench [folder [words]]   the folder's disk is what is measured; default: the current
//   one.
//                                   With words: only the lines that contain them
//
// The budgets behind it: a durable staged write of 19 us, a stat of 25 us and an upload of 1 KiB of
// 45 us leave a store about half of that.
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/kv_rocksdb/kv_rocksdb.h"
#include "adapters/object_local/object_local.h"
#include "adapters/system/system.h"
#include "base/context.h"
#include "base/offload.h"
#include "base/run.h"
#include "base/task.h"
#include "base/task_group.h"

namespace varve {
namespace {

using base::Context;
using base::Result;
using base::Task;

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Runs `clients` tasks on one loop, each doing its share of `count` operations, one after another.
using Operation = std::function<Task<bool>(int number)>;

Task<int> client(const Operation* operation, int first, int step, int count) {
  int failed = 0;
  for (int i = first; i < count; i += step) {
    if (!co_await (*operation)(i)) ++failed;
  }
  co_return failed;
}

std::string wanted;  // words that a line must contain

void measure(const char* what, int clients, int count, const Operation& operation) {
  if (std::string(what).find(wanted) == std::string::npos) return;
  std::vector<Task<int>> tasks;
  for (int i = 0; i < clients; ++i) tasks.push_back(client(&operation, i, clients, count));
  const auto start = std::chrono::steady_clock::now();
  const double cpu = cpu_seconds();
  int failed = 0;
  for (const int f :
       base::run(base::join_all(std::move(tasks), static_cast<std::size_t>(clients)))) {
    failed += f;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%-32s %3d clients %9.2f us  %8.2f us CPU %10.0f /s", what, clients,
              took.count() * 1e6 / count, (cpu_seconds() - cpu) * 1e6 / count,
              count / took.count());
  std::printf(failed > 0 ? "  %d FAILED\n" : "\n", failed);
  std::fflush(stdout);
}

std::string key_of(int number) { return "branch/path/of/object-" + std::to_string(number); }

Task<bool> kv_put(ports::KvStore* kv, int number) {
  ports::KvWrite write;
  write.requirements.push_back(ports::KvRequirement::equals({"repo", "branches/main"}, "token"));
  write.updates.push_back(ports::KvUpdate::set({"token", key_of(number)}, std::string(200, 'v')));
  co_return (co_await kv->write(Context(), std::move(write))).has_value();
}

Task<bool> kv_get(ports::KvStore* kv, int number) {
  ports::KvKey key("token", key_of(number));
  const auto value = co_await kv->get(Context(), std::move(key));
  co_return value.has_value() && value->has_value();
}

Task<bool> kv_scan(ports::KvStore* kv, int rows) {
  ports::KvScan scan;
  scan.partition = "token";
  scan.limit = static_cast<std::size_t>(rows);
  co_return (co_await kv->scan(Context(), std::move(scan))).has_value();
}

void kv(const std::string& folder) {
  adapters::SystemClock clock;
  base::Offload offload{base::OffloadOptions()};
  adapters::RocksDbOptions options;
  options.path = folder + "/kv";
  const auto store = adapters::RocksDbKv::open(options, offload, clock).value();
  ports::KvWrite branch;
  branch.updates.push_back(ports::KvUpdate::set({"repo", "branches/main"}, "token"));
  if (!base::run(store->write(Context(), std::move(branch)))) std::abort();
  ports::KvStore* kv = store.get();
  const auto put = [kv](int i) { return kv_put(kv, i); };
  measure("kv durable write", 1, 2000, put);
  measure("kv durable write", 16, 40000, put);
  measure("kv durable write", 64, 100000, put);
  measure("kv get", 1, 200000, [kv](int i) { return kv_get(kv, i % 100000); });
  measure("kv scan of 100 rows", 1, 20000, [kv](int) { return kv_scan(kv, 100); });
  measure("kv scan of 1000 rows", 1, 2000, [kv](int) { return kv_scan(kv, 1000); });
}

ports::ObjectAddress address_of(const char* kind, int number) {
  return ports::ObjectAddress("local://ns/data/partition/" + std::string(kind) +
                              std::to_string(number));
}

Task<bool> object_put(ports::ObjectStore* store, const char* kind, int number, std::size_t size) {
  base::Bytes bytes(size, 'x');
  const auto info = co_await store->put_bytes(Context(), address_of(kind, number), std::move(bytes),
                                              ports::PutMode::Overwrite);
  co_return info.has_value();
}

Task<bool> object_stream(ports::ObjectStore* store, int number, std::size_t size) {
  const base::Bytes piece(256U << 10U, 'x');
  auto writer =
      co_await store->put(Context(), address_of("stream", number), ports::PutMode::Overwrite);
  if (!writer) co_return false;
  for (std::size_t done = 0; done < size; done += piece.size()) {
    if (!co_await (*writer)->write(piece)) co_return false;
  }
  co_return (co_await (*writer)->finish()).has_value();
}

Task<bool> object_get(ports::ObjectStore* store, int number) {
  const ports::ByteRange whole;
  const auto reader = co_await store->get(Context(), address_of("small", number), whole);
  if (!reader) co_return false;
  co_return (co_await (*reader)->read(1U << 20U)).has_value();
}

Task<bool> object_list(ports::ObjectStore* store) {
  ports::ObjectAddress prefix("local://ns/data/");
  co_return (co_await store->list(Context(), std::move(prefix), ports::ObjectAddress(), 1000))
      .has_value();
}

void objects(const std::string& folder) {
  adapters::SystemRng rng;
  base::OffloadOptions pool;
  pool.threads = 16;
  base::Offload offload(pool);
  adapters::LocalObjectsOptions options;
  options.path = folder + "/objects";
  const auto opened = adapters::LocalObjects::open(options, offload, rng).value();
  ports::ObjectStore* store = opened.get();
  measure("object put 1 KiB", 1, 500, [&](int i) { return object_put(store, "one", i, 1024); });
  measure("object put 1 KiB", 16, 4000, [&](int i) { return object_put(store, "some", i, 1024); });
  measure("object put 1 KiB", 64, 20000,
          [&](int i) { return object_put(store, "small", i, 1024); });
  measure("object get 1 KiB", 1, 20000, [&](int i) { return object_get(store, i); });
  measure("object list of 1000 in 24,500", 1, 20, [&](int) { return object_list(store); });
  measure("object put 64 KiB", 16, 2000,
          [&](int i) { return object_put(store, "middle", i, 64U << 10U); });
  measure("object stream 64 MiB", 1, 4, [&](int i) { return object_stream(store, i, 64U << 20U); });
}

}  // namespace
}  // namespace varve

int main(int argc, char** argv) {
  const std::string folder =
      std::string(argc > 1 ? argv[1] : ".") + "/stores-bench-" + std::to_string(::getpid());
  if (argc > 2) varve::wanted = argv[2];
  std::filesystem::create_directories(folder);
  varve::kv(folder);
  varve::objects(folder);
  std::filesystem::remove_all(folder);
}
