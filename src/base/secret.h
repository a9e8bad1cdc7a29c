// Secret<T>: a value that does not print, format or log itself.  [I-14]
//
// Whoever needs the value says so by name, reveal(), which is easy to search for.
#pragma once

#include <utility>

namespace varve::base {

template <class T>
class Secret {
 public:
  Secret() = default;
  explicit Secret(T value) : value_(std::move(value)) {}

  const T& reveal() const { return value_; }

 private:
  T value_{};
};

}  // namespace varve::base
