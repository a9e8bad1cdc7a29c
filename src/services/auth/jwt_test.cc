#include "services/auth/jwt.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"

namespace varve::services {
namespace {

std::string signed_with(const std::string& header, const std::string& claims) {
  std::string token =
      base::base64url_encode_nopad(header) + "." + base::base64url_encode_nopad(claims);
  const base::Bytes mac = base::hmac_sha256("secret", token);
  return token + "." + base::base64url_encode_nopad(mac);
}

TEST(Jwt, SignsTheBytesOthersSign) {
  TokenClaims claims;
  claims.id = "i";
  claims.issuer = "auth";
  claims.subject = "ann";
  claims.audience = {"login"};
  claims.issued_at = 1700000000;
  claims.expires_at = 1700003600;
  EXPECT_EQ(sign_token(claims, "secret"),
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
            "eyJqdGkiOiJpIiwiaXNzIjoiYXV0aCIsInN1YiI6ImFubiIsImF1ZCI6ImxvZ2luIiwiaWF0IjoxNzAwMDAwMD"
            "AwLCJleHAiOjE3MDAwMDM2MDB9.3-X943prnrS1sszOrwkPFs4LtgU3WCgAqAp11uPxkr8");
}

TEST(Jwt, ReadsBackWhatItSigned) {
  TokenClaims claims;
  claims.subject = "a\"b\\c\n\xc3\xa9";
  claims.audience = {"x", "y"};
  claims.expires_at = 5;
  const auto read = verify_token(sign_token(claims, "k"), "k");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->subject, claims.subject);
  EXPECT_EQ(read->audience, claims.audience);
  EXPECT_EQ(read->expires_at, 5);
  EXPECT_FALSE(read->not_before.has_value());
}

TEST(Jwt, AcceptsTheLongerDigests) {
  const auto hs384 = verify_token(
      "eyJhbGciOiJIUzM4NCIsInR5cCI6IkpXVCJ9."
      "eyJzdWIiOiJhbm4iLCJhdWQiOlsieCIsImxvZ2luIl0sImV4cCI6NDAwMDAwMDAwMC41LCJleHRyYSI6eyJhIjpbMSxu"
      "d"
      "WxsLCJcdTAwZTkiXX19.0d1DHmZFNOmc94oircZn0N-q6y0JaTFdMZxaRGn6H8tyEldIZAozOCIvd6vE-iAq",
      "secret");
  ASSERT_TRUE(hs384.has_value());
  EXPECT_EQ(hs384->audience, (std::vector<std::string>{"x", "login"}));
  EXPECT_EQ(hs384->expires_at, 4000000000);
  const auto hs512 = verify_token(
      "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.eyJzdWIiOiJhbm4iLCJleHAiOjQwMDAwMDAwMDB9."
      "G8zNxOodHE7yVPsouE13NUm7e6ixKTodJ6qn8ITZZoPlpkEYIqNwd8PEuPw9i91_4_xPcjUYgjKQSLmCKSm02Q",
      "secret");
  ASSERT_TRUE(hs512.has_value());
  EXPECT_TRUE(hs512->audience.empty());
}

struct Row {
  const char* name;
  const char* header;
  const char* claims;
};

class Refused : public ::testing::TestWithParam<Row> {};

TEST_P(Refused, Token) {
  const auto result = verify_token(signed_with(GetParam().header, GetParam().claims), "secret");
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), base::Code::Unauthenticated);
  EXPECT_EQ(result.error().message(), "error authenticating request");
}

INSTANTIATE_TEST_SUITE_P(
    Jwt, Refused,
    ::testing::Values(Row{"no_algorithm", R"({"alg":"none"})", R"({"sub":"a"})"},
                      Row{"no_header_member", R"({"typ":"JWT"})", R"({"sub":"a"})"},
                      Row{"public_key", R"({"alg":"RS256"})", R"({"sub":"a"})"},
                      Row{"critical_extension", R"({"alg":"HS256","crit":["b64"]})", "{}"},
                      Row{"header_not_json", "HS256", "{}"},
                      Row{"claims_not_json", R"({"alg":"HS256"})", R"({"sub":"a")"},
                      Row{"claims_a_list", R"({"alg":"HS256"})", R"(["a"])"},
                      Row{"subject_a_number", R"({"alg":"HS256"})", R"({"sub":1})"},
                      Row{"expiry_a_text", R"({"alg":"HS256"})", R"({"exp":"4000000000"})"},
                      Row{"audience_mixed", R"({"alg":"HS256"})", R"({"aud":["login",1]})"},
                      Row{"text_after_it", R"({"alg":"HS256"})", R"({"sub":"a"} {})"}),
    [](const auto& info) { return info.param.name; });

TEST(Jwt, RefusesWhatWasAltered) {
  TokenClaims claims;
  claims.subject = "ann";
  const std::string token = sign_token(claims, "secret");
  EXPECT_FALSE(verify_token(token, "other").has_value());
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string altered = token;
    altered[i] = altered[i] == 'A' ? 'E' : 'A';
    EXPECT_FALSE(verify_token(altered, "secret").has_value()) << i;
  }
  EXPECT_FALSE(verify_token(token + "x", "secret").has_value());
  EXPECT_FALSE(verify_token("", "secret").has_value());
  EXPECT_FALSE(verify_token("a.b", "secret").has_value());
  EXPECT_FALSE(verify_token(token + ".x", "secret").has_value());
}

}  // namespace
}  // namespace varve::services
