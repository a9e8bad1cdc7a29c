// EventLoops: one event loop a thread. A connection, and the tasks it awaits, stay on one loop.
//
// Made first and stopped last by whoever composes the process, so that stores can be opened and
// closed by tasks before the server listens and after it has drained.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "base/result.h"
#include "base/task.h"
#include "base/time.h"

namespace varve::http {

class EventLoops {
 public:
  // `count` 0: one per core up to 16 cores, then one per two. The threads start at once.
  explicit EventLoops(std::size_t count);
  ~EventLoops();  // stop()
  EventLoops(const EventLoops&) = delete;
  EventLoops& operator=(const EventLoops&) = delete;

  std::size_t count() const;
  boost::asio::io_context& loop(std::size_t index);

  // Runs a task on loop 0 and blocks until it is done. Not to be called from a loop.
  void run(base::Task<void> task);

  // Starts a background task on loop 0. stop() cancels what it waits for and then waits for it, so
  // it should end when sleep_for() says so. An exception ends the process: nobody would see it.
  void spawn(base::Task<void> task);

  // Runs `work` once on each loop, with its index; does not wait.
  void on_each_loop(std::function<void(std::size_t)> work);

  // Cancels and awaits background tasks, then ends the loops and joins their threads. Whoever
  // serves on them (Server) must be stopped before.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Waits on the caller's loop. False if the wait was cancelled: the loops are stopping.
base::Task<bool> sleep_for(base::milliseconds duration);

}  // namespace varve::http
