#include "base/waiter.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

#include "base/task.h"
#include "base/unique_function.h"

namespace varve::base {
namespace {

namespace asio = boost::asio;

constexpr asio::use_awaitable_t<LoopExecutor> UseTask{};

template <class Handler>
class SuspendedTask final : public Waiter::Impl {
 public:
  SuspendedTask(Handler handler, LoopExecutor loop)
      : handler_(std::move(handler)), loop_has_work_(loop) {}

  void wake() override {
    // Posted, not dispatched: whoever wakes may hold a lock, and its stack is not ours to use.
    asio::post(loop_has_work_.get_executor(), std::move(handler_));
  }

 private:
  Handler handler_;
  asio::executor_work_guard<LoopExecutor> loop_has_work_;
};

}  // namespace

Task<void> suspend(UniqueFunction<void(Waiter)> start) {
  const LoopExecutor loop = co_await asio::this_coro::executor;
  auto initiate = [](auto handler, LoopExecutor on, UniqueFunction<void(Waiter)> then) {
    using Suspended = SuspendedTask<decltype(handler)>;
    then(Waiter(std::make_unique<Suspended>(std::move(handler), on)));
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<LoopExecutor>, void()>(
      std::move(initiate), UseTask, loop, std::move(start));
}

Task<void> yield() {
  UniqueFunction<void(Waiter)> start([](Waiter waiter) { std::move(waiter).wake(); });
  co_await suspend(std::move(start));
}

}  // namespace varve::base
