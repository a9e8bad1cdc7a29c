// What the kernel says about this process, for /metrics.
#pragma once

#include <cstdint>

namespace varve::server {

struct ProcessStats {
  double cpu_seconds = 0;
  double started_at = 0;  // Unix seconds
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_files = 0;
  std::uint64_t open_files_max = 0;
};

// Whatever /proc does not tell stays 0.
ProcessStats read_process_stats();

}  // namespace varve::server
