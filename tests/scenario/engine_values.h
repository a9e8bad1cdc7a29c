// What the scenarios see of the engine's values, and the way back.
#pragma once

#include <string>

#include "engine/merge/merge.h"
#include "model/records.h"
#include "tests/scenario/options.h"

namespace varve::scenario {

CommitView view_of(const model::Commit& commit);
model::Commit commit_of(const CommitView& view);
engine::CommitOverrides overrides_of(ReplayOptions options);

}  // namespace varve::scenario
