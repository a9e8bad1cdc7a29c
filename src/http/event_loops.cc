#include "http/event_loops.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <exception>
#include <functional>
#include <future>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/task.h"
#include "base/time.h"
#include "base/unique_function.h"
#include "http/spawn.h"

namespace varve::http {
namespace {

using base::Task;
namespace asio = boost::asio;

constexpr asio::use_awaitable_t<base::LoopExecutor> UseTask{};
constexpr std::size_t OneLoopPerCoreMax = 16;

std::size_t default_count() {
  const std::size_t cores = std::max(std::thread::hardware_concurrency(), 1U);
  return cores <= OneLoopPerCoreMax ? cores : std::max(OneLoopPerCoreMax, cores / 2);
}

// A task that is told to stop still has to tidy up, which may need a few awaits of its own: they
// must not throw. sleep_for() tells it.
Task<void> run_in_background(Task<void> task) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await std::move(task);
}

}  // namespace

void spawn(base::LoopExecutor executor, Task<void> task, base::UniqueFunction<void()> on_end) {
  asio::co_spawn(executor, std::move(task),
                 [on_end = std::move(on_end)](const std::exception_ptr& failure) mutable {
                   if (failure) std::rethrow_exception(failure);
                   on_end();
                 });
}

struct EventLoops::Impl {
  struct Loop {
    asio::io_context context{1};
    asio::executor_work_guard<base::LoopExecutor> guard{context.get_executor()};
    std::thread thread;
  };
  struct Background {
    asio::cancellation_signal cancel;
  };

  // Both on loop 0.
  void start_background(Task<void> task);
  void end_background_when_told();

  std::vector<std::unique_ptr<Loop>> loops;

  // Owned by loop 0.
  std::list<Background> background;
  bool is_stopping = false;
  std::promise<void> background_ended;
};

void EventLoops::Impl::start_background(Task<void> task) {
  if (is_stopping) return;  // dropped before it ran
  background.emplace_front();
  const auto place = background.begin();
  auto on_end = [this, place](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
    background.erase(place);
    if (is_stopping && background.empty()) background_ended.set_value();
  };
  asio::co_spawn(loops[0]->context, run_in_background(std::move(task)),
                 asio::bind_cancellation_slot(place->cancel.slot(), std::move(on_end)));
}

void EventLoops::Impl::end_background_when_told() {
  is_stopping = true;
  if (background.empty()) {
    background_ended.set_value();
    return;
  }
  // A cancelled wait completes later, not inside emit(): the list does not change under us.
  for (Background& task : background) task.cancel.emit(asio::cancellation_type::terminal);
}

EventLoops::EventLoops(std::size_t count) : impl_(std::make_unique<Impl>()) {
  // Neither sendfile nor TLS can ask for an error instead of a signal when the client is gone.
  std::signal(SIGPIPE, SIG_IGN);
  const std::size_t wanted = count == 0 ? default_count() : count;
  for (std::size_t i = 0; i < wanted; ++i) impl_->loops.push_back(std::make_unique<Impl::Loop>());
  for (std::size_t i = 0; i < wanted; ++i) {
    Impl::Loop& loop = *impl_->loops[i];
    loop.thread = std::thread([&loop] { loop.context.run(); });
    ::pthread_setname_np(loop.thread.native_handle(), ("loop-" + std::to_string(i)).c_str());
  }
}

EventLoops::~EventLoops() { stop(); }

std::size_t EventLoops::count() const { return impl_->loops.size(); }

asio::io_context& EventLoops::loop(std::size_t index) { return impl_->loops[index]->context; }

void EventLoops::run(Task<void> task) {
  std::promise<void> done;
  asio::co_spawn(loop(0), std::move(task), [&done](const std::exception_ptr& failure) {
    if (failure) {
      done.set_exception(failure);
    } else {
      done.set_value();
    }
  });
  done.get_future().get();
}

void EventLoops::spawn(Task<void> task) {
  asio::post(loop(0), [impl = impl_.get(), task = std::move(task)]() mutable {
    impl->start_background(std::move(task));
  });
}

void EventLoops::on_each_loop(std::function<void(std::size_t)> work) {
  for (std::size_t i = 0; i < count(); ++i) asio::post(loop(i), [work, i] { work(i); });
}

void EventLoops::stop() {
  if (impl_->loops.empty() || !impl_->loops[0]->thread.joinable()) return;
  asio::post(loop(0), [impl = impl_.get()] { impl->end_background_when_told(); });
  impl_->background_ended.get_future().wait();
  for (const auto& loop : impl_->loops) loop->guard.reset();
  for (const auto& loop : impl_->loops) loop->thread.join();
}

Task<bool> sleep_for(base::milliseconds duration) {
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) co_return false;
  const auto executor = co_await asio::this_coro::executor;
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, base::LoopExecutor>
      timer(executor, duration);
  boost::system::error_code error;
  co_await timer.async_wait(asio::redirect_error(UseTask, error));
  co_return !error;
}

}  // namespace varve::http
