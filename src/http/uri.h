// The pieces of a request target: percent-escapes and queries. Bytes in, bytes out: nothing here
// assumes UTF-8, and nothing collapses `//`, `.` or `..`, which are ordinary bytes of a key.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace varve::http {

// Decodes %XX once; `+` is itself. Absent if an escape is broken.
std::optional<std::string> percent_decode(std::string_view text);
// Decodes `+` to a space, then %XX, as query values are.
std::optional<std::string> form_decode(std::string_view text);

// Escapes every byte but A-Z a-z 0-9 - _ . ~ ; with upper-case hex, as SigV4 and RFC 3986 want.
std::string percent_encode(std::string_view text);
std::string percent_encode_path(std::string_view text);  // the same, leaving `/`

// The path and the query of a target in origin form.
struct TargetParts {
  std::string_view path;
  std::string_view query;
  bool has_query = false;
};
TargetParts split_target(std::string_view target);

struct QueryParameter {
  std::string name;
  std::string value;
  bool had_equals = false;  // `?delete` and `?delete=` differ for S3's signature
};

// The decoded parameters of a raw query, in order, repeated names kept.
class Query {
 public:
  // A piece with a broken escape keeps its raw text, and is counted in `broken()`.
  static Query parse(std::string_view raw);

  const std::vector<QueryParameter>& parameters() const { return parameters_; }
  std::optional<std::string_view> get(std::string_view name) const;  // the first; case matters
  std::vector<std::string_view> get_all(std::string_view name) const;
  bool has(std::string_view name) const { return get(name).has_value(); }
  int broken() const { return broken_; }

 private:
  std::vector<QueryParameter> parameters_;
  int broken_ = 0;
};

}  // namespace varve::http
