// What a history must be, worked out the obvious way: a tree is a map, a merge looks at every path
// of three maps (engine.md 10.5), a merge base is searched as the reference says (10.4). Shares no
// code with the engine: where the two differ, one of them is wrong.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "model/ids.h"
#include "model/records.h"
#include "sim/clients.h"

namespace varve::sim {

using History = std::map<model::CommitId, model::Commit>;

enum class Side : std::uint8_t { None, Source, Destination };  // who wins a conflict

// The best common ancestor; nullopt if there is none.
std::optional<model::CommitId> expected_base(const History& history, const model::CommitId& right,
                                             const model::CommitId& left);

// The merge of three trees; nullopt: a conflict that nobody wins.
std::optional<Listing> expected_merge(const Listing& base, const Listing& source,
                                      const Listing& destination, Side winner);

// `below` with `changes` on top; "" deletes.
Listing expected_overlay(Listing below, const Listing& changes);

// `below` without whatever starts with `destination`, and `imported` there instead.
Listing expected_import(const Listing& below, const std::string& destination,
                        const Listing& imported);

}  // namespace varve::sim
