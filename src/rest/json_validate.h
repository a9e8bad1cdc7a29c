// Whether a JSON value is what a schema says. Private to the body of a request.
#pragma once

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>

#include "rest/schema.h"

namespace varve::rest {

// What is wrong with `value`, naming the place; nothing if it is right.
std::optional<std::string> find_fault(const boost::json::value& value, const Schema& schema);

}  // namespace varve::rest
