// A few seeds on every build, many at night: VARVE_SIM_SEEDS says how many, VARVE_SIM_FIRST where
// to start. A failing seed prints itself; it reproduces the run exactly.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "sim/workloads.h"

namespace varve::sim {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

void expect_story(const Story& story) {
  const std::uint64_t first = from_environment("VARVE_SIM_FIRST", 1);
  const std::uint64_t count = from_environment("VARVE_SIM_SEEDS", 12);
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const Outcome outcome = play(seed, story);
    for (const std::string& failure : outcome.failures) {
      ADD_FAILURE() << "seed " << seed << ": " << failure;
    }
    if (!outcome.failures.empty()) return;
    EXPECT_GT(outcome.commits, 0U) << "seed " << seed << ": nothing was committed, nothing proven";
  }
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

TEST(Simulation, TheSameSeedIsTheSameRun) {
  Story story;
  story.rates = FaultRates{.unavailable = 20, .lost_reply = 20};
  EXPECT_EQ(play(7, story), play(7, story));
}

}  // namespace
}  // namespace varve::sim
