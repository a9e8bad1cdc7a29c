// Stories of what is staged. See atomicity_harness_test.h.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/run.h"
#include "engine/atomicity_harness_test.h"
#include "engine/harness_test.h"
#include "engine/objects/objects.h"
#include "engine/staging/staging.h"
#include "engine/stores_test.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::engine::atomicity {
namespace {

Objects& objects(Server& server) { return server.engine().objects(); }

std::vector<Story> writes() {
  std::vector<Story> stories;
  stories.push_back({.name = "stage",
                     .before = base_commit,
                     .act = [](Server& s) { return s.put("main", "a", "2"); },
                     .unchanged = "a=1 b=1 c=1",
                     .done = "a=2 b=1 c=1",
                     .look = list_main});
  stories.push_back({.name = "stage_if_absent",
                     .before = base_commit,
                     .act =
                         [](Server& s) {
                           StageOptions options;
                           options.condition = WriteCondition(WriteCondition::Kind::IfAbsent);
                           return s.put("main", "d", "2", options);
                         },
                     .unchanged = "a=1 b=1 c=1",
                     .done = "a=1 b=1 c=1 d=2",
                     .look = list_main,
                     .again = "Precondition failed"});
  stories.push_back({.name = "erase",
                     .before = base_commit,
                     .act = [](Server& s) { return s.erase("main", "b"); },
                     .unchanged = "a=1 b=1 c=1",
                     .done = "a=1 c=1",
                     .look = list_main});
  stories.push_back(
      {.name = "erase_many",
       .before = base_and_staged,
       .act =
           [](Server& s) {
             return only_whether(base::run(objects(s).erase_many(
                 as("a"), s.lake(), model::BranchId("main"),
                 {model::ObjectPath("a"), model::ObjectPath("c"), model::ObjectPath("d")}, false)));
           },
       .unchanged = "a=2 c=1 d=2",
       .done = "",
       .look = list_main});
  stories.push_back(
      {.name = "annotate",
       .before = base_commit,
       .act =
           [](Server& s) {
             return base::run(objects(s).update_metadata(as("a"), s.lake(), model::BranchId("main"),
                                                         model::ObjectPath("a"), {{"k", "v"}}));
           },
       .unchanged = "",
       .done = "v",
       .look =
           [](Server& s) {
             const auto entry =
                 base::run(objects(s).get(as("a"), s.lake(), ref("main"), model::ObjectPath("a")));
             if (!entry.has_value()) return entry.error().message();
             return entry->metadata.empty() ? std::string() : entry->metadata.at("k");
           },
       .also = "a=1 b=1 c=1"});
  return stories;
}

std::vector<Story> resets() {
  std::vector<Story> stories;
  stories.push_back({.name = "reset_branch",
                     .before = base_and_staged,
                     .act =
                         [](Server& s) {
                           return base::run(objects(s).reset_branch(
                               as("a"), s.lake(), model::BranchId("main"), false));
                         },
                     .unchanged = "a=2 c=1 d=2",
                     .done = "a=1 b=1 c=1",
                     .look = list_main});
  stories.push_back({.name = "reset_prefix",
                     .before =
                         [](Stores& stores, Server& s) {
                           base_and_staged(stores, s);
                           ASSERT_TRUE(s.put("main", "p/1", "2").has_value());
                           ASSERT_TRUE(s.put("main", "p/2", "2").has_value());
                         },
                     .act =
                         [](Server& s) {
                           return base::run(objects(s).reset_prefix(
                               as("a"), s.lake(), model::BranchId("main"), "p/", false));
                         },
                     .unchanged = "a=2 c=1 d=2 p/1=2 p/2=2",
                     .done = "a=2 c=1 d=2",
                     .look = list_main});
  stories.push_back({.name = "reset_object",
                     .before = base_and_staged,
                     .act =
                         [](Server& s) {
                           return base::run(objects(s).reset_object(as("a"), s.lake(),
                                                                    model::BranchId("main"),
                                                                    model::ObjectPath("b"), false));
                         },
                     .unchanged = "a=2 c=1 d=2",
                     .done = "a=2 b=1 c=1 d=2",
                     .look = list_main});
  return stories;
}

void seal_main(Server& server) {
  Staging& staging = server.engine().staging();
  const auto before =
      base::run(staging.read_branch(as("a"), server.lake(), model::BranchId("main")));
  model::Branch after = staging.sealed(*server.lake(), before->branch);
  ASSERT_TRUE(base::run(staging.replace_branch(as("a"), server.lake(), *before, std::move(after)))
                  .has_value());
}

std::vector<Story> compactions() {
  std::vector<Story> stories;
  stories.push_back(
      {.name = "compact",
       .before =
           [](Stores& stores, Server& s) {
             base_and_staged(stores, s);
             for (int i = 0; i < 8; ++i) {
               ASSERT_TRUE(s.put("main", "e", std::to_string(i)).has_value());
               seal_main(s);
             }
           },
       .act =
           [](Server& s) {
             return only_whether(base::run(
                 s.engine().staging().compact(as("a"), s.lake(), model::BranchId("main"))));
           },
       .unchanged = "8",
       .done = "1",
       .look = [](Server& s) { return std::to_string(s.get_branch("main")->sealed_tokens.size()); },
       .also = "a=2 c=1 d=2 e=7"});
  return stories;
}

INSTANTIATE_TEST_SUITE_P(Compactions, Atomicity, ::testing::ValuesIn(compactions()), story_name);
INSTANTIATE_TEST_SUITE_P(Writes, Atomicity, ::testing::ValuesIn(writes()), story_name);
INSTANTIATE_TEST_SUITE_P(Resets, Atomicity, ::testing::ValuesIn(resets()), story_name);

}  // namespace
}  // namespace varve::engine::atomicity
