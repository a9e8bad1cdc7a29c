#include "kernel/sigv2.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "kernel/sigv4.h"

namespace varve::kernel {
namespace {

constexpr std::string_view Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

struct Case {
  const char* name;
  std::string_view method;
  std::string_view bucket;
  std::string_view path;
  std::vector<SigV4Field> query;
  std::vector<SigV4Field> headers;
  std::string_view date;
  std::string_view want;
};

class PublishedV2 : public ::testing::TestWithParam<Case> {};

TEST_P(PublishedV2, SignatureIsAmazons) {
  const Case& one = GetParam();
  const SigV2Request request{one.method, one.bucket, one.path, one.query, one.headers, one.date};
  EXPECT_EQ(sigv2_signature(Secret, sigv2_string_to_sign(request)), one.want)
      << sigv2_string_to_sign(request);
}

INSTANTIATE_TEST_SUITE_P(
    SigV2, PublishedV2,
    ::testing::Values(Case{"get",
                           "GET",
                           "johnsmith",
                           "/photos/puppy.jpg",
                           {},
                           {},
                           "Tue, 27 Mar 2007 19:36:42 +0000",
                           "bWq2s1WEIj+Ydj0vQ697zp+IXMU="},
                      Case{"put",
                           "PUT",
                           "johnsmith",
                           "/photos/puppy.jpg",
                           {},
                           {{"Content-Type", "image/jpeg"}},
                           "Tue, 27 Mar 2007 21:15:45 +0000",
                           "MyyxeRY7whkBe+bq8fHCL/2kKUg="},
                      Case{"list",
                           "GET",
                           "johnsmith",
                           "/",
                           {{"prefix", "photos"}, {"max-keys", "50"}, {"marker", "puppy"}},
                           {},
                           "Tue, 27 Mar 2007 19:42:41 +0000",
                           "htDYFYduRNen8P9ZfE/s9SuKy0U="},
                      Case{"acl",
                           "GET",
                           "johnsmith",
                           "/",
                           {{"acl", ""}},
                           {},
                           "Tue, 27 Mar 2007 19:44:46 +0000",
                           "c2WLPFtWHVgbEmeEG93a4cG37dM="},
                      Case{"query",
                           "GET",
                           "johnsmith",
                           "/photos/puppy.jpg",
                           {},
                           {},
                           "1175139620",
                           "NpgCjnDzrM+WFzoENXmpNDUsSn8="},
                      Case{"list_buckets",
                           "GET",
                           "",
                           "/",
                           {},
                           {},
                           "Wed, 28 Mar 2007 01:29:59 +0000",
                           "qGdzdERIC03wnaRNKh6OqZehG9s="}),
    [](const auto& info) { return info.param.name; });

TEST(SigV2StringToSign, CoversSubResourcesWithCapitalsAndNoOthers) {
  const std::vector<SigV4Field> query{
      {"uploadId", "u"}, {"x-id", "UploadPart"}, {"partNumber", "3"}, {"Acl", "1"}};
  const SigV2Request request{"PUT", "", "/b/k", query, {}, "d"};
  EXPECT_EQ(sigv2_string_to_sign(request), "PUT\n\n\nd\n/b/k?partNumber=3&uploadId=u");
}

TEST(SigV2StringToSign, SortsAndJoinsAmzHeadersAndKeepsThePathAsSent) {
  const std::vector<SigV4Field> headers{{"X-Amz-Meta-B", " 2 "},
                                        {"x-amz-acl", "private"},
                                        {"x-amz-meta-b", "3"},
                                        {"Content-MD5", "md5"},
                                        {"Content-Type", "t"}};
  const SigV2Request request{"PUT", "bucket", "/a%20b", {}, headers, ""};
  EXPECT_EQ(sigv2_string_to_sign(request),
            "PUT\nmd5\nt\n\nx-amz-acl:private\nx-amz-meta-b:2,3\n/bucket/a%20b");
}

TEST(SigV2Authorization, IsAKeyAColonAndASignature) {
  const auto good = parse_sigv2_authorization("AWS AKIA:abc=");
  ASSERT_TRUE(good.has_value());
  EXPECT_EQ(good->access_key_id, "AKIA");
  EXPECT_EQ(good->signature, "abc=");
  for (const auto text : {"", "AWS ", "AWS AKIA", "AWS :abc", "AWS AKIA:", "AWX AKIA:abc"}) {
    EXPECT_FALSE(parse_sigv2_authorization(text).has_value()) << text;
  }
}

TEST(JavaV2StringToSign, IsAPostOfTheSortedQueryWithoutItsSignature) {
  const std::vector<SigV4Field> query{
      {"Timestamp", "2026-01-01T00:00:00Z"}, {"signature", "x"}, {"A b", "c/d+~*"}};
  EXPECT_EQ(java_v2_string_to_sign("Host:80", "/p", query),
            "POST\nhost:80\n/p\nA+b=c%2Fd%2B~%2A&Timestamp=2026-01-01T00%3A00%3A00Z");
}

}  // namespace
}  // namespace varve::kernel
