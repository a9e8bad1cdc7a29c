// UniqueFunction<R(Args...)>: a callable that is moved, never copied, so it may own what it uses:
// a promise, a buffer, a waiter. (std::move_only_function, until the standard library has it.)
//
// Calling an empty one is a bug. Belongs to one thread at a time.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "base/assert.h"

namespace varve::base {

template <class Signature>
class UniqueFunction;

template <class R, class... Args>
class UniqueFunction<R(Args...)> {
 public:
  UniqueFunction() = default;

  template <class F, class = std::enable_if_t<!std::is_same_v<std::decay_t<F>, UniqueFunction>>>
  UniqueFunction(F&& function)
      : holder_(std::make_unique<Holder<std::decay_t<F>>>(std::forward<F>(function))) {}

  UniqueFunction(UniqueFunction&&) noexcept = default;
  UniqueFunction& operator=(UniqueFunction&&) noexcept = default;

  explicit operator bool() const { return holder_ != nullptr; }

  R operator()(Args... args) {
    VARVE_ASSERT(holder_ != nullptr);
    return holder_->call(std::forward<Args>(args)...);
  }

 private:
  struct Callable {
    virtual ~Callable() = default;
    virtual R call(Args... args) = 0;
  };

  template <class F>
  struct Holder final : Callable {
    explicit Holder(const F& f) : function(f) {}
    explicit Holder(F&& f) : function(std::move(f)) {}
    R call(Args... args) override { return function(std::forward<Args>(args)...); }
    F function;
  };

  std::unique_ptr<Callable> holder_;
};

}  // namespace varve::base
