// What the clients of a simulated fleet have in common: the repository they work in, how they name
// themselves, what they make of an error, and a whole tree as a map.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/engine.h"
#include "model/ids.h"
#include "model/ref_expr.h"

namespace varve::sim {

inline const model::RepositoryId Lake("lake");
inline const model::BranchId Main("main");

inline model::RefExpr parsed(const std::string& text) { return *model::parse_ref_expr(text); }

inline base::Context client(const std::string& name) {
  auto scope = std::make_shared<base::RequestScope>();
  scope->principal = name;
  return base::Context(std::move(scope));
}

// An error that leaves the client not knowing, rather than one that must not happen.
inline bool is_fault(const base::Error& error) {
  return error.code() == base::Code::Unavailable || error.code() == base::Code::OutcomeUnknown;
}

using Listing = std::map<std::string, std::string>;  // path -> content

// Everything a ref shows, page by page: paging is under test too.
//   Internal  the pages do not ascend
base::Task<base::Result<Listing>> list_all(engine::Engine* engine, std::string at);

}  // namespace varve::sim
