#include "s3/claim.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "http/message.h"
#include "kernel/sigv2.h"
#include "s3/address.h"

namespace varve::s3 {
namespace {

constexpr const char* Secret = "secret";
constexpr const char* Date = "Wed, 28 Mar 2007 01:29:59 GMT";

// Whether a listing of `sent`, signed as one of `signed_path`, is taken.
bool accepts(std::string sent, std::string_view signed_path) {
  http::Headers headers;
  headers.add("Host", "127.0.0.1");
  headers.add("Date", Date);
  const auto fields = fields_of(headers);
  const kernel::SigV2Request text{"GET", "", signed_path, {}, fields, Date};
  const std::string signature = kernel::sigv2_signature(Secret, kernel::sigv2_string_to_sign(text));
  headers.add("Authorization", "AWS key:" + signature);
  const http::Request request =
      http::make_request(http::Method::Get, std::move(sent), std::move(headers), "");
  const http::Query query = http::Query::parse(request.query);
  const auto claim = read_claim(request, query);
  if (!claim) return false;
  const Address address = parse_address(request.host, request.path, {});
  const ClaimCheck check{*claim, request, query, address, request.path, Secret, claim->time};
  return check_v2(check).has_value();
}

TEST(SigV2Claim, OfABucketIsSignedWithOrWithoutItsSlash) {
  EXPECT_TRUE(accepts("/bucket", "/bucket"));
  EXPECT_TRUE(accepts("/bucket?prefix=main/", "/bucket/"));
  EXPECT_TRUE(accepts("/bucket/", "/bucket/"));
  EXPECT_TRUE(accepts("/bucket/main/key", "/bucket/main/key"));
}

TEST(SigV2Claim, OfAKeyIsSignedAsSent) {
  EXPECT_FALSE(accepts("/bucket/main/key", "/bucket/main/key/"));
  EXPECT_FALSE(accepts("/bucket/main/key/", "/bucket/main/key"));
  EXPECT_FALSE(accepts("/bucket/", "/bucket"));
  EXPECT_FALSE(accepts("/bucket", "/other/"));
}

}  // namespace
}  // namespace varve::s3
