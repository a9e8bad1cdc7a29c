// Runs a server until it is told to stop: the life of `varve serve` and `varve quickstart`.
#pragma once

#include <optional>
#include <string>

#include "server/config.h"

namespace varve::server {

// Exit statuses; docs/operating/running.md lists them.
enum class ExitStatus : int {
  Ok = 0,
  Failed = 1,            // anything without a number of its own
  BadConfiguration = 2,  // command line, file or environment
  AddressUnusable = 3,
  DataInUse = 4,
  DataUnusable = 5,
};

// To be called before anything starts a thread: threads inherit that these signals wait for
// wait_for_stop().
void hold_signals();

// Starts, prints on standard error where it serves, waits for SIGINT or SIGTERM, drains.
ExitStatus serve(const ConfigSource& source);

struct QuickstartRequest {
  ConfigSource source;
  std::string data_folder = "varve-data";
};

// The same with embedded stores in one folder, a user with known keys and a sample repository; on
// port 8000 or, if that is taken, another.
ExitStatus quickstart(QuickstartRequest request);

}  // namespace varve::server
