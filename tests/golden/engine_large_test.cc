// The large history of the golden data, by its formula, played on the engine: a commit of 200,000
// objects, one on a branch, one with deletions, and their merge have the trees that lakeFS made.
// Where ranges break, which are reused and which are split again decides it.  [I-2]
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include "engine/harness_test.h"
#include "tests/golden/format_golden.h"

namespace varve::engine {
namespace {

constexpr int Objects = 200'000;

template <class... Arguments>
std::string print(const char* format, Arguments... arguments) {
  char text[96];
  std::snprintf(text, sizeof(text), format, arguments...);
  return text;
}

class LargeHistoryTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(server_.create().has_value()); }

  static model::ObjectPath path_of(int i) {
    return model::ObjectPath(
        print("sensor=acc/subject=%05d/day=%03d/part-%06d.parquet", i % 997, i / 997 % 365, i));
  }

  // Object i of the formula; with another `salt` another one at the same path.
  void stage(std::string_view branch, int i, int salt = 0) {
    model::Entry entry;
    entry.address = print("local:///ext/%d", i + salt);
    entry.address_type = model::AddressType::Full;
    entry.etag = print("%032x", i + salt);
    entry.size = 1000 + i % 1000;
    entry.last_modified.seconds = 1700000000;
    entry.content_type = "application/octet-stream";
    ASSERT_TRUE(base::run(
        server_.engine().objects().stage(as("admin"), lake_, model::BranchId(std::string(branch)),
                                         path_of(i), std::move(entry), StageOptions())));
  }

  // The tree that the branch has then, and the one that it should have.
  std::string commit(const std::string& branch) {
    const auto made = server_.commit(branch, "changes");
    return made.has_value() ? (*made)->meta_range_id.str() : made.error().message();
  }
  std::string golden_tree(std::string_view commit) {
    return std::string(golden_.at("meta_range_id").at(commit).as_string());
  }

  Stores stores_;
  Server server_{stores_};
  RepositoryRef lake_;
  boost::json::value golden_ =
      boost::json::parse(golden::read_file(golden::folder() / "large.json"));
};

TEST_F(LargeHistoryTest, CommitsAndTheirMergeMakeTheSameTrees) {
  lake_ = server_.lake();
  for (int i = 0; i < Objects; ++i) stage("main", i);
  EXPECT_EQ(commit("main"), golden_tree("one"));

  ASSERT_TRUE(server_.branch("dev", "main").has_value());
  for (int i = 0; i < Objects; i += Objects / 100) stage("dev", i, 10'000'000);
  EXPECT_EQ(commit("dev"), golden_tree("two"));

  for (int i = 7; i < Objects; i += Objects / 50) stage("main", i, 20'000'000);
  for (int i = 11; i < Objects; i += Objects / 20) {
    ASSERT_TRUE(server_.erase("main", path_of(i).str()).has_value());
  }
  EXPECT_EQ(commit("main"), golden_tree("three"));

  ASSERT_TRUE(base::run(server_.engine().merges().merge(as("admin"), lake_, model::BranchId("main"),
                                                        ref("dev"), MergeRequest())));
  const auto head =
      base::run(server_.engine().refs().resolve_commit(as("admin"), lake_, ref("main")));
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ((*head)->meta_range_id.view(), golden_tree("four"));
}

}  // namespace
}  // namespace varve::engine
