#include "rest/json_body.h"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/memory_resource.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/records.h"
#include "rest/json_validate.h"
#include "rest/json_writer.h"
#include "rest/schema.h"

namespace varve::rest {
namespace {

namespace json = boost::json;

base::Error bad_body(std::string_view why) {
  return {base::Code::InvalidArgument, "request body has an error: " + std::string(why)};
}

std::string text_of(const json::value& value) {
  const json::string& text = value.get_string();
  return with_valid_utf8({text.data(), text.size()});
}

// What one body may take. Text takes about its own size, but a list of nothing but `[]` fifty times
// that.  [I-13]
class BoundedResource final : public json::memory_resource {
 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    if (bytes > left_) throw std::bad_alloc();
    void* memory = ::operator new(bytes, std::align_val_t(alignment));
    left_ -= bytes;
    return memory;
  }
  void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) override {
    ::operator delete(memory, std::align_val_t(alignment));
    left_ += bytes;
  }
  bool do_is_equal(const json::memory_resource& other) const noexcept override {
    return this == &other;
  }

  std::size_t left_ = JsonMemoryBytesMax;
};

}  // namespace

// The value lives in the resource, which lives in the buffer as long as it is large enough.
struct JsonBody::Impl {
  Impl() : resource(buffer.data(), buffer.size(), &bounded), value(&resource) {}

  // False if it takes more than a body may.
  bool parse(std::string_view text, boost::system::error_code& failure) {
    json::parse_options options;
    options.max_depth = JsonDepthMax;
    options.allow_invalid_utf8 = true;
    try {
      json::parser parser(&bounded, options);
      parser.reset(&resource);
      parser.write_some(text.data(), text.size(), failure);  // stops where the value ends
      if (!failure) value = parser.release();
    } catch (const std::bad_alloc&) {
      return false;
    }
    return true;
  }

  BoundedResource bounded;
  std::array<unsigned char, 4096> buffer;
  json::monotonic_resource resource;
  json::value value;
};

JsonBody::JsonBody(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JsonBody::JsonBody(JsonBody&&) noexcept = default;
JsonBody& JsonBody::operator=(JsonBody&&) noexcept = default;
JsonBody::~JsonBody() = default;

base::Result<JsonBody> JsonBody::parse(std::string_view text, const Schema& schema) {
  auto impl = std::make_unique<Impl>();
  boost::system::error_code failure;
  if (!impl->parse(text, failure)) return bad_body("it has too many values");
  if (failure) return bad_body("failed to decode request body: " + failure.message());
  if (const auto fault = find_fault(impl->value, schema)) {
    return bad_body("doesn't match schema: " + *fault);
  }
  return JsonBody(std::move(impl));
}

JsonObject JsonBody::object() const { return JsonObject(&impl_->value.get_object()); }

std::vector<JsonObject> JsonBody::objects() const {
  std::vector<JsonObject> out;
  for (const json::value& item : impl_->value.get_array()) out.emplace_back(&item.get_object());
  return out;
}

const json::value* JsonObject::find(std::string_view name) const {
  if (object_ == nullptr) return nullptr;
  const json::value* value = object_->if_contains({name.data(), name.size()});
  return value == nullptr || value->is_null() ? nullptr : value;
}

bool JsonObject::has(std::string_view name) const { return find(name) != nullptr; }

std::string JsonObject::text(std::string_view name) const {
  const json::value* value = find(name);
  return value == nullptr ? std::string() : text_of(*value);
}

std::optional<std::string> JsonObject::find_text(std::string_view name) const {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  return text_of(*value);
}

bool JsonObject::flag(std::string_view name) const {
  const json::value* value = find(name);
  return value != nullptr && value->get_bool();
}

std::optional<std::int64_t> JsonObject::number(std::string_view name) const {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  return value->get_int64();
}

std::vector<std::string> JsonObject::texts(std::string_view name) const {
  std::vector<std::string> out;
  const json::value* value = find(name);
  if (value == nullptr) return out;
  for (const json::value& item : value->get_array()) out.push_back(text_of(item));
  return out;
}

model::Metadata JsonObject::map(std::string_view name) const {
  model::Metadata out;
  const json::value* value = find(name);
  if (value == nullptr) return out;
  for (const json::key_value_pair& member : value->get_object()) {
    out.insert_or_assign(with_valid_utf8({member.key().data(), member.key().size()}),
                         text_of(member.value()));
  }
  return out;
}

JsonObject JsonObject::object(std::string_view name) const {
  const json::value* value = find(name);
  return value == nullptr ? JsonObject() : JsonObject(&value->get_object());
}

std::vector<JsonObject> JsonObject::objects(std::string_view name) const {
  std::vector<JsonObject> out;
  const json::value* value = find(name);
  if (value == nullptr) return out;
  for (const json::value& item : value->get_array()) out.emplace_back(&item.get_object());
  return out;
}

}  // namespace varve::rest
