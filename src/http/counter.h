// Counters with one writer, the loop they belong to, and readers anywhere.
#pragma once

#include <atomic>
#include <cstdint>

namespace varve::http {

class Counter {
 public:
  // A load and a store, not a locked add: there is one writer.
  void add(std::uint64_t count) { value_.store(get() + count, std::memory_order_relaxed); }
  void subtract(std::uint64_t count) { value_.store(get() - count, std::memory_order_relaxed); }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct ChannelCounters {
  Counter bytes_in;
  Counter bytes_out;
  Counter timeouts;
};

// Of one loop. On cache lines of its own, or the loops would slow each other down.
struct alignas(64) ShardCounters {
  ChannelCounters channels;
  Counter connections_open;
  Counter requests_started;
  Counter requests_in_flight;
  Counter requests_rejected;
  Counter handler_failures;
  Counter clients_gone;
  Counter loop_stalls;
};

}  // namespace varve::http
