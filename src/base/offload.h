// Offload: a bounded pool of threads for what would block an event loop: files, RocksDB's cold
// reads, digests over large bodies.
//
//   auto job = [path] { return read_file(path); };       // any callable; may return a Result
//   VARVE_CO_TRY(Bytes bytes, co_await offload.run(std::move(job)));
//
// The job runs on a pool thread while the caller is suspended, and the caller resumes on its own
// loop. Jobs start in order. A job never waits for another job: with every thread waiting, nobody
// would be left to run it.
//
// Any thread may call. Must outlive the tasks that use it.
#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/result.h"
#include "base/task.h"
#include "base/unique_function.h"

namespace varve::base {

struct OffloadOptions {
  std::size_t threads = 4;        // 0: no pool; jobs run on the caller's loop, for tests and sim/
  std::size_t queue_max = 16384;  // jobs that wait for a thread  [I-13]
};

class Offload {
 public:
  // What run() gives for a job that returns T: Result<T>, or T itself if that is a Result already.
  template <class T>
  struct Outcome {
    using Type = Result<T>;
  };
  template <class T>
  struct Outcome<Result<T>> {
    using Type = Result<T>;
  };
  template <class Job>
  using OutcomeOf = typename Outcome<std::invoke_result_t<Job&>>::Type;

  explicit Offload(OffloadOptions options);
  ~Offload();  // finishes the jobs that were accepted, then joins
  Offload(const Offload&) = delete;
  Offload& operator=(const Offload&) = delete;

  // Runs `job` and gives what it returned.
  //   Unavailable  the queue is full; the job did not run
  //   Internal     the job threw
  template <class Job>
  Task<OutcomeOf<Job>> run(Job job) {
    std::optional<OutcomeOf<Job>> outcome;
    // The frame is suspended while the job runs, so the job may write into it.
    UniqueFunction<void()> work([&job, &outcome] { outcome.emplace(call(job)); });
    const bool was_accepted = co_await run_erased(std::move(work));
    if (!was_accepted) co_return queue_is_full();
    co_return std::move(*outcome);
  }

  // Runs `work`, which must not throw, some time; nobody is told when. For work that says so
  // itself. False: the queue is full, and `work` was destroyed.
  bool post(UniqueFunction<void()> work);

  std::size_t queued() const;  // jobs that wait for a thread

 private:
  struct Impl;

  template <class Job>
  static OutcomeOf<Job> call(Job& job) {
    try {
      if constexpr (std::is_void_v<std::invoke_result_t<Job&>>) {
        job();
        return {};
      } else {
        return job();
      }
    } catch (const std::exception& failure) {
      return job_threw(failure.what());
    } catch (...) {
      return job_threw("unknown exception");
    }
  }

  static Error queue_is_full();
  static Error job_threw(const char* what);
  Task<bool> run_erased(UniqueFunction<void()> work);

  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::base
