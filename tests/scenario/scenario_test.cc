// Runs every *.txt of this folder against the engine, and again over REST. With VARVE_REWRITE set
// (`./dev test --rewrite`) the expected text is replaced by what happened in the engine, and the
// diff is the review.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "tests/scenario/engine_driver.h"
#include "tests/scenario/rest_driver.h"
#include "tests/scenario/runner.h"

namespace varve::scenario {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> scenario_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(VARVE_SOURCE_DIR "/tests/scenario")) {
    if (entry.path().extension() == ".txt" && entry.path().filename() != "CMakeLists.txt") {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// What is behind the verbs.
struct Behind {
  std::string name;
  std::unique_ptr<Driver> (*make)();
  bool is_rewriting;  // where the expected text comes from when it is rewritten

  friend void PrintTo(const Behind& behind, std::ostream* out) { *out << behind.name; }
};

class Scenario : public ::testing::TestWithParam<std::tuple<Behind, fs::path>> {};

TEST_P(Scenario, PrintsWhatItExpects) {
  const auto& [behind, path] = GetParam();
  const std::string expected = read_file(path);
  const std::unique_ptr<Driver> driver = behind.make();
  const std::string actual = Runner(*driver).run(expected);
  if (behind.is_rewriting && std::getenv("VARVE_REWRITE") != nullptr) {
    std::ofstream(path) << actual;
    return;
  }
  EXPECT_EQ(actual, expected) << "run ./dev test --rewrite and read the diff";
}

std::string scenario_name(const ::testing::TestParamInfo<Scenario::ParamType>& info) {
  const auto& [behind, path] = info.param;
  std::string name = behind.name + "_" + path.stem().string();
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    Behaviour, Scenario,
    ::testing::Combine(::testing::Values(Behind{"engine", make_engine_driver, true},
                                         Behind{"rest", make_rest_driver, false}),
                       ::testing::ValuesIn(scenario_files())),
    scenario_name);

TEST(ScenarioFiles, AreThere) { EXPECT_GE(scenario_files().size(), 41U); }

}  // namespace
}  // namespace varve::scenario
