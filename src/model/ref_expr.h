// A ref expression: `base modifier*`, engine.md 6.1. Parsed once at the edge.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace varve::model {

struct RefModifier {
  enum class Kind : std::uint8_t {
    Ancestor,   // ~n: follow the first parent n times
    Parent,     // ^n: the n-th parent, ^0 the commit itself
    Committed,  // @: the branch's head; must stand alone, on a branch
    Staging,    // $: the branch with its uncommitted data; must stand alone, on a branch
  };
  Kind kind;
  std::uint32_t count = 1;  // of Ancestor and Parent
};

// Immutable once parsed. `text` is kept as typed, for messages ("Revert <ref as given>").
struct RefExpr {
  std::string text;
  std::string base;
  std::vector<RefModifier> modifiers;

  bool names_staging() const {
    return modifiers.size() == 1 && modifiers.front().kind == RefModifier::Kind::Staging;
  }
};

//   Internal         empty: a missing argument (Detail::RequirementMissing), as lakeFS
//   InvalidArgument  white space, empty base, a sign or a non-number after ~ or ^
// ("could not parse modifier ~x: ref: invalid value: validation error"), a number above 2^31 - 1,
// @ or $ that does not stand alone or is followed by anything.
base::Result<RefExpr> parse_ref_expr(std::string_view text);

}  // namespace varve::model
