// Strong<Tag>: a string that cannot be mistaken for another kind of string. Has a constructor, so
// it is safe inside a co_await expression on every compiler (style.md 6.3).
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace varve::base {

template <class Tag>
class Strong {
 public:
  Strong() = default;
  explicit Strong(std::string value) : value_(std::move(value)) {}
  explicit Strong(std::string_view value) : value_(value) {}
  explicit Strong(const char* value) : value_(value) {}

  const std::string& str() const& { return value_; }
  std::string str() && { return std::move(value_); }
  std::string_view view() const { return value_; }
  bool empty() const { return value_.empty(); }

  friend bool operator==(const Strong&, const Strong&) = default;
  friend auto operator<=>(const Strong& a, const Strong& b) { return a.value_ <=> b.value_; }

 private:
  std::string value_;
};

}  // namespace varve::base

template <class Tag>
struct std::hash<varve::base::Strong<Tag>> {
  std::size_t operator()(const varve::base::Strong<Tag>& id) const noexcept {
    return std::hash<std::string_view>{}(id.view());
  }
};
