// The reference page of configuration, docs/operating/configuration.md, written from the option
// table. A test compares the two, so the page cannot go stale.
#pragma once

#include <string>

namespace varve::server {

std::string reference_page();

}  // namespace varve::server
