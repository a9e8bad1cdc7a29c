#include "rest/router.h"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "http/message.h"
#include "rest/operation.h"

namespace varve::rest {
namespace {

struct Segments {
  std::array<std::string_view, Route::SegmentsMax> items{};
  std::size_t count = 0;
};

// The pieces of a path that starts with "/". False: more than any operation has.
bool split(std::string_view path, Segments& out) {
  if (!path.starts_with('/')) return false;
  path.remove_prefix(1);
  for (;;) {
    if (out.count == out.items.size()) return false;
    const std::size_t slash = path.find('/');
    out.items[out.count++] = path.substr(0, slash);
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

struct Router::Node {
  struct Child {
    std::string_view segment;
    std::unique_ptr<Node> node;
  };

  Node* literal(std::string_view segment) const {
    for (const Child& child : literals) {
      if (child.segment == segment) return child.node.get();
    }
    return nullptr;
  }

  Node* add(std::string_view segment) {
    if (segment.starts_with('{')) {
      if (parameter == nullptr) parameter = std::make_unique<Node>();
      return parameter.get();
    }
    if (Node* known = literal(segment)) return known;
    literals.push_back({segment, std::make_unique<Node>()});
    return literals.back().node.get();
  }

  const Operation* with(http::Method method) const {
    for (const Operation* operation : operations) {
      if (operation->method == method) return operation;
    }
    return nullptr;
  }

  // Fills `route` from the segments at `index` on; false leaves its count as it was.
  bool match(http::Method method, const Segments& path, std::size_t index, Route& route) const {
    if (index == path.count) {
      route.operation = with(method);
      return route.operation != nullptr;
    }
    const std::string_view segment = path.items[index];
    const Node* next = literal(segment);
    if (next != nullptr && next->match(method, path, index + 1, route)) return true;
    if (parameter == nullptr || (segment.empty() && index + 1 == path.count)) return false;
    route.values[route.count++] = segment;
    if (parameter->match(method, path, index + 1, route)) return true;
    --route.count;
    return false;
  }

  std::vector<Child> literals;
  std::unique_ptr<Node> parameter;
  std::vector<const Operation*> operations;
};

Router::Router(std::span<const Operation> operations) : root_(std::make_unique<Node>()) {
  for (const Operation& operation : operations) {
    Segments segments;
    VARVE_ASSERT(split(operation.path, segments));
    Node* node = root_.get();
    std::size_t parameters = 0;
    for (std::size_t i = 0; i < segments.count; ++i) {
      parameters += segments.items[i].starts_with('{') ? 1U : 0U;
      node = node->add(segments.items[i]);
    }
    VARVE_ASSERT(parameters <= Route::ParametersMax);
    VARVE_ASSERT(node->with(operation.method) == nullptr);
    node->operations.push_back(&operation);
  }
}

Router::~Router() = default;

std::optional<Route> Router::find(http::Method method, std::string_view path) const {
  Segments segments;
  Route route;
  if (!split(path, segments) || !root_->match(method, segments, 0, route)) return std::nullopt;
  return route;
}

}  // namespace varve::rest
