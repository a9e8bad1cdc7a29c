#include "s3/claim.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "http/headers.h"
#include "http/message.h"
#include "http/uri.h"
#include "kernel/sigv2.h"
#include "kernel/sigv4.h"
#include "s3/address.h"
#include "s3/errors.h"
#include "s3/payload.h"
#include "s3/signing_keys.h"

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

// The proof of a listing with the query `sent`, signed as one with `signed_query`.
Outcome<Proof> proof_of(std::string_view sent, std::string_view signed_query) {
  http::Headers headers;
  headers.add("Host", "127.0.0.1");
  headers.add("x-amz-date", "20130524T000000Z");
  const kernel::SigV4Scope scope{"20130524", "us-east-1", "s3"};
  const http::Query query = http::Query::parse(signed_query);
  const auto parameters = fields_of(query);
  const auto fields = fields_of(headers);
  const kernel::SigV4Request text{"GET", "/bucket", parameters, fields, kernel::UnsignedPayload};
  const std::vector<std::string> names{"host", "x-amz-date"};
  const std::string signature = kernel::sigv4_signature(
      kernel::sigv4_signing_key(Secret, scope),
      kernel::sigv4_string_to_sign("20130524T000000Z", scope.text(),
                                   kernel::sigv4_canonical_request(text, names)));
  headers.add("Authorization", "AWS4-HMAC-SHA256 Credential=key/" + scope.text() +
                                   ", SignedHeaders=host;x-amz-date, Signature=" + signature);
  const http::Request request =
      http::make_request(http::Method::Get, "/bucket?" + std::string(sent), std::move(headers), "");
  const http::Query sent_query = http::Query::parse(request.query);
  VARVE_TRY(const Claim claim, read_claim(request, sent_query));
  const Address address = parse_address(request.host, request.path, {});
  SigningKeys keys;
  return check_claim({claim, request, sent_query, address, request.path, Secret, claim.time}, keys);
}

// Else somebody could make another query of a signed one.
TEST(SigV4Claim, APlusMeansWhatWasSigned) {
  const auto bare = proof_of("prefix=a+b", "prefix=a%2Bb");
  ASSERT_TRUE(bare.has_value());
  EXPECT_TRUE(bare->is_plus_literal);
  EXPECT_EQ(http::Query::parse(with_plus_escaped("prefix=a+b")).get("prefix"), "a+b");
  for (const char* query : {"prefix=a%2Bb", "prefix=a%20b"}) {
    const auto escaped = proof_of(query, query);
    ASSERT_TRUE(escaped.has_value());
    EXPECT_FALSE(escaped->is_plus_literal);
  }
  EXPECT_FALSE(proof_of("prefix=a+b", "prefix=a%20b")->is_plus_literal);
  EXPECT_FALSE(proof_of("prefix=a b", "prefix=a%2Bb").has_value());
}

}  // namespace
}  // namespace varve::s3
