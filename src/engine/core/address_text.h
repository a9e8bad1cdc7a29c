// What the text of an address tells before any store is asked. Clients write addresses too, and one
// place that can be written in two ways would be two resources to whoever gives permissions.
//
// Pure; any thread may call.
#pragma once

#include <string>
#include <string_view>

namespace varve::engine {

// What follows "<scheme>://"; all of it if there is no scheme.
std::string_view without_scheme(std::string_view address);

// Whether a ".." stands between slashes.
bool has_traversal(std::string_view path);

// Whether a path in a store of files is written in the one way there is: without `.`, `..` and
// empty segments, but for a slash at either end, and without NUL.
bool is_plain_path(std::string_view path);

// An address as a store of files shows it, back in the form a namespace has.
std::string undo_shown_root(std::string address, const std::string& shown_root);

}  // namespace varve::engine
