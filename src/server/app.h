// App: the server as one object, made from its settings. The composition root: the only place that
// knows which adapters stand behind the ports.
//
// Start order: stores, schema, users, engine, front ends, background work, listening. Stop order is
// the reverse: stop listening, let requests end, end background work, close the stores.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "http/server.h"
#include "server/config.h"

namespace varve::server {

// What Error::detail() says of a failed start; main.cc makes exit statuses of them.
enum class StartFault : std::uint16_t {
  None = 0,
  AddressUnusable = 62001,  // taken, or not ours to bind
  DataInUse,                // another process has the folder open
  DataUnusable,             // damaged, not readable, or of another version
};
StartFault start_fault_of(const base::Error& error);

struct Address {
  std::string host;
  std::uint16_t port = 0;
  bool is_tls = false;
  // As a client on this machine would write it.
  std::string url() const;
};

class App {
 public:
  // Everything up and listening, or why not; whatever had been opened is closed again.
  static base::Result<std::unique_ptr<App>> start(const Settings& settings, base::Log log);
  ~App();  // stop()
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  Address address() const;

  // Makes `repository` with the sample data unless it exists. True if it made it.
  base::Result<bool> ensure_sample_repository(const std::string& repository);

  // Drains and closes. Idempotent.
  http::DrainReport stop();

 private:
  struct Impl;
  explicit App(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::server
