// World: a fleet of servers over one key-value store and one object store, all in memory, under one
// seed. Crash a server at any turn and start it again; what it was doing has no further effect, and
// what it was promised must still be there.
//
// One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "adapters/kv_memory/kv_memory.h"
#include "adapters/object_memory/object_memory.h"
#include "base/offload.h"
#include "base/rng.h"
#include "base/task.h"
#include "engine/engine.h"
#include "sim/scheduler.h"
#include "sim/slow_ports.h"

namespace varve::sim {

// One server: its own ports (so that it can crash alone), its own engine and caches.
class Server {
 public:
  Server(ports::KvStore& kv, ports::ObjectStore& objects, Scheduler& scheduler, std::uint64_t seed,
         bool is_single_writer);

  engine::Engine& engine() { return engine_; }
  bool is_crashed() const { return is_crashed_; }
  void crash();
  void set_rates(FaultRates rates);

 private:
  SlowKv kv_;
  SlowObjects objects_;
  base::SeededRng rng_;
  base::Offload offload_;
  engine::Engine engine_;
  bool is_crashed_ = false;
};

class World {
 public:
  // `is_single_writer`: the one server knows it (engine/core/core.h), as over an embedded store.
  World(std::uint64_t seed, std::size_t servers, bool is_single_writer);
  ~World();

  Scheduler& scheduler() { return scheduler_; }
  base::SeededRng& rng() { return scheduler_.rng(); }
  Server& server(std::size_t index) { return *servers_[index % servers_.size()]; }
  std::size_t servers() const { return servers_.size(); }
  // The stores themselves, without what a fleet's network does to them.
  ports::KvStore& kv() { return kv_; }
  std::size_t kv_rows() const { return kv_.row_count(); }
  ports::ObjectStore& objects() { return objects_; }

  // Crashes a server and puts a fresh one in its place. Tasks of the old one see errors and end.
  void restart(std::size_t index);
  void set_rates(FaultRates rates);

  void spawn(base::Task<void> task);
  void run_until_idle() { scheduler_.run_until_idle(); }

 private:
  std::unique_ptr<Server> make_server();

  Scheduler scheduler_;
  adapters::MemoryKv kv_;
  adapters::MemoryObjects objects_;
  FaultRates rates_;
  const bool is_single_writer_;
  std::vector<std::unique_ptr<Server>> servers_;
  std::vector<std::unique_ptr<Server>> crashed_;  // their tasks may still be ending
};

}  // namespace varve::sim
