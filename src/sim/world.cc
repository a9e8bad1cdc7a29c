#include "sim/world.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/assert.h"
#include "base/offload.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "ports/kv_store.h"
#include "ports/object_store.h"
#include "sim/scheduler.h"
#include "sim/slow_ports.h"

namespace varve::sim {
namespace {

engine::EngineOptions options(bool is_single_writer) {
  engine::EngineOptions options;
  options.signing_key = "simulated";
  // Small ranges, so that a few hundred entries make a tree worth merging.
  options.range_bytes_max = 4096;
  options.range_raggedness = 16;
  options.sealed_tokens_max = 2;
  options.is_single_writer = is_single_writer;
  return options;
}

}  // namespace

Server::Server(ports::KvStore& kv, ports::ObjectStore& objects, Scheduler& scheduler,
               std::uint64_t seed, bool is_single_writer)
    : kv_(kv, scheduler),
      objects_(objects, scheduler),
      rng_(seed),
      offload_(base::OffloadOptions{.threads = 0}),
      engine_(kv_, objects_, scheduler.clock(), rng_, offload_, options(is_single_writer)) {}

void Server::crash() {
  is_crashed_ = true;
  kv_.kill();
  objects_.kill();
}

void Server::set_rates(FaultRates rates) {
  kv_.set_rates(rates);
  objects_.set_rates(rates);
}

World::World(std::uint64_t seed, std::size_t servers, bool is_single_writer)
    : scheduler_(seed),
      objects_(scheduler_.clock(), scheduler_.rng()),
      is_single_writer_(is_single_writer) {
  VARVE_ASSERT(servers == 1 || !is_single_writer);
  for (std::size_t i = 0; i < servers; ++i) servers_.push_back(make_server());
}

World::~World() = default;

std::unique_ptr<Server> World::make_server() {
  const std::uint64_t seed = scheduler_.rng().next();
  auto server = std::make_unique<Server>(kv_, objects_, scheduler_, seed, is_single_writer_);
  server->set_rates(rates_);
  return server;
}

void World::restart(std::size_t index) {
  std::unique_ptr<Server>& place = servers_[index % servers_.size()];
  place->crash();
  crashed_.push_back(std::move(place));
  place = make_server();
}

void World::set_rates(FaultRates rates) {
  rates_ = rates;
  for (const std::unique_ptr<Server>& server : servers_) server->set_rates(rates);
}

void World::spawn(base::Task<void> task) {
  boost::asio::co_spawn(scheduler_.loop(), std::move(task), boost::asio::detached);
}

}  // namespace varve::sim
