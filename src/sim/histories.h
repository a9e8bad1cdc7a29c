// Teams of a simulated fleet: each works on a branch of its own and brings its work to main, all of
// them over whatever server answers. They write, delete, commit, merge both ways with every
// strategy, squash, revert, cherry-pick, import, reset, reset hard, and make and delete short-lived
// branches. A team asks until it is told what became of a request, as programs do.
//
// One thread.
#pragma once

#include <cstdint>

#include "sim/slow_ports.h"
#include "sim/workloads.h"

namespace varve::sim {

struct HistoryStory {
  int teams = 4;
  int operations = 20;  // of each team
  int crashes = 0;
  int servers = 3;
  bool is_single_writer = false;  // and knows it: one server, as over an embedded store
  bool has_main_writer = false;   // somebody stages and commits on main itself
  int sweeps = 0;                 // of dropped tokens, while time flies
  FaultRates rates;
};

// Plays the story with the seed and checks the end against an independent account of the whole
// history (history_check.h).
Outcome play_history(std::uint64_t seed, const HistoryStory& story);

}  // namespace varve::sim
