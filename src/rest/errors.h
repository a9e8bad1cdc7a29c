// What an Error looks like from outside: one status and one text for each code and detail
// (rest-semantics.md 6). Two switches without a default, so a new code or detail does not compile
// until it is answered here.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace varve::rest {

int status_of(const base::Error& error);
// The error's own text, except where clients know a fixed one.
std::string message_of(const base::Error& error);

base::Error not_implemented();
base::Error unauthenticated();

}  // namespace varve::rest
