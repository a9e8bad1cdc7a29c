// Compares what a fleet left behind with what its clients were told: every acknowledged commit is
// on the line of first parents of its branch, no request made two commits, what was refused made
// none, and the tree of every commit is what its request and its parents say.
#pragma once

#include <map>
#include <string>

#include "base/task.h"
#include "sim/clients.h"
#include "sim/journal.h"
#include "sim/world.h"

namespace varve::sim {

// `staged`: what must lie on top of the head of a branch, "" deletes. Failures go to the journal.
base::Task<void> check_history(World* world, Journal* journal,
                               std::map<std::string, Listing> staged);

}  // namespace varve::sim
