#include "base/uuid.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>

#include "base/rng.h"

namespace varve::base {
namespace {

TEST(Uuid, HasTheShapeOfVersionFourAndDoesNotRepeat) {
  const std::regex shape("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  SeededRng rng(7);
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string id = make_uuid(rng);
    EXPECT_TRUE(std::regex_match(id, shape)) << id;
    EXPECT_TRUE(seen.insert(id).second) << id;
  }
}

}  // namespace
}  // namespace varve::base
