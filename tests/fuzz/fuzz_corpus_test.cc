// Replays every corpus through its target: what was found once stays found. Each input is also
// tried cut short and with single octets changed, a little fuzzing that every build can afford.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/rng.h"
#include "tests/fuzz/targets.h"

namespace varve::fuzz {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> corpus_of(const std::string& name) {
  std::vector<fs::path> paths;
  for (const auto& entry :
       fs::directory_iterator(fs::path(VARVE_SOURCE_DIR) / "tests/fuzz/corpus" / name)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> inputs;
  for (const fs::path& path : paths) {
    std::ifstream in(path, std::ios::binary);
    inputs.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return inputs;
}

class Corpus : public ::testing::TestWithParam<Target> {
 protected:
  // The input in memory of exactly its size, so that sanitizers see one octet beyond.
  static void run(const std::string& input) {
    const std::vector<std::uint8_t> exact(input.begin(), input.end());
    GetParam().run(exact.data(), exact.size());
  }
};

TEST_P(Corpus, IsHandled) {
  const std::vector<std::string> inputs = corpus_of(GetParam().name);
  EXPECT_FALSE(inputs.empty()) << "a target without a corpus is never tried";
  for (const std::string& input : inputs) run(input);
}

TEST_P(Corpus, IsHandledWhenDamaged) {
  base::SeededRng rng(41);
  run("");
  for (const std::string& input : corpus_of(GetParam().name)) {
    if (input.empty()) continue;
    for (int i = 0; i < 200; ++i) run(input.substr(0, rng.below(input.size())));
    for (int i = 0; i < 400; ++i) {
      std::string damaged = input;
      const std::uint64_t changes = 1 + rng.below(3);
      for (std::uint64_t change = 0; change < changes; ++change) {
        const std::size_t at = rng.below(damaged.size());
        damaged[at] = static_cast<char>(rng.below(256));
      }
      run(damaged);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Fuzz, Corpus, ::testing::ValuesIn(targets()),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace varve::fuzz
