#include "base/utf8.h"

#include <string_view>

#include "model/ids.h"

namespace varve::model {

bool is_valid_utf8(std::string_view text) { return base::is_valid_utf8(text); }

}  // namespace varve::model
