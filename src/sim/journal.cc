#include "sim/journal.h"

#include <map>
#include <string>

namespace varve::sim {

namespace {

std::string name_of(Verb verb) {
  switch (verb) {
    case Verb::Commit:
      return "commit";
    case Verb::Merge:
      return "merge";
    case Verb::Squash:
      return "squash";
    case Verb::Revert:
      return "revert";
    case Verb::Pick:
      return "cherry-pick";
    case Verb::Import:
      return "import";
  }
  return "";
}

}  // namespace

std::map<std::string, int> Journal::tally() const {
  std::map<std::string, int> counts;
  for (const auto& [message, entry] : entries_) {
    const std::string verb = name_of(entry.request.verb);
    if (entry.fate == Fate::Done) ++counts[verb];
    if (entry.fate == Fate::Refused) ++counts[verb + " refused"];
    if (entry.fate == Fate::Unknown) ++counts[verb + " unknown"];
  }
  return counts;
}

}  // namespace varve::sim
