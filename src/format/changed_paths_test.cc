#include "format/changed_paths.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/rng.h"
#include "model/ids.h"

namespace varve::format {
namespace {

using Kind = ChangedPaths::Kind;
using Texts = std::vector<std::string>;

const model::CommitId Commit(std::string(64, 'c'));

ChangedPaths note(const Texts& paths) {
  ChangedPathsWriter writer;
  for (const std::string& path : paths) writer.add(path);
  return writer.finish();
}

// `count` paths of one directory, or each of its own.
Texts many(std::size_t count, bool is_spread) {
  Texts paths;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string number = std::to_string(1'000'000 + i);
    paths.push_back("t/" + number + (is_spread ? "/x" : ""));
  }
  return paths;
}

bool may(const ChangedPaths& changes, const Texts& objects, const Texts& prefixes = {}) {
  return PathFilter(objects, prefixes).may_have_changed(ChangedPathsView(changes));
}

struct Row {
  std::string name;
  Texts changed;
  Texts objects;
  Texts prefixes;
  bool want;
};

class Filter : public ::testing::TestWithParam<Row> {};

TEST_P(Filter, PassesOverWhatChangedNothingThatIsAskedFor) {
  const Row& row = GetParam();
  EXPECT_EQ(may(note(row.changed), row.objects, row.prefixes), row.want);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Filter,
    ::testing::Values(
        //  name                        changed            objects      prefixes     may have
        Row{"the_path", {"a/b/x", "a/c"}, {"a/b/x"}, {}, true},
        Row{"a_neighbour", {"a/b/x", "a/c"}, {"a/b/y"}, {}, false},
        Row{"its_directory_is_no_object", {"a/b/x"}, {"a/b"}, {}, false},
        Row{"one_of_several", {"a/b/x"}, {"n", "a/b/x", "m"}, {}, true},
        Row{"at_the_root", {"x"}, {"x"}, {}, true},
        Row{"another_at_the_root", {"x"}, {"y"}, {}, false},
        Row{"the_empty_commit", {}, {"x"}, {"", "a/"}, false},
        Row{"a_directory", {"a/b/x"}, {}, {"a/b/"}, true},
        Row{"a_directory_above", {"a/b/x"}, {}, {"a/"}, true},
        Row{"a_directory_beside", {"a/b/x"}, {}, {"a/c/"}, false},
        Row{"a_directory_of_that_name_elsewhere", {"a/b/x"}, {}, {"b/"}, false},
        Row{"the_directory_whose_name_goes_on", {"a/bb/x"}, {}, {"a/b/"}, false},
        Row{"the_name_of_an_object_is_no_directory", {"a/b"}, {}, {"a/b/"}, false},
        Row{"a_beginning_within_a_directory", {"a/b/x"}, {}, {"a/b/xyz"}, true},
        Row{"a_beginning_within_another_one", {"a/b/x"}, {}, {"a/c/x"}, false},
        Row{"a_beginning_at_the_root", {"a/b/x"}, {}, {"q"}, true},
        Row{"everything", {"x"}, {}, {""}, true},
        Row{"a_marker_of_a_directory", {"a/b/"}, {}, {"a/b/"}, true},
        Row{"empty_names", {"//x"}, {}, {"//"}, true}, Row{"either", {"a/x"}, {"n"}, {"a/"}, true}),
    [](const auto& row) { return row.param.name; });

TEST(ChangedPaths, OfMorePathsOnlyTheDirectoriesAreNoted) {
  EXPECT_EQ(note(many(ChangedPathsMax, false)).kind, Kind::Paths);
  Texts paths = many(ChangedPathsMax + 1, false);
  EXPECT_EQ(note(paths).kind, Kind::Directories);
  EXPECT_TRUE(may(note(paths), {"t/whatever"}));
  EXPECT_FALSE(may(note(paths), {"u/whatever"}));
  EXPECT_FALSE(may(note(paths), {"top"}));
  paths.push_back("top2");
  EXPECT_EQ(note(paths).kind, Kind::Directories);
  EXPECT_TRUE(may(note(paths), {"top"}));
  paths.push_back("v/w/1");
  EXPECT_TRUE(may(note(paths), {"v/w/2"}));
  EXPECT_FALSE(may(note(paths), {"v/2"}) && may(note(paths), {"x/2"}));
  EXPECT_FALSE(may(note(paths), {}, {"w/"}));
}

TEST(ChangedPaths, OfMoreDirectoriesNothingIsNoted) {
  EXPECT_EQ(note(many(ChangedDirectoriesMax - 1, true)).kind, Kind::Paths);  // and t/ itself
  const ChangedPaths changes = note(many(ChangedDirectoriesMax, true));
  EXPECT_EQ(changes.kind, Kind::TooMany);
  EXPECT_TRUE(changes.paths.empty() && changes.directories.empty());
  EXPECT_TRUE(may(changes, {"n"}));
  EXPECT_TRUE(may(changes, {}, {"n/"}));
  EXPECT_EQ(note({std::string(ChangedDirectoriesMax + 1, '/')}).kind, Kind::TooMany);
}

TEST(ChangedPaths, OfACommitOfVeryMuchNothingIsNoted) {
  EXPECT_EQ(note(many(ChangesNotedMax, false)).kind, Kind::Directories);
  EXPECT_EQ(note(many(ChangesNotedMax + 1, false)).kind, Kind::TooMany);
}

// The law that a log stands on: what was changed is never denied, in whatever order it was noted.
TEST(ChangedPaths, WhatWasChangedIsNeverDenied) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    base::SeededRng rng(seed);
    std::set<std::string> sorted;
    const std::uint64_t count = rng.below(seed % 4 == 0 ? 300 : 20);
    for (std::uint64_t i = 0; i < count; ++i) {
      std::string path;
      for (std::uint64_t size = 1 + rng.below(12); size > 0; --size) path += "ab/"[rng.below(3)];
      sorted.insert(path);
    }
    Texts paths(sorted.begin(), sorted.end());
    if (seed % 3 == 0) std::reverse(paths.begin(), paths.end());
    const ChangedPaths changes = note(paths);
    for (const std::string& path : paths) {
      ASSERT_TRUE(may(changes, {path})) << path << ", seed " << seed;
      for (std::size_t size = 0; size <= path.size(); ++size) {
        ASSERT_TRUE(may(changes, {}, {path.substr(0, size)})) << path << ", seed " << seed;
      }
    }
  }
}

