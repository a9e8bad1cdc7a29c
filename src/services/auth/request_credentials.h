// Taking credentials out of an Authorization header, exactly as strictly as lakeFS does: what is
// malformed is not carried at all, and the next scheme is tried (rest-semantics.md 4.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace varve::services {

// `Bearer <token>`: two words, the first in any case.
std::optional<std::string> bearer_token(std::string_view authorization);
// `Basic <base64 of id:secret>`: the id ends at the first colon.
std::optional<std::pair<std::string, std::string>> basic_pair(std::string_view authorization);

}  // namespace varve::services
