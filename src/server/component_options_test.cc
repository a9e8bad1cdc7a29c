#include "server/component_options.h"

#include <gtest/gtest.h>

#include <string>

#include "server/config.h"
#include "server/file_limit.h"

namespace varve::server {
namespace {

Settings settings_with(const std::string& key, const std::string& value) {
  ConfigSource source;
  source.preset = Preset::LocalSettings;
  source.flags.emplace_back(key, value);
  return *load_settings(source);
}

// The default of the original is in its source for everybody to read.
TEST(ComponentOptions, NoAddressIsSignedWithAKeyThatEverybodyKnows) {
  const auto signing_key = [](const std::string& key, const std::string& value) {
    return engine_component_options(settings_with(key, value)).signing_key;
  };
  EXPECT_EQ(signing_key("blockstore.signing.secret_key", "mine"), "mine");
  const std::string one = signing_key("auth.encrypt.secret_key", "one");
  EXPECT_EQ(one.find("OVERRIDE"), std::string::npos);
  EXPECT_EQ(one, signing_key("auth.encrypt.secret_key", "one"));
  EXPECT_NE(one, signing_key("auth.encrypt.secret_key", "two"));
}

TEST(FileLimit, ConnectionsLeaveFilesToTheStores) {
  EXPECT_EQ(connections_within(1'000'000), ConnectionsMax);
  EXPECT_EQ(connections_within(20'640), 10000U);
  EXPECT_EQ(connections_within(4096), 1728U);
  EXPECT_EQ(connections_within(1024), 192U);
  EXPECT_EQ(connections_within(256), 32U);
  EXPECT_EQ(connections_within(0), 16U);
  EXPECT_GT(raise_file_limit(), 0U);
}

}  // namespace
}  // namespace varve::server
