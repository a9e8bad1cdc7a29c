// The JSON of a token: one flat object. Not a general parser: it reads the members a token may
// have, skips the others whatever they hold, and refuses what is not JSON. Bodies of requests are
// rest/'s business; this one exists because a token is read below the front ends.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace varve::services {

// One member's value; `kind` says which field holds it.
struct ClaimValue {
  enum class Kind : std::uint8_t { Text, Number, List, Other };
  Kind kind = Kind::Other;
  std::string text;
  std::int64_t number = 0;        // seconds; a fraction is cut off
  std::vector<std::string> list;  // a list of nothing but strings
};

struct Claim {
  std::string name;
  ClaimValue value;
};

// The members of `json` in order; false if it is not one JSON object.
bool parse_claims(std::string_view json, std::vector<Claim>& claims);

// Appends `text` as a JSON string.
void append_json_string(std::string& out, std::string_view text);

}  // namespace varve::services
