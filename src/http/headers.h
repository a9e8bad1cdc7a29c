// Headers: the fields of a message, in the order they were sent, names compared without case.
//
// All text lives in one run of bytes, so a request's thirty fields cost two allocations. Views
// handed out stay valid until the next change of the same object; copies are independent. Names
// keep the case they were given: a few old clients insist on `ETag`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace varve::http {

bool equal_ignoring_case(std::string_view a, std::string_view b);  // ASCII only

class Headers {
 public:
  struct Field {
    std::string_view name;
    std::string_view value;
  };

  Headers() = default;

  // Appends, keeping earlier fields of the same name.
  void add(std::string_view name, std::string_view value);
  // Replaces every field of that name by one, at the end.
  void set(std::string_view name, std::string_view value);
  void erase(std::string_view name);
  void reserve(std::size_t fields, std::size_t text_bytes);

  // The value of the first field of that name.
  std::optional<std::string_view> get(std::string_view name) const;
  // The same, with "" for absence.
  std::string_view get_or_empty(std::string_view name) const;
  std::vector<std::string_view> get_all(std::string_view name) const;
  bool has(std::string_view name) const { return get(name).has_value(); }
  std::size_t count(std::string_view name) const;
  // Whether a comma-separated field (Connection, TE, …) lists `token`, without case.
  bool lists_token(std::string_view name, std::string_view token) const;

  std::size_t size() const { return spans_.size(); }
  bool empty() const { return spans_.empty(); }
  Field operator[](std::size_t index) const;

  // for (Headers::Field field : headers)
  class Iterator {
   public:
    Iterator(const Headers& headers, std::size_t index) : headers_(&headers), index_(index) {}
    Field operator*() const { return (*headers_)[index_]; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const Headers* headers_;
    std::size_t index_;
  };
  Iterator begin() const { return Iterator(*this, 0); }
  Iterator end() const { return Iterator(*this, spans_.size()); }

 private:
  struct Span {
    std::uint32_t name_at = 0;
    std::uint32_t name_size = 0;
    std::uint32_t value_at = 0;
    std::uint32_t value_size = 0;
  };
  std::string_view name_of(const Span& span) const {
    return std::string_view(text_).substr(span.name_at, span.name_size);
  }
  std::string_view value_of(const Span& span) const {
    return std::string_view(text_).substr(span.value_at, span.value_size);
  }

  std::string text_;
  std::vector<Span> spans_;
};

}  // namespace varve::http
