// A request's JSON body: parsed, checked against its schema, then read by handlers, who may rely on
// what the schema says. Boost.JSON is behind this header and nowhere else in rest/.
//
// As lenient as lakeFS: text after the value is ignored, the last of repeated properties counts,
// unknown properties are ignored, bytes that are not UTF-8 become U+FFFD. Depth, size
// and the memory it takes are bounded. Belongs to one request.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/records.h"
#include "rest/schema.h"

namespace varve::rest {

constexpr std::size_t JsonDepthMax = 32;
constexpr std::size_t JsonMemoryBytesMax = 64U << 20U;  // parsed; four times the largest body

// A JSON object inside a body; lives as long as the body. A member that is absent reads as the
// default given; one of another type cannot be there, the schema saw to that.
class JsonObject {
 public:
  JsonObject() = default;  // has no members
  explicit JsonObject(const boost::json::object* object) : object_(object) {}

  bool has(std::string_view name) const;
  std::string text(std::string_view name) const;  // "" if absent
  std::optional<std::string> find_text(std::string_view name) const;
  bool flag(std::string_view name) const;  // false if absent
  std::optional<std::int64_t> number(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
  model::Metadata map(std::string_view name) const;
  JsonObject object(std::string_view name) const;
  std::vector<JsonObject> objects(std::string_view name) const;

 private:
  const boost::json::value* find(std::string_view name) const;

  const boost::json::object* object_ = nullptr;
};

class JsonBody {
 public:
  // InvalidArgument: "request body has an error: ...".
  static base::Result<JsonBody> parse(std::string_view text, const Schema& schema);

  JsonBody(JsonBody&&) noexcept;
  JsonBody& operator=(JsonBody&&) noexcept;
  ~JsonBody();

  JsonObject object() const;                // of an object
  std::vector<JsonObject> objects() const;  // of a list of objects

 private:
  struct Impl;
  explicit JsonBody(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::rest
