// Router: finds the operation of a method and a path below /api/v1. A tree of segments, made once
// from the table; a look-up compares a few short strings and allocates nothing.
//
//   R-1  A literal segment is preferred to a parameter; if its branch leads nowhere the parameter
//   is
//        tried (a branch may be called `dump`).
//   R-2  A parameter matches any segment, encoded slashes included; an empty one too, but not at
//        the end of the path. What is in it is for validation to say.
//
// Immutable once made: any thread may call.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "http/message.h"
#include "rest/operation.h"

namespace varve::rest {

struct Route {
  static constexpr std::size_t ParametersMax = 5;
  static constexpr std::size_t SegmentsMax = 12;

  const Operation* operation = nullptr;
  // Path parameters as sent, undecoded, in the order of the template.
  std::array<std::string_view, ParametersMax> values{};
  std::size_t count = 0;
};

class Router {
 public:
  explicit Router(std::span<const Operation> operations);
  ~Router();

  // Nothing: no operation has that path, or none with that method. Views are into `path`.
  std::optional<Route> find(http::Method method, std::string_view path) const;

 private:
  struct Node;
  std::unique_ptr<Node> root_;
};

}  // namespace varve::rest
