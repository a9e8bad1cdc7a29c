// Sends a request of the journal to a server.
#pragma once

#include <string>

#include "base/result.h"
#include "base/task.h"
#include "engine/engine.h"
#include "model/ids.h"
#include "sim/journal.h"

namespace varve::sim {

// The commit it made. `message` is the commit's; `import_source` is the prefix to import.
base::Task<base::Result<model::CommitId>> ask(engine::Engine* engine, std::string message,
                                              HistoryRequest asked, std::string import_source);

}  // namespace varve::sim
