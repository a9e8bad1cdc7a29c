// Journal: what the clients of a history asked for and were told, each request under a message of
// its own, which its commit carries. So whatever is found in the end can be traced to one request:
// what was acknowledged is there, what was refused is not, and nothing happened twice.
//
// One thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/ids.h"
#include "sim/clients.h"
#include "sim/expected_history.h"

namespace varve::sim {

enum class Verb : std::uint8_t { Commit, Merge, Squash, Revert, Pick, Import };

struct HistoryRequest {
  HistoryRequest(Verb v, std::string b) : verb(v), branch(std::move(b)) {}
  Verb verb;
  std::string branch;       // what it is to move
  Listing changes;          // of a commit: what is staged, "" deletes; of an import: what it brings
  std::string destination;  // of an import
  model::CommitId source;   // of the others: the commit to merge, revert or pick
  int parent = 0;           // of a revert or a pick, 1-based; 0: the only one
  Side winner = Side::None;   // of a merge
  bool is_dirty = false;      // the team has staged something there
  bool may_be_dirty = false;  // somebody else may have
};

enum class Fate : std::uint8_t { Unknown, Done, Refused };

struct JournalEntry {
  HistoryRequest request;
  Fate fate = Fate::Unknown;
  model::CommitId id;  // of what is done
};

class Journal {
 public:
  // A request is about to be sent; answers its message.
  std::string begin(HistoryRequest request) {
    std::string message = "r" + std::to_string(entries_.size());
    entries_.emplace(message, JournalEntry{std::move(request), Fate::Unknown, {}});
    return message;
  }
  void done(const std::string& message, const model::CommitId& id) {
    entries_.at(message).fate = Fate::Done;
    entries_.at(message).id = id;
    acknowledged_.push_back(message);
  }
  void refuse(const std::string& message) { entries_.at(message).fate = Fate::Refused; }
  void fail(std::string what) { failures_.push_back(std::move(what)); }
  // The branch is gone, or was moved back: commits on it need not be found from its head any more.
  void release(const std::string& branch) { released_.insert(branch); }

  const std::map<std::string, JournalEntry>& entries() const { return entries_; }
  const std::vector<std::string>& acknowledged() const { return acknowledged_; }  // messages
  const std::vector<std::string>& failures() const { return failures_; }
  bool is_released(const std::string& branch) const { return released_.contains(branch); }
  // "merge": 5, "merge refused": 2
  std::map<std::string, int> tally() const;

 private:
  std::map<std::string, JournalEntry> entries_;  // by message
  std::vector<std::string> acknowledged_;
  std::vector<std::string> failures_;
  std::set<std::string> released_;
};

}  // namespace varve::sim
