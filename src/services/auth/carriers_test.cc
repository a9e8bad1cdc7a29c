// What carries a login: Authorization headers, cookies, and the shapes of keys and addresses.
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <regex>
#include <string>

#include "base/bytes.h"
#include "base/rng.h"
#include "base/time.h"
#include "services/auth/expiring_cache.h"
#include "services/auth/names.h"
#include "services/auth/principal.h"
#include "services/auth/request_credentials.h"
#include "services/auth/session_cookie.h"

namespace varve::services {
namespace {

TEST(RequestCredentials, BearerIsTwoWords) {
  EXPECT_EQ(bearer_token("Bearer x.y.z"), "x.y.z");
  EXPECT_EQ(bearer_token("bEARER  x"), "x");
  EXPECT_EQ(bearer_token("  Bearer x  "), "x");
  for (const char* none : {"", "Bearer", "Bearer ", "Bearer a b", "Basic x", "Bearerx y", "x"}) {
    EXPECT_FALSE(bearer_token(none).has_value()) << none;
  }
}

TEST(RequestCredentials, BasicIsBase64OfTwoParts) {
  const auto pair = basic_pair("basic " + base::base64_encode("id:se:cret"));
  ASSERT_TRUE(pair.has_value());
  EXPECT_EQ(pair->first, "id");
  EXPECT_EQ(pair->second, "se:cret");
  EXPECT_EQ(basic_pair("Basic " + base::base64_encode(":"))->first, "");
  for (const char* none : {"", "Basic", "Basic !!!", "Basic bm9jb2xvbg==", "Bearer YTpi",
                           "Digest x", "AWS4-HMAC-SHA256 Credential=x"}) {
    EXPECT_FALSE(basic_pair(none).has_value()) << none;
  }
}

TEST(SessionCookie, ComesBackUntilItIsOldOrAltered) {
  const std::string value = encode_session("token", 1000, "key");
  EXPECT_EQ(decode_session(value, 1000, "key"), "token");
  EXPECT_EQ(decode_session(value, 1000 + SessionCookieSecondsMax, "key"), "token");
  EXPECT_FALSE(decode_session(value, 1001 + SessionCookieSecondsMax, "key").has_value());
  EXPECT_FALSE(decode_session(value, 1000, "other").has_value());
  EXPECT_FALSE(decode_session("garbage", 1000, "key").has_value());
  EXPECT_FALSE(decode_session("", 1000, "key").has_value());
  for (std::size_t i = 0; i < value.size(); ++i) {
    std::string altered = value;
    altered[i] = altered[i] == 'A' ? 'E' : 'A';
    EXPECT_FALSE(decode_session(altered, 1000, "key").has_value()) << i;
  }
}

TEST(SessionCookie, HoldsNothingACookieMayNot) {
  const std::string value = encode_session(std::string(300, '\x7f') + ";, \"", 1, "key");
  EXPECT_TRUE(std::regex_match(value, std::regex("[A-Za-z0-9_.-]+"))) << value;
}

TEST(SessionCookie, IsFoundAmongOthers) {
  EXPECT_EQ(find_cookie("a=1; b=2;c=3", "b"), "2");
  EXPECT_EQ(find_cookie("a=1; b=2;c=3", "c"), "3");
  EXPECT_EQ(find_cookie("b=\"x y\"", "b"), "x y");
  EXPECT_EQ(find_cookie("b=", "b"), "");
  EXPECT_FALSE(find_cookie("ab=1; b", "b").has_value());
  EXPECT_FALSE(find_cookie("", "b").has_value());
}

TEST(Names, MailAddresses) {
  for (const char* good : {"a@example.org", "test@acme.co", "first.last+tag@sub.example-x.com"}) {
    EXPECT_TRUE(is_email_address(good)) << good;
  }
  for (const char* bad :
       {"", "nonsense", "A B <a@example.org>", "a@b", "@example.org", "a@", "a@.org", "a@example.",
        ".a@example.org", "a..b@example.org", "a b@example.org", "a@exa mple.org", "a@-x.org",
        "a@example.1", "a@b@example.org", "a@[127.0.0.1]"}) {
    EXPECT_FALSE(is_email_address(bad)) << bad;
  }
}

TEST(Names, GeneratedKeysHaveTheShapeClientsCheck) {
  base::SeededRng rng(3);
  for (int i = 0; i < 50; ++i) {
    const KeyPair pair = generate_key_pair(rng);
    EXPECT_TRUE(std::regex_match(pair.access_key_id, std::regex("AKIAJ[A-Z2-7]{14}Q")));
    EXPECT_TRUE(std::regex_match(pair.secret.reveal(), std::regex("[A-Za-z0-9+/]{40}")));
  }
}

TEST(ExpiringCache, KeepsAtMostItsSizeAndSaysWhatIsStale) {
  const base::MonotonicTime start{};
  const base::MonotonicTime later = start + std::chrono::seconds(10);
  ExpiringCache<int> cache(2);
  cache.put("a", 1, later);
  cache.put("b", 2, later);
  EXPECT_TRUE(cache.find("a", start)->is_fresh);
  EXPECT_FALSE(cache.find("a", later)->is_fresh);
  EXPECT_EQ(cache.find("a", later)->value, 1);
  cache.put("c", 3, later);
  EXPECT_FALSE(cache.find("a", start).has_value());
  EXPECT_TRUE(cache.find("b", start).has_value());
  cache.erase("b");
  EXPECT_FALSE(cache.find("b", start).has_value());
  cache.clear();
  EXPECT_FALSE(cache.find("c", start).has_value());
  ExpiringCache<int> none(0);
  none.put("a", 1, later);
  EXPECT_FALSE(none.find("a", start).has_value());
}

}  // namespace
}  // namespace varve::services
