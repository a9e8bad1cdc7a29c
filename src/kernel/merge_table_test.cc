#include "kernel/merge_table.h"

#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>

namespace varve::kernel {
namespace {

const Side None = std::nullopt;
const Side A = "a";
const Side B = "b";
const Side C = "c";

struct Row {
  const char* name;
  Side base;
  Side source;
  Side destination;
  Take merged;  // without a strategy
  Shown shown;
};

std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.name; }

class Decide : public ::testing::TestWithParam<Row> {};

TEST_P(Decide, MergesAsTheTableSays) {
  const Row& row = GetParam();
  EXPECT_EQ(decide_merge(row.base, row.source, row.destination, MergeStrategy::None), row.merged);
}

TEST_P(Decide, AStrategyDecidesConflictsAndNothingElse) {
  const Row& row = GetParam();
  const bool is_conflict = row.merged == Take::Conflict;
  EXPECT_EQ(decide_merge(row.base, row.source, row.destination, MergeStrategy::SourceWins),
            is_conflict ? Take::Source : row.merged);
  EXPECT_EQ(decide_merge(row.base, row.source, row.destination, MergeStrategy::DestinationWins),
            is_conflict ? Take::Destination : row.merged);
}

TEST_P(Decide, SwappingSidesSwapsTheAnswer) {  // [I-7]
  const Row& row = GetParam();
  const Take swapped = row.merged == Take::Source        ? Take::Destination
                       : row.merged == Take::Destination ? Take::Source
                                                         : row.merged;
  EXPECT_EQ(decide_merge(row.base, row.destination, row.source, MergeStrategy::None), swapped);
}

TEST_P(Decide, ShowsAsTheTableSays) {
  const Row& row = GetParam();
  EXPECT_EQ(decide_shown(row.base, row.source, row.destination), row.shown);
}

INSTANTIATE_TEST_SUITE_P(
    Merge, Decide,
    ::testing::Values(
        //  name                            base  source destination
        Row{"nowhere", None, None, None, Take::Convergent, Shown::Nothing},
        Row{"untouched", A, A, A, Take::Convergent, Shown::Nothing},
        Row{"both_added_the_same", None, A, A, Take::Convergent, Shown::Nothing},
        Row{"both_edited_the_same", A, B, B, Take::Convergent, Shown::Nothing},
        Row{"both_removed", A, None, None, Take::Convergent, Shown::Nothing},
        Row{"source_added", None, A, None, Take::Source, Shown::Added},
        Row{"source_edited", A, B, A, Take::Source, Shown::Changed},
        Row{"source_removed", A, None, A, Take::Source, Shown::Removed},
        Row{"destination_added", None, None, A, Take::Destination, Shown::Nothing},
        Row{"destination_edited", A, A, B, Take::Destination, Shown::Nothing},
        Row{"destination_removed", A, A, None, Take::Destination, Shown::Nothing},
        Row{"both_added_differently", None, A, B, Take::Conflict, Shown::Conflict},
        Row{"both_edited_differently", A, B, C, Take::Conflict, Shown::Conflict},
        Row{"source_edited_destination_removed", A, B, None, Take::Conflict, Shown::Conflict},
        Row{"source_removed_destination_edited", A, None, B, Take::Conflict, Shown::Conflict}),
    [](const ::testing::TestParamInfo<Row>& row) { return std::string(row.param.name); });

TEST(Decide, AnEmptyIdentityIsNotAnAbsentOne) {
  EXPECT_EQ(decide_merge(None, "", None, MergeStrategy::None), Take::Source);
}

}  // namespace
}  // namespace varve::kernel