TEST(ChangedPaths, AreEncodedAsDrawn) {
  const base::Bytes bytes = encode_changed_paths(Commit, note({"a/x", "y"}));
  // Fingerprints of "a/x" and "y", then of "a/" and "".
  EXPECT_EQ(base::hex_encode(bytes), "0100020218e161292a0a48e2c1bfd04ffee1debd2b319f21a927c8d5");
  EXPECT_EQ(*decode_changed_paths(Commit, bytes), note({"a/x", "y"}));
}

TEST(ChangedPaths, AreTheSameAfterEncoding) {
  for (const Texts& paths : {Texts(), Texts{"a"}, many(100, false), many(100, true),
                             many(1000, false), many(1000, true)}) {
    const ChangedPaths changes = note(paths);
    EXPECT_EQ(*decode_changed_paths(Commit, encode_changed_paths(Commit, changes)), changes);
  }
}

TEST(ChangedPaths, DamagedOrAnothersAreRefused) {
  const base::Bytes whole = encode_changed_paths(Commit, note({"a/x", "y"}));
  const auto code = [](const base::Result<ChangedPaths>& read) {
    return read.has_value() ? base::Code::Internal : read.error().code();
  };
  EXPECT_EQ(code(decode_changed_paths(model::CommitId(std::string(64, 'd')), whole)),
            base::Code::Corruption);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(code(decode_changed_paths(Commit, whole.substr(0, size))), base::Code::Corruption);
  }
  EXPECT_EQ(code(decode_changed_paths(Commit, whole + "x")), base::Code::Corruption);
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    base::Bytes flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(code(decode_changed_paths(Commit, flipped)), base::Code::Corruption) << bit;
  }
}

// What another version may write is checked even where its sum is right.
TEST(ChangedPaths, UnorderedOrOverlongOnesAreRefused) {
  ChangedPaths changes = note({"a/x", "y"});
  std::swap(changes.paths[0], changes.paths[1]);
  EXPECT_FALSE(decode_changed_paths(Commit, encode_changed_paths(Commit, changes)).has_value());
  changes = note({"a/x", "y"});
  changes.kind = static_cast<Kind>(3);
  EXPECT_FALSE(decode_changed_paths(Commit, encode_changed_paths(Commit, changes)).has_value());
}

}  // namespace
}  // namespace varve::format
