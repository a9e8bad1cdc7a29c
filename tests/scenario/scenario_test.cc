// Runs every *.txt of this folder against the engine. With VARVE_REWRITE set (`./dev test
// --rewrite`) the expected text is replaced by what happened, and the diff is the review.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/scenario/engine_driver.h"
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

class Scenario : public ::testing::TestWithParam<fs::path> {};

TEST_P(Scenario, PrintsWhatItExpects) {
  const std::string expected = read_file(GetParam());
  const std::unique_ptr<Driver> driver = make_engine_driver();
  const std::string actual = Runner(*driver).run(expected);
  if (std::getenv("VARVE_REWRITE") != nullptr) {
    std::ofstream(GetParam()) << actual;
    return;
  }
  EXPECT_EQ(actual, expected) << "run ./dev test --rewrite and read the diff";
}

INSTANTIATE_TEST_SUITE_P(Engine, Scenario, ::testing::ValuesIn(scenario_files()),
                         [](const auto& info) {
                           std::string name = info.param.stem().string();
                           std::replace_if(
                               name.begin(), name.end(),
                               [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
                           return name;
                         });

TEST(ScenarioFiles, AreThere) { EXPECT_GE(scenario_files().size(), 15U); }

}  // namespace
}  // namespace varve::scenario
