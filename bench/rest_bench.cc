// What does the REST front end cost? Requests go through the whole API, from routing to the bytes
// of the answer, over stores in memory and without sockets: what is left is translation and the
// engine.
//
//   rest_bench [SECONDS [FILTER]]   seconds for each measurement, default 1; only those whose name
//                                   contains FILTER
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/kv_memory/kv_memory.h"
#include "adapters/object_memory/object_memory.h"
#include "adapters/system/system.h"
#include "base/bytes.h"
#include "base/offload.h"
#include "base/run.h"
#include "base/task.h"
#include "engine/engine.h"
#include "http/message.h"
#include "http/server.h"
#include "rest/api.h"
#include "services/auth/auth.h"
#include "services/auth/authorizer.h"

namespace varve {
namespace {

using Clock = std::chrono::steady_clock;

struct World {
  adapters::SystemClock clock;
  adapters::SystemRng rng;
  base::Offload offload{base::OffloadOptions{.threads = 0}};
  adapters::MemoryKv kv;
  adapters::MemoryObjects objects{clock, rng};
  engine::Engine engine{kv, objects, clock, rng, offload, engine::EngineOptions{}};
  services::Auth auth{kv, clock, rng, offload, services::AuthOptions{}};
  services::AllowKnownUsers authorizer;
  rest::Api api{engine, auth, authorizer, clock, rng, rest::ApiOptions{}};
};

http::Request request(http::Method method, std::string_view target, std::string_view type,
                      base::Bytes body) {
  http::Headers headers;
  headers.add("Authorization", "Basic " + base::base64_encode("AKID:secret"));
  if (!type.empty()) headers.add("Content-Type", type);
  return http::make_request(method, target, std::move(headers), std::move(body));
}

base::Task<int> send(World* world, http::Method method, std::string target, std::string type = {},
                     base::Bytes body = {}) {
  http::RequestContext context;
  context.scope = std::make_shared<base::RequestScope>();
  http::Request asked = request(method, target, type, std::move(body));
  const http::Response response = co_await world->api.handle(std::move(context), std::move(asked));
  co_return response.status;
}

base::Task<void> fill(World* world, int objects) {
  services::KeyPair key{"AKID", base::Secret<std::string>("secret")};
  services::ContactDetails nobody;
  static_cast<void>(
      co_await world->auth.setup(base::Context(), "bench", std::move(key), std::move(nobody)));
  const std::string repository = R"({"name":"bench","storage_namespace":"mem://bench"})";
  const std::string commit = R"({"message":"bench"})";
  co_await send(world, http::Method::Post, "/api/v1/repositories", "application/json", repository);
  for (int i = 0; i < objects; ++i) {
    char path[64];
    std::snprintf(path, sizeof path, "data/2026-03-%02d/part-%05d.parquet", i % 30 + 1, i);
    co_await send(world, http::Method::Post,
                  std::string("/api/v1/repositories/bench/branches/main/objects?path=") + path,
                  "application/octet-stream", "x");
  }
  co_await send(world, http::Method::Post, "/api/v1/repositories/bench/branches/main/commits",
                "application/json", commit);
}

struct Options {
  double seconds = 1;
  std::string filter;
};

base::Task<void> measure(World* world, const char* name, std::string target, Options options) {
  if (std::string_view(name).find(options.filter) == std::string_view::npos) co_return;
  const int first = co_await send(world, http::Method::Get, target);
  if (first / 100 != 2) {
    std::printf("%-34s answered %d\n", name, first);
    std::exit(1);
  }
  const auto start = Clock::now();
  std::int64_t count = 0;
  std::chrono::duration<double> took{};
  while (took.count() < options.seconds) {
    for (int i = 0; i < 16; ++i) co_await send(world, http::Method::Get, target);
    count += 16;
    took = Clock::now() - start;
  }
  std::printf("%-34s %10.2f us\n", name, took.count() * 1e6 / static_cast<double>(count));
}

base::Task<void> measure_all(World* world, Options options) {
  const std::string base = "/api/v1/repositories/bench/refs/main/objects";
  const std::string committed = "/api/v1/repositories/bench/refs/main@/objects";
  co_await measure(world, "health check", "/api/v1/healthcheck", options);
  co_await measure(world, "current user", "/api/v1/user", options);
  co_await measure(world, "stat, committed",
                   committed + "/stat?path=data/2026-03-01/part-00000.parquet", options);
  co_await measure(world, "list, page of 1,000", base + "/ls?amount=1000", options);
  co_await measure(world, "list, 30 prefixes", base + "/ls?prefix=data/&delimiter=/", options);
  co_await measure(world, "log", "/api/v1/repositories/bench/refs/main/commits", options);
}

int main_of(int argc, char** argv) {
  Options options;
  if (argc > 1) options.seconds = std::atof(argv[1]);
  if (argc > 2) options.filter = argv[2];
  World world;
  base::run(fill(&world, 3000));
  base::run(measure_all(&world, options));
  return 0;
}

}  // namespace
}  // namespace varve

int main(int argc, char** argv) { return varve::main_of(argc, argv); }
