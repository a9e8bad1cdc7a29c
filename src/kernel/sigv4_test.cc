#include "kernel/sigv4.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"

namespace varve::kernel {
namespace {

constexpr std::string_view Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
constexpr std::string_view Time = "20130524T000000Z";
constexpr std::string_view Host = "examplebucket.s3.amazonaws.com";
const SigV4Scope Scope{"20130524", "us-east-1", "s3"};

std::string hex_sha(std::string_view bytes) { return base::hex_encode(base::sha256(bytes)); }

struct Case {
  const char* name;
  std::string_view method;
  std::string_view path;  // decoded
  std::vector<SigV4Field> query;
  std::vector<SigV4Field> headers;
  std::string payload;
  std::string_view want;
};

std::string signature_of(const Case& one) {
  std::vector<std::string> names;
  for (const SigV4Field& field : one.headers) names.emplace_back(field.name);
  std::sort(names.begin(), names.end());
  const SigV4Request request{one.method, one.path, one.query, one.headers, one.payload};
  const auto text =
      sigv4_string_to_sign(Time, Scope.text(), sigv4_canonical_request(request, names));
  return sigv4_signature(sigv4_signing_key(Secret, Scope), text);
}

class Published : public ::testing::TestWithParam<Case> {};

TEST_P(Published, SignatureIsAmazons) { EXPECT_EQ(signature_of(GetParam()), GetParam().want); }

const std::string Empty(EmptySha256);
INSTANTIATE_TEST_SUITE_P(
    SigV4, Published,
    ::testing::Values(
        Case{"get_range",
             "GET",
             "/test.txt",
             {},
             {{"host", Host},
              {"range", "bytes=0-9"},
              {"x-amz-content-sha256", EmptySha256},
              {"x-amz-date", Time}},
             Empty,
             "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
        Case{"put",
             "PUT",
             "/test$file.text",
             {},
             {{"date", "Fri, 24 May 2013 00:00:00 GMT"},
              {"host", Host},
              {"x-amz-content-sha256",
               "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"},
              {"x-amz-date", Time},
              {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
             "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
             "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
        Case{"lifecycle",
             "GET",
             "/",
             {{"lifecycle", ""}},
             {{"host", Host}, {"x-amz-content-sha256", EmptySha256}, {"x-amz-date", Time}},
             Empty,
             "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
        Case{"list",
             "GET",
             "/",
             {{"prefix", "J"}, {"max-keys", "2"}},
             {{"host", Host}, {"x-amz-content-sha256", EmptySha256}, {"x-amz-date", Time}},
             Empty,
             "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
        Case{"presigned",
             "GET",
             "/test.txt",
             {{"X-Amz-Algorithm", "AWS4-HMAC-SHA256"},
              {"X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"},
              {"X-Amz-Date", Time},
              {"X-Amz-Expires", "86400"},
              {"X-Amz-SignedHeaders", "host"},
              {"X-Amz-Signature", "left out"}},
             {{"host", Host}},
             "UNSIGNED-PAYLOAD",
             "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"}),
    [](const auto& info) { return info.param.name; });

TEST(CanonicalRequest, KeepsThePathAsItIsAndEncodesItOnce) {
  const std::vector<SigV4Field> headers{{"Host", "h"}};
  const std::vector<std::string> names{"host"};
  const SigV4Request request{"GET", "/a//b/../c d+e%\xC3\xA9~*", {}, headers, "UNSIGNED-PAYLOAD"};
  EXPECT_EQ(sigv4_canonical_request(request, names),
            "GET\n/a//b/../c%20d%2Be%25%C3%A9~%2A\n\nhost:h\n\nhost\nUNSIGNED-PAYLOAD");
}

TEST(CanonicalRequest, SortsRepeatedParametersByNameThenValue) {
  const std::vector<SigV4Field> query{{"a", "2"}, {"b c", "/"}, {"a", "1"}, {"delete", ""}};
  const SigV4Request request{"POST", "", query, {}, "x"};
  EXPECT_EQ(sigv4_canonical_request(request, {}), "POST\n/\na=1&a=2&b%20c=%2F&delete=\n\n\nx");
}

TEST(CanonicalRequest, JoinsRepeatedHeadersAndCollapsesBlanks) {
  const std::vector<SigV4Field> headers{
      {"X-Amz-Meta-A", "  one   two "}, {"host", "h:80"}, {"x-amz-meta-a", "three\r\n four"}};
  const std::vector<std::string> names{"host", "x-amz-meta-a"};
  const SigV4Request request{"GET", "/", {}, headers, "x"};
  EXPECT_EQ(sigv4_canonical_request(request, names),
            "GET\n/\n\nhost:h:80\nx-amz-meta-a:one two,three four\n\nhost;x-amz-meta-a\nx");
}

constexpr std::string_view GoodCredential = "Credential=AK/20130524/us-east-1/s3/aws4_request";
constexpr std::string_view GoodHeaders = "SignedHeaders=host;x-amz-date";
const std::string GoodSignature = "Signature=" + std::string(64, 'a');

std::string header_of(std::initializer_list<std::string_view> fields, std::string_view separator) {
  std::string text = "AWS4-HMAC-SHA256 ";
  for (const auto field : fields) text.append(field).append(separator);
  return text;
}

TEST(Authorization, TakesItsFieldsInAnyOrderWithOrWithoutBlanks) {
  for (const std::string& text :
       {header_of({GoodCredential, GoodHeaders, GoodSignature}, ", "),
        header_of({GoodSignature, GoodCredential, GoodHeaders}, ","),
        header_of({GoodHeaders, GoodSignature, GoodCredential}, " ,\t")}) {
    const auto parsed = parse_sigv4_authorization(text);
    ASSERT_TRUE(parsed.has_value()) << text;
    EXPECT_EQ(parsed->credential.access_key_id, "AK");
    EXPECT_EQ(parsed->credential.scope.text(), "20130524/us-east-1/s3/aws4_request");
    EXPECT_TRUE(parsed->signs("host"));
    EXPECT_TRUE(parsed->signs("x-amz-date"));
    EXPECT_FALSE(parsed->signs("range"));
  }
}

TEST(Authorization, IsRefusedWhenAPieceIsMissingOrMalformed) {
  const std::string short_signature = "Signature=" + std::string(63, 'a');
  const std::string upper_signature = "Signature=" + std::string(64, 'A');
  for (const std::string& text :
       {std::string("AWS4-HMAC-SHA256"), std::string("AWS4-ECDSA-P256-SHA256 x"),
        std::string("AWS4-HMAC-SHA256X Credential=a"),
        header_of({GoodCredential, GoodHeaders}, ","),
        header_of({GoodCredential, GoodSignature}, ","),
        header_of({GoodHeaders, GoodSignature}, ","),
        header_of({GoodCredential, GoodHeaders, short_signature}, ","),
        header_of({GoodCredential, GoodHeaders, upper_signature}, ","),
        header_of({GoodCredential, GoodHeaders, GoodSignature, "Other=1"}, ","),
        header_of({GoodCredential, GoodCredential, GoodHeaders, GoodSignature}, ","),
        header_of({GoodCredential, "SignedHeaders=", GoodSignature}, ","),
        header_of({GoodCredential, "SignedHeaders=a;;b", GoodSignature}, ",")}) {
    EXPECT_FALSE(parse_sigv4_authorization(text).has_value()) << text;
  }
}

// Each is looked for among the headers before anybody is known.
TEST(Authorization, SignsABoundedNumberOfHeaders) {
  std::string names = "h0";
  for (std::size_t i = 1; i < SignedHeadersMax; ++i) names += ";h" + std::to_string(i);
  EXPECT_TRUE(parse_signed_headers(names).has_value());
  EXPECT_FALSE(parse_signed_headers(names + ";one-more").has_value());
}

TEST(Credential, IsSplitFromTheRight) {
  const auto slashes = parse_sigv4_credential("a/b/c/20130524/us-east-1/s3/aws4_request");
  ASSERT_TRUE(slashes.has_value());
  EXPECT_EQ(slashes->access_key_id, "a/b/c");
  const auto no_region = parse_sigv4_credential("AK/20130524//s3/aws4_request");
  ASSERT_TRUE(no_region.has_value());
  EXPECT_EQ(no_region->scope.region, "");
  for (const auto text :
       {"", "AK", "AK/20130524/us-east-1", "/20130524/us-east-1/s3/aws4_request",
        "AK/2013/us-east-1/s3/aws4_request", "AK/today/us-east-1/s3/aws4_request",
        "AK/20131324/us-east-1/s3/aws4_request", "AK/20130524/us-east-1/s3/aws4"}) {
    EXPECT_FALSE(parse_sigv4_credential(text).has_value()) << text;
  }
}

TEST(SigningKey, IsOfThePublishedExample) {
  const SigV4Scope scope{"20120215", "us-east-1", "iam"};
  EXPECT_EQ(base::hex_encode(sigv4_signing_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", scope)),
            "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d");
}

TEST(ChunkChain, FollowsThePublishedStream) {
  const std::string scope = Scope.text();
  SigV4ChunkChain chain(sigv4_signing_key(Secret, Scope), std::string(Time), scope,
                        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
  EXPECT_EQ(chain.next(hex_sha(std::string(65536, 'a'))),
            "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648");
  EXPECT_EQ(chain.next(hex_sha(std::string(1024, 'a'))),
            "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497");
  EXPECT_EQ(chain.next(EmptySha256),
            "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9");
}

TEST(ChunkChain, SignsThePublishedTrailer) {
  SigV4ChunkChain chain(sigv4_signing_key(Secret, Scope), std::string(Time), Scope.text(),
                        "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");
  chain.next(hex_sha(std::string(65536, 'a')));
  chain.next(hex_sha(std::string(1024, 'a')));
  EXPECT_EQ(chain.next(EmptySha256),
            "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992");
  EXPECT_EQ(chain.trailer("x-amz-checksum-crc32c:sOO8/Q==\n"),
            "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435");
}

}  // namespace
}  // namespace varve::kernel
