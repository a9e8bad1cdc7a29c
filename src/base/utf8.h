// Whether bytes are text. Well-formed UTF-8 as Unicode 15, table 3-7, has it: no overlong forms, no
// surrogates, nothing above U+10FFFF.
#pragma once

#include <string_view>

namespace varve::base {

bool is_valid_utf8(std::string_view text);

}  // namespace varve::base
