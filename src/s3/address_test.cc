#include "s3/address.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/headers.h"
#include "http/message.h"
#include "s3/errors.h"

namespace varve::s3 {
namespace {

const std::vector<std::string> Domains{"lakefs.example.com"};

struct Row {
  std::string_view host;
  std::string_view path;
  std::string_view repository;
  std::string_view ref;
  std::string_view object;
  bool is_matched;
};

class Addresses : public ::testing::TestWithParam<Row> {};

TEST_P(Addresses, AreSplitByHostAndPath) {
  const Row& row = GetParam();
  const Address got = parse_address(row.host, row.path, Domains);
  EXPECT_EQ(got.repository, row.repository);
  EXPECT_EQ(got.ref, row.ref);
  EXPECT_EQ(got.path, row.object);
  EXPECT_EQ(got.is_matched_host, row.is_matched);
}

INSTANTIATE_TEST_SUITE_P(
    Address, Addresses,
    ::testing::Values(
        //   host                       path             repository ref    path        matched
        Row{"foo.lakefs.example.com", "/", "foo", "", "", true},
        Row{"foo.lakefs.example.com", "", "foo", "", "", true},
        Row{"lakefs.dev", "/foo", "foo", "", "", false},
        Row{"lakefs.dev", "/foo/", "foo", "", "", false},
        Row{"lakefs.dev", "foo/", "foo", "", "", false},
        Row{"foo.lakefs.example.com", "/bar", "foo", "bar", "", true},
        Row{"foo.lakefs.example.com", "/bar/", "foo", "bar", "", true},
        Row{"foo.lakefs.example.com", "bar/", "foo", "bar", "", true},
        Row{"foo.lakefs.example.com", "bar", "foo", "bar", "", true},
        Row{"foo.lakefs.example.com", "bar/a/b/c", "foo", "bar", "a/b/c", true},
        Row{"foo.lakefs.example.com", "/bar/a/b/c", "foo", "bar", "a/b/c", true},
        Row{"foo.lakefs.example.com", "bar/a/b/c/", "foo", "bar", "a/b/c/", true},
        Row{"foo.lakefs.example.com", "/bar/a/b/c/", "foo", "bar", "a/b/c/", true},
        Row{"lakefs.dev", "foo/bar/a/b/c", "foo", "bar", "a/b/c", false},
        Row{"lakefs.dev", "/foo/bar/a/b/c", "foo", "bar", "a/b/c", false},
        Row{"lakefs.dev", "foo/bar/a/b/c/", "foo", "bar", "a/b/c/", false},
        Row{"lakefs.dev", "/foo/bar/a/b/c/", "foo", "bar", "a/b/c/", false},
        Row{"lakefs.example.com", "", "", "", "", true},
        // Ports, case, and what only looks like the domain.
        Row{"lakefs.example.com:8000", "/foo/bar/x", "foo", "bar", "x", true},
        Row{"FOO.LakeFS.Example.Com:80", "/bar/x", "foo", "bar", "x", true},
        Row{"a.b.lakefs.example.com", "/foo/bar/x", "foo", "bar", "x", false},
        Row{"xlakefs.example.com", "/foo/bar/x", "foo", "bar", "x", false},
        Row{".lakefs.example.com", "/foo/bar/x", "foo", "bar", "x", false},
        Row{"[::1]:8000", "/foo/bar/x", "foo", "bar", "x", false},
        Row{"127.0.0.1:8000", "/foo/bar/x", "foo", "bar", "x", false},
        // Slashes are never collapsed.
        Row{"lakefs.dev", "/repo/main//x", "repo", "main", "/x", false},
        Row{"lakefs.dev", "/repo//x", "repo", "", "x", false},
        Row{"lakefs.dev", "//repo/x", "", "repo", "x", false}));

struct KeyRow {
  std::string_view text;
  bool is_ok;
  std::string_view ref;
  std::string_view path;
  bool with_path;
};
class Keys : public ::testing::TestWithParam<KeyRow> {};

TEST_P(Keys, AreSplitAtTheirFirstSlash) {
  const KeyRow& row = GetParam();
  const auto got = split_key(row.text);
  ASSERT_EQ(got.has_value(), row.is_ok);
  if (!got) return;
  EXPECT_EQ(got->ref, row.ref);
  EXPECT_EQ(got->path, row.path);
  EXPECT_EQ(got->with_path, row.with_path);
}

INSTANTIATE_TEST_SUITE_P(Address, Keys,
                         ::testing::Values(KeyRow{"", true, "", "", false},
                                           KeyRow{"main", true, "main", "", false},
                                           KeyRow{"/main", true, "main", "", false},
                                           KeyRow{"main/", true, "main", "", true},
                                           KeyRow{"/main/", true, "main", "", true},
                                           KeyRow{"main/a/b", true, "main", "a/b", true},
                                           KeyRow{"/main/a/b", true, "main", "a/b", true},
                                           KeyRow{"main//a", true, "main", "/a", true},
                                           KeyRow{"/", false, "", "", false},
                                           KeyRow{"//", false, "", "", false},
                                           KeyRow{"//main/x", false, "", "", false}));

TEST(CopySource, IsRepositoryRefAndPath) {
  for (const auto text : {"/repo/main/a/b", "repo/main/a/b", "//repo/main/a/b",
                          "repo%2Fmain%2Fa%2Fb", "/repo/main/a/b?versionId=null"}) {
    const auto got = parse_copy_source(text);
    ASSERT_TRUE(got.has_value()) << text;
    EXPECT_EQ(got->repository + "|" + got->ref + "|" + got->path, "repo|main|a/b") << text;
  }
  EXPECT_EQ(parse_copy_source("r/m/a%3Fb+c%2B?versionId=v")->path, "a?b c+");
  EXPECT_EQ(parse_copy_source("r/m/a?versionId=v")->version_id, "v");
  for (const auto text :
       {"", "/", "repo", "repo/main", "repo/main/", "repo//x", "repo/main/a%zz"}) {
    const auto got = parse_copy_source(text);
    ASSERT_FALSE(got.has_value()) << text;
    EXPECT_EQ(got.error().code(), Code::InvalidArgument);
  }
}

struct MatchRow {
  const char* name;
  std::string_view host;
  std::string_view target;
  std::string_view header;
  std::string_view value;
  bool is_ours;
};
class Matches : public ::testing::TestWithParam<MatchRow> {};

TEST_P(Matches, ByHostOrBySignature) {
  const MatchRow& row = GetParam();
  http::Headers headers;
  headers.add("Host", row.host);
  if (!row.header.empty()) headers.add(row.header, row.value);
  const auto request = http::make_request(http::Method::Get, row.target, std::move(headers));
  EXPECT_EQ(is_gateway_request(request, Domains), row.is_ours);
}

INSTANTIATE_TEST_SUITE_P(
    Address, Matches,
    ::testing::Values(
        MatchRow{"plain", "localhost", "/repo", "", "", false},
        MatchRow{"domain", "lakefs.example.com:8000", "/repo", "", "", true},
        MatchRow{"sub_domain", "repo.lakefs.example.com", "/", "", "", true},
        MatchRow{"two_labels", "a.b.lakefs.example.com", "/", "", "", false},
        MatchRow{"v4", "localhost", "/r", "Authorization", "AWS4-HMAC-SHA256 x", true},
        MatchRow{"v2", "localhost", "/r", "Authorization", "AWS AKIA:x", true},
        MatchRow{"not_v2", "localhost", "/r", "Authorization", "AWSX", false},
        MatchRow{"basic", "localhost", "/r", "Authorization", "Basic YTpi", false},
        MatchRow{"signature_header", "localhost", "/r", "X-Amz-Signature", "x", true},
        MatchRow{"v4_query", "localhost", "/r?X-Amz-Credential=a", "", "", true},
        MatchRow{"v4_query_empty", "localhost", "/r?X-Amz-Credential=", "", "", false},
        MatchRow{"v2_query", "localhost", "/r?AWSAccessKeyId=a", "", "", true},
        MatchRow{"escaped_query", "localhost", "/r?%41WSAccessKeyId=a", "", "", true},
        MatchRow{"other_query", "localhost", "/r?x=AWSAccessKeyId", "", "", false}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace varve::s3
