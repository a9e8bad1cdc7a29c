// A few seeds on every build, many at night: VARVE_SIM_SEEDS says how many, VARVE_SIM_FIRST where
// to start. A failing seed prints itself; it reproduces the run exactly.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "sim/histories.h"
#include "sim/workloads.h"

namespace varve::sim {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

Outcome play_any(std::uint64_t seed, const Story& story) { return play(seed, story); }
Outcome play_any(std::uint64_t seed, const HistoryStory& story) {
  return play_history(seed, story);
}

// What all the seeds did together.
std::map<std::string, int> expect_story(const auto& story) {
  std::map<std::string, int> done;
  const std::uint64_t first = from_environment("VARVE_SIM_FIRST", 1);
  const std::uint64_t seeds = from_environment("VARVE_SIM_SEEDS", 12);
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    const Outcome outcome = play_any(seed, story);
    for (const std::string& failure : outcome.failures) {
      ADD_FAILURE() << "seed " << seed << ": " << failure;
    }
    if (!outcome.failures.empty()) return done;
    for (const auto& [what, count] : outcome.done) done[what] += count;
    EXPECT_GT(outcome.commits, 0U) << "seed " << seed << ": nothing was committed, nothing proven";
  }
  for (const auto& [what, count] : done) ::testing::Test::RecordProperty(what, count);
  return done;
}

TEST(Simulation, OneServerKeepsEveryPromise) {
  Story story;
  story.servers = 1;
  expect_story(story);
}

// What the default deployment is: it remembers which staging tokens are empty and which stretches
// are deleted, because nobody else writes.
TEST(Simulation, TheOnlyWriterKeepsEveryPromise) {
  Story story;
  story.servers = 1;
  story.is_single_writer = true;
  expect_story(story);
}

TEST(Simulation, TheOnlyWriterMayFailAndCrash) {
  Story story;
  story.servers = 1;
  story.is_single_writer = true;
  story.crashes = 8;
  story.rates = FaultRates{.unavailable = 5, .lost_reply = 5};
  expect_story(story);
}

TEST(Simulation, AFleetKeepsEveryPromise) {
  Story story;
  story.servers = 3;
  story.committers = 3;
  story.mergers = 2;
  expect_story(story);
}

TEST(Simulation, LostRepliesAndFailuresLoseNothing) {
  Story story;
  story.rates = FaultRates{.unavailable = 10, .lost_reply = 10};
  expect_story(story);
}

TEST(Simulation, CrashesAtAnyTurnLoseNothing) {
  Story story;
  story.servers = 2;
  story.crashes = 8;
  story.rates = FaultRates{.unavailable = 2, .lost_reply = 2};
  expect_story(story);
}

TEST(Histories, OneServerKeepsEveryPromise) {
  HistoryStory story;
  story.servers = 1;
  story.has_main_writer = true;
  expect_story(story);
}

TEST(Histories, TheOnlyWriterMayFailAndCrash) {
  HistoryStory story;
  story.servers = 1;
  story.is_single_writer = true;
  story.crashes = 4;
  story.rates = FaultRates{.unavailable = 4, .lost_reply = 4};
  expect_story(story);
}

TEST(Histories, AFleetKeepsEveryPromise) {
  const std::map<std::string, int> done = expect_story(HistoryStory());
  for (const char* verb : {"commit", "merge", "squash", "revert", "cherry-pick", "import"}) {
    EXPECT_TRUE(done.contains(verb)) << "nobody ever did a " << verb << ", so nothing is proven";
  }
  EXPECT_TRUE(done.contains("merge refused")) << "no conflict was ever met";
}

TEST(Histories, AFleetWhoseMainIsWrittenToKeepsEveryPromise) {
  HistoryStory story;
  story.has_main_writer = true;
  expect_story(story);
}

TEST(Histories, SweepsTakeNothingThatIsNeeded) {
  HistoryStory story;
  story.has_main_writer = true;
  story.sweeps = 40;
  story.rates = FaultRates{.unavailable = 2, .lost_reply = 2};
  EXPECT_GT(expect_story(story)["compaction"], 0) << "no tokens were ever merged meanwhile";
}

TEST(Histories, LostRepliesAndFailuresLoseNothingAndDoNothingTwice) {
  HistoryStory story;
  story.rates = FaultRates{.unavailable = 5, .lost_reply = 10};
  expect_story(story);
}

TEST(Histories, AStormOfFaultsLosesNothingAndDoesNothingTwice) {
  HistoryStory story;
  story.operations = 10;
  story.crashes = 3;
  story.rates = FaultRates{.unavailable = 40, .lost_reply = 40};
  expect_story(story);
}

TEST(Histories, CrashesAtAnyTurnLoseNothingAndDoNothingTwice) {
  HistoryStory story;
  story.crashes = 8;
  story.has_main_writer = true;
  story.rates = FaultRates{.unavailable = 2, .lost_reply = 2};
  expect_story(story);
}

TEST(Histories, TheSameSeedIsTheSameRun) {
  HistoryStory story;
  story.rates = FaultRates{.unavailable = 10, .lost_reply = 10};
  EXPECT_EQ(play_history(7, story), play_history(7, story));
}

TEST(Simulation, TheSameSeedIsTheSameRun) {
  Story story;
  story.rates = FaultRates{.unavailable = 20, .lost_reply = 20};
  EXPECT_EQ(play(7, story), play(7, story));
}

}  // namespace
}  // namespace varve::sim
