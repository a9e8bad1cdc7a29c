#include "engine/refs/glob.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace varve::engine {
namespace {

struct Row {
  std::string pattern;
  std::vector<std::string> matches;
  std::vector<std::string> others;
};

class GlobMatches : public ::testing::TestWithParam<Row> {};

TEST_P(GlobMatches, WholeNames) {
  const Glob glob(GetParam().pattern);
  for (const std::string& name : GetParam().matches) {
    EXPECT_TRUE(glob.matches(name)) << GetParam().pattern << " should match " << name;
  }
  for (const std::string& name : GetParam().others) {
    EXPECT_FALSE(glob.matches(name)) << GetParam().pattern << " should not match " << name;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Glob, GlobMatches,
    ::testing::Values(
        //  pattern            matches                           does not
        Row{"main", {"main"}, {"main2", "mai", "", "xmain"}}, Row{"*", {"", "main", "a-b_c"}, {}},
        Row{"**", {"", "main"}, {}}, Row{"rel-*", {"rel-", "rel-1"}, {"rel", "arel-1"}},
        Row{"*-rel", {"a-rel", "-rel"}, {"a-rel-", "rel"}},
        Row{"a*b*c", {"abc", "axbxbc"}, {"acb", "ab"}}, Row{"v?", {"v1", "vx"}, {"v", "v10"}},
        Row{"v[0-9]", {"v0", "v9"}, {"va", "v10", "v"}}, Row{"v[!0-9]", {"va"}, {"v1"}},
        Row{"v[^ab]", {"vc"}, {"va", "vb"}}, Row{"[abc]x", {"ax", "cx"}, {"dx"}},
        Row{"[]]", {"]"}, {"a"}}, Row{"{main,dev}", {"main", "dev"}, {"maindev", "{main,dev}"}},
        Row{"r{1,2{a,b}}", {"r1", "r2a", "r2b"}, {"r2", "ra"}},
        Row{"{a*,b?}c", {"axc", "ac", "bxc"}, {"bc"}}, Row{"x{,-old}", {"x", "x-old"}, {"x-"}},
        Row{"\\*", {"*"}, {"a"}}, Row{"a\\{b", {"a{b"}, {"ab"}}, Row{"[", {"["}, {"a"}},
        Row{"a[b", {"a[b"}, {"ab"}}, Row{"{a,b", {"{a,b"}, {"a"}}, Row{"", {""}, {"a"}}));

TEST(Glob, ManyStarsTakeNoTime) {
  const Glob glob("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b");
  EXPECT_FALSE(glob.matches(std::string(2000, 'a')));
}

TEST(Glob, TooManyAlternativesAreTakenLiterally) {
  std::string pattern;
  for (int i = 0; i < 11; ++i) pattern += "{a,b}";
  EXPECT_FALSE(Glob(pattern).matches("aaaaaaaaaaa"));
  EXPECT_TRUE(Glob("{a,b}{a,b}").matches("ab"));
}

}  // namespace
}  // namespace varve::engine
