// Whatever operation of a store fails, at whatever point: every commit's tree can be read, what was
// acknowledged is there, nothing is half visible, and asking again brings the work to its end.
//  [I-3] [I-4] [I-11]
//
// Each story runs once for every n and every kind of fault, with operation n of the store failing,
// on fresh stores; then a healthy server looks at what is left.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/harness_test.h"
#include "format/kv_keys.h"
#include "sim/faults/failing_objects.h"
#include "sim/faults/faults.h"

namespace varve::engine::atomicity {

struct Story {
  std::string name{};
  std::function<void(Stores&, Server&)> before{};    // on a healthy server
  std::function<base::Result<void>(Server&)> act{};  // on the one whose store fails
  std::string unchanged{};                           // what `look` gives before
  std::string done{};                                // and after
  std::function<std::string(Server&)> look{};
  std::string again = "ok";  // what the same answers when it was done before
  std::string also{};        // acknowledged before: what main shows throughout, "a=1 b=2"
};

inline base::Result<void> only_whether(auto result) {
  if (!result.has_value()) return std::move(result).error();
  return {};
}

// Every record of every tree is a range of its own, so that no tree is written in one step.
inline EngineOptions small_ranges() {
  EngineOptions options;
  options.range_bytes_min = 0;
  options.range_raggedness = 1;
  return options;
}

inline constexpr sim::Fault Faults[] = {sim::Fault::Refused, sim::Fault::ReplyLost,
                                        sim::Fault::Crash, sim::Fault::CrashAfter};
inline constexpr int StepsMax = 200;

inline bool is_crash(sim::Fault fault) {
  return fault == sim::Fault::Crash || fault == sim::Fault::CrashAfter;
}
std::string name_of(sim::Fault fault);

// What every branch and tag leads to is there, to the root; and every commit that was ever recorded
// has its whole tree, whether something leads to it or not.
void expect_every_commit_resolves(Stores& stores, Server& server);

class Atomicity : public ::testing::TestWithParam<Story> {
 protected:
  void prepare(Stores& stores);
  // Runs the story with one of the stores failing, and looks.
  void play(Stores& stores, ports::KvStore& kv, ports::ObjectStore& objects, sim::Fault fault);
};

inline std::string list_main(Server& server) { return server.list("main"); }
inline std::string list_head(Server& server) { return server.list("main@"); }

inline std::string story_name(const ::testing::TestParamInfo<Story>& info) {
  return info.param.name;
}

// "a", "b" and "c" committed; then also changes of each kind staged.
void base_commit(Stores& stores, Server& server);
void base_and_staged(Stores& stores, Server& server);

}  // namespace varve::engine::atomicity
