// A merge of random trees, driven as the engine drives it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "kernel/map_trees_test.h"
#include "kernel/random_trees_test.h"
#include "kernel/tree_merge.h"
#include "kernel/tree_side.h"
#include "model/records.h"

namespace varve::kernel {

struct Merged {
  bool is_conflict = false;
  std::vector<model::RangeInfo> ranges;
  Map content;
};

inline Merged run_merge(World& world, RangeSpan base, RangeSpan source, RangeSpan destination,
                        MergeOptions options) {
  MergeWalk walk(base, source, destination, std::move(options));
  Ranges out(world.files());
  for (;;) {
    const auto step = walk.next();
    EXPECT_TRUE(step.has_value());
    switch (step->kind) {
      case MergeStep::Kind::Need:
        EXPECT_TRUE(walk.enter(step->tree, world.open(*step->range)).has_value());
        break;
      case MergeStep::Kind::Copy:
        out.copy(*step->range);
        break;
      case MergeStep::Kind::Write:
        out.write(std::string(step->record->key), std::string(step->record->identity));
        break;
      case MergeStep::Kind::WriteRun:
        do {
          const Record& record = step->cursor->record();
          out.write(std::string(record.key), std::string(record.identity));
          EXPECT_TRUE(step->cursor->next().has_value() && step->twin->next().has_value());
        } while (!step->cursor->is_at_run() && step->cursor->is_valid() &&
                 world.rng().below(8) != 0);
        break;
      case MergeStep::Kind::Conflict:
        return {true, {}, {}};
      case MergeStep::Kind::End:
        out.end();
        return {false, out.infos(), out.content()};
    }
  }
}

}  // namespace varve::kernel
