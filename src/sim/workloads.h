// Clients of a simulated fleet, and the small model they keep: what each path may hold after what
// the client was told, and which commits it was promised. check() compares the fleet with it.
//
// Every path has one writer, so the model needs no locks and no order: an acknowledged write leaves
// one possible value; a write whose fate is unknown (an error, a crash) leaves two. Writers read
// what they wrote, by path and in a listing, from any server, as soon as they are told that it is
// there.
//
// One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/task.h"
#include "model/ids.h"
#include "sim/world.h"

namespace varve::sim {

class Ledger {
 public:
  // A write of `value` ("" deletes) is about to be asked for; until it is settled both are
  // possible.
  void attempt(const std::string& path, const std::string& value);
  void acknowledge(const std::string& path, const std::string& value);
  void promise_commit(const model::CommitId& id) { commits_.insert(id); }
  void fail(std::string what) { failures_.push_back(std::move(what)); }

  // What `path` may hold; "" means nothing is there.
  const std::map<std::string, std::set<std::string>>& possible() const { return possible_; }
  const std::set<model::CommitId>& commits() const { return commits_; }
  const std::vector<std::string>& failures() const { return failures_; }

 private:
  std::map<std::string, std::set<std::string>> possible_;
  std::set<model::CommitId> commits_;
  std::vector<std::string> failures_;
};

struct Story {
  int writers = 4;
  int operations = 20;  // of each client
  int committers = 2;
  int mergers = 1;
  int crashes = 0;
  int servers = 2;
  bool is_single_writer = false;  // and knows it: one server, as over an embedded store
  FaultRates rates;
};

struct Outcome {
  std::vector<std::string> failures;  // empty: it held
  std::uint64_t turns = 0;            // scheduling decisions taken
  std::size_t commits = 0;            // acknowledged
  std::map<std::string, int> done;    // of a history: acknowledged and refused, by verb

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// Plays the story with the seed and checks the end: every promised commit is reachable from main,
// every head's tree opens and ascends, main holds what the ledger says, and `release`, into which
// main was merged all along, ends equal to main. Answers the failures; empty means it held.
Outcome play(std::uint64_t seed, const Story& story);

}  // namespace varve::sim
