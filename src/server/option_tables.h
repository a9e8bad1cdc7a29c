// The four parts of the option table, one source each. Private to server/: use options().
#pragma once

#include <vector>

#include "server/option.h"

namespace varve::server {

std::vector<Option> process_options();  // listening, logs, installation, interface
std::vector<Option> storage_options();  // key-value store and object store
std::vector<Option> engine_options();   // committed data, versioning, gateways, hooks
std::vector<Option> auth_options();

}  // namespace varve::server
