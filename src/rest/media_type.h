// Content-Type and Content-Disposition: `value; name=value; name="quoted"` (RFC 9110 5.6.6, 8.3.1).
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace varve::rest {

struct MediaType {
  struct Parameter {
    std::string name;  // lower case
    std::string value;
  };
  std::string type;  // lower case
  std::vector<Parameter> parameters;

  const std::string* find(std::string_view name) const;
};

// Nothing: no type, a parameter that is none, or one that is given twice.
std::optional<MediaType> parse_media_type(std::string_view text);

}  // namespace varve::rest
