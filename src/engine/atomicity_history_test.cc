// Stories of what moves a head or makes a name. See atomicity_harness_test.h.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/run.h"
#include "engine/atomicity_harness_test.h"
#include "engine/harness_test.h"
#include "engine/imports/imports.h"
#include "engine/merge/merge.h"
#include "engine/stores_test.h"
#include "model/ids.h"
#include "ports/object_types.h"
#include "sim/faults/failing_objects.h"

namespace varve::engine::atomicity {
namespace {

const model::BranchId Main("main");

void commit_all(Server& server, const std::string& branch, const std::string& message) {
  ASSERT_TRUE(server.commit(branch, message).has_value());
}

// dev: a changed, b deleted, x and y added. main stays where they parted.
void source_changed(Stores& stores, Server& s) {
  base_commit(stores, s);
  ASSERT_TRUE(s.branch("dev", "main").has_value());
  ASSERT_TRUE(s.put("dev", "a", "2").has_value());
  ASSERT_TRUE(s.erase("dev", "b").has_value());
  ASSERT_TRUE(s.put("dev", "x", "1").has_value());
  ASSERT_TRUE(s.put("dev", "y", "1").has_value());
  commit_all(s, "dev", "on dev");
}

// main changed c and added m since, too.
void both_changed(Stores& stores, Server& s) {
  source_changed(stores, s);
  ASSERT_TRUE(s.put("main", "c", "3").has_value());
  ASSERT_TRUE(s.put("main", "m", "3").has_value());
  commit_all(s, "main", "on main");
}

// What is staged on the source has no part in a merge, and stays.
void with_staged_source(Stores& stores, Server& s) {
  both_changed(stores, s);
  ASSERT_TRUE(s.put("dev", "later", "1").has_value());
}

base::Result<void> merge(Server& s, MergeRequest request = {}) {
  return only_whether(base::run(
      s.engine().merges().merge(as("a"), s.lake(), Main, ref("dev"), std::move(request))));
}

base::Result<void> revert(Server& s, const std::string& at, int parent = 0) {
  RevertRequest request;
  request.ref = ref(at);
  request.parent_number = parent;
  return only_whether(
      base::run(s.engine().merges().revert(as("a"), s.lake(), Main, std::move(request))));
}

base::Result<void> pick(Server& s, const std::string& at) {
  CherryPickRequest request;
  request.ref = ref(at);
  return only_whether(
      base::run(s.engine().merges().cherry_pick(as("a"), s.lake(), Main, std::move(request))));
}

base::Result<void> tag(Server& s, const std::string& name, const std::string& at) {
  return only_whether(base::run(
      s.engine().refs().create_tag(as("a"), s.lake(), model::TagId(name), ref(at), false)));
}

std::vector<Story> commits() {
  std::vector<Story> stories;
  stories.push_back({.name = "commit",
                     .before = base_and_staged,
                     .act = [](Server& s) { return only_whether(s.commit("main", "it")); },
                     .unchanged = "a=1 b=1 c=1",
                     .done = "a=2 c=1 d=2",
                     .look = list_head,
                     .again = "commit: no changes",
                     .also = "a=2 c=1 d=2"});
  // Sealed by an attempt that came to nothing, and more staged since.
  stories.push_back({.name = "commit_after_a_failed_one",
                     .before =
                         [](Stores& stores, Server& s) {
                           base_and_staged(stores, s);
                           sim::FailingObjects full(stores.objects, 0);
                           Server unlucky(stores.kv, full, stores.clock, stores.rng);
                           ASSERT_FALSE(unlucky.commit("main", "came to nothing").has_value());
                           ASSERT_TRUE(s.put("main", "d", "3").has_value());
                         },
                     .act = [](Server& s) { return only_whether(s.commit("main", "it")); },
                     .unchanged = "a=1 b=1 c=1",
                     .done = "a=2 c=1 d=3",
                     .look = list_head,
                     .again = "commit: no changes",
                     .also = "a=2 c=1 d=3"});
  stories.push_back({.name = "hard_reset",
                     .before =
                         [](Stores& stores, Server& s) {
                           base_and_staged(stores, s);
                           ASSERT_TRUE(tag(s, "base", "main").has_value());
                           commit_all(s, "main", "it");
                           ASSERT_TRUE(s.put("main", "staged", "1").has_value());
                         },
                     .act =
                         [](Server& s) {
                           return base::run(s.engine().commits().hard_reset(as("a"), s.lake(), Main,
                                                                            ref("base"), false));
                         },
                     .unchanged = "a=2 c=1 d=2 staged=1",
                     .done = "a=1 b=1 c=1 staged=1",
                     .look = list_main});
  return stories;
}

std::vector<Story> merges() {
  std::vector<Story> stories;
  stories.push_back({.name = "merge_of_one_side",
                     .before = source_changed,
                     .act = [](Server& s) { return merge(s); },
                     .unchanged = "a=1 b=1 c=1",
                     .done = "a=2 c=1 x=1 y=1",
                     .look = list_head,
                     .again = "update branch main: no changes"});
  stories.push_back({.name = "merge_of_both_sides",
                     .before = both_changed,
                     .act = [](Server& s) { return merge(s); },
                     .unchanged = "a=1 b=1 c=3 m=3",
                     .done = "a=2 c=3 m=3 x=1 y=1",
                     .look = list_head,
                     .again = "update branch main: no changes"});
  stories.push_back({.name = "squash",
                     .before = with_staged_source,
                     .act =
                         [](Server& s) {
                           MergeRequest request;
                           request.is_squash = true;
                           return merge(s, std::move(request));
                         },
                     .unchanged = "a=1 b=1 c=3 m=3 | a=2 c=1 later=1 x=1 y=1",
                     .done = "a=2 c=3 m=3 x=1 y=1 | a=2 c=1 later=1 x=1 y=1",
                     .look = [](Server& s) { return s.list("main") + " | " + s.list("dev"); }});
  stories.push_back({.name = "merge_onto_a_branch_with_empty_changes",
                     .before =
                         [](Stores& stores, Server& s) {
                           both_changed(stores, s);
                           // Staged as it is committed: rows, but no change.
                           ASSERT_TRUE(s.put("main", "c", "3").has_value());
                         },
                     .act = [](Server& s) { return merge(s); },
                     .unchanged = "a=1 b=1 c=3 m=3",
                     .done = "a=2 c=3 m=3 x=1 y=1",
                     .look = list_main,
                     .again = "update branch main: no changes"});
  return stories;
}

// Steps taken again, backwards or elsewhere.
std::vector<Story> replays() {
  std::vector<Story> stories;
  stories.push_back({.name = "revert",
                     .before =
                         [](Stores& stores, Server& s) {
                           base_and_staged(stores, s);
                           commit_all(s, "main", "it");
                           ASSERT_TRUE(tag(s, "it", "main").has_value());
                           ASSERT_TRUE(s.put("main", "e", "3").has_value());
                           commit_all(s, "main", "later");
                         },
                     .act = [](Server& s) { return revert(s, "it"); },
                     .unchanged = "a=2 c=1 d=2 e=3",
                     .done = "a=1 b=1 c=1 e=3",
                     .look = list_head,
                     .again = "update branch: no changes"});
  stories.push_back({.name = "revert_of_a_merge",
                     .before =
                         [](Stores& stores, Server& s) {
                           both_changed(stores, s);
                           ASSERT_TRUE(merge(s).has_value());
                           ASSERT_TRUE(tag(s, "merged", "main").has_value());
                         },
                     .act = [](Server& s) { return revert(s, "merged", 1); },
                     .unchanged = "a=2 c=3 m=3 x=1 y=1",
                     .done = "a=1 b=1 c=3 m=3",
                     .look = list_head,
                     .again = "update branch: no changes"});
  // Picked once more it is another commit with the same content.
  stories.push_back({.name = "cherry_pick",
                     .before = both_changed,
                     .act = [](Server& s) { return pick(s, "dev"); },
                     .unchanged = "a=1 b=1 c=3 m=3",
                     .done = "a=2 c=3 m=3 x=1 y=1",
                     .look = list_head});
  return stories;
}

// Replaces in/ by two objects that lie outside of the repository.
Story import_story() {
  return {
      .name = "import",
      .before =
          [](Stores& stores, Server& s) {
            base_commit(stores, s);
            ASSERT_TRUE(s.put("main", "in/old", "1").has_value());
            commit_all(s, "main", "more");
            for (const char* name : {"1", "2"}) {
              ports::ObjectAddress address(std::string("mem://outside/") + name);
              ASSERT_TRUE(
                  base::run(stores.objects.put_bytes(as("a"), std::move(address), base::Bytes(name),
                                                     ports::PutMode::Overwrite))
                      .has_value());
            }
          },
      .act =
          [](Server& s) {
            ImportRequest request;
            ImportSource source;
            source.path = "mem://outside/";
            source.destination = "in/";
            request.sources.push_back(std::move(source));
            return only_whether(base::run(s.engine().imports().run(
                as("a"), s.lake(), Main, std::move(request), std::make_shared<ImportProgress>())));
          },
      .unchanged = "a=1 b=1 c=1 in/old=1",
      .done =
          "a=1 b=1 c=1 in/1=c4ca4238a0b923820dcc509a6f75849b "
          "in/2=c81e728d9d4c2f636f067f89cc14862c",
      .look = list_head};
}

std::vector<Story> names() {
  std::vector<Story> stories;
  stories.push_back({.name = "create_branch",
                     .before = base_and_staged,
                     .act = [](Server& s) { return only_whether(s.branch("dev", "main")); },
                     .unchanged = "not found",
                     .done = "a=1 b=1 c=1",
                     .look = [](Server& s) { return s.list("dev"); },
                     .again = "branch already exists: not unique",
                     .also = "a=2 c=1 d=2"});
  stories.push_back({.name = "erase_branch",
                     .before =
                         [](Stores& stores, Server& s) {
                           base_and_staged(stores, s);
                           ASSERT_TRUE(s.branch("dev", "main").has_value());
                           ASSERT_TRUE(s.put("dev", "x", "1").has_value());
                         },
                     .act =
                         [](Server& s) {
                           return base::run(s.engine().refs().erase_branch(
                               as("a"), s.lake(), model::BranchId("dev"), false));
                         },
                     .unchanged = "a=1 b=1 c=1 x=1",
                     .done = "not found",
                     .look = [](Server& s) { return s.list("dev"); },
                     .again = "branch not found",
                     .also = "a=2 c=1 d=2"});
  stories.push_back({.name = "create_tag",
                     .before = base_and_staged,
                     .act = [](Server& s) { return tag(s, "v1", "main"); },
                     .unchanged = "not found",
                     .done = "a=1 b=1 c=1",
                     .look = [](Server& s) { return s.list("v1"); },
                     .again = "tag already exists: not unique",
                     .also = "a=2 c=1 d=2"});
  stories.push_back({.name = "erase_tag",
                     .before =
                         [](Stores& stores, Server& s) {
                           base_and_staged(stores, s);
                           ASSERT_TRUE(tag(s, "v1", "main").has_value());
                         },
                     .act =
                         [](Server& s) {
                           return base::run(s.engine().refs().erase_tag(as("a"), s.lake(),
                                                                        model::TagId("v1"), false));
                         },
                     .unchanged = "a=1 b=1 c=1",
                     .done = "not found",
                     .look = [](Server& s) { return s.list("v1"); },
                     .again = "tag not found",
                     .also = "a=2 c=1 d=2"});
  return stories;
}

INSTANTIATE_TEST_SUITE_P(Commits, Atomicity, ::testing::ValuesIn(commits()), story_name);
INSTANTIATE_TEST_SUITE_P(Merges, Atomicity, ::testing::ValuesIn(merges()), story_name);
INSTANTIATE_TEST_SUITE_P(Replays, Atomicity, ::testing::ValuesIn(replays()), story_name);
INSTANTIATE_TEST_SUITE_P(Imports, Atomicity, ::testing::Values(import_story()), story_name);
INSTANTIATE_TEST_SUITE_P(Names, Atomicity, ::testing::ValuesIn(names()), story_name);

}  // namespace
}  // namespace varve::engine::atomicity
