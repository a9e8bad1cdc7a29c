#include "s3/router.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/headers.h"
#include "http/message.h"
#include "http/uri.h"
#include "s3/address.h"

namespace varve::s3 {
namespace {

const std::vector<std::string> Domains{"s3.example.com"};

Route routed(std::string_view method, std::string_view target, http::Headers headers = {},
             RouterOptions options = {}) {
  headers.add("Host", "s3.example.com");
  auto request = http::make_request(http::method_of(method), target, std::move(headers));
  request.method_name = method;
  const Address address = parse_address(request.host, *http::percent_decode(request.path), Domains);
  return route(request, address, request.parse_query(), options);
}

struct Row {
  std::string_view method;
  std::string_view target;
  Endpoint endpoint;
  int status = 0;  // of a refusal
};
class Routes : public ::testing::TestWithParam<Row> {};

TEST_P(Routes, AreOfAClosedSet) {
  const Row& row = GetParam();
  const Route got = routed(row.method, row.target);
  EXPECT_EQ(got.endpoint, row.endpoint) << row.method << " " << row.target;
  EXPECT_EQ(got.refusal ? got.refusal->status() : 0, row.status) << row.method << " " << row.target;
}

using enum Endpoint;
INSTANTIATE_TEST_SUITE_P(
    Router, Routes,
    ::testing::Values(
        // The dispatch matrix (reference 1.3).
        Row{"GET", "/", ListBuckets}, Row{"HEAD", "/", Refused, 405}, Row{"PUT", "/", Refused, 405},
        Row{"POST", "/", Refused, 405}, Row{"DELETE", "/", Refused, 405},
        Row{"GET", "//x/y", ListBuckets}, Row{"PUT", "//x/y", Refused, 404},
        Row{"GET", "/r", ListObjects}, Row{"HEAD", "/r", HeadBucket}, Row{"PUT", "/r", PutBucket},
        Row{"POST", "/r?delete", DeleteObjects}, Row{"POST", "/r", Refused, 405},
        Row{"DELETE", "/r", Refused, 405}, Row{"PATCH", "/r", Refused, 404},
        Row{"GET", "/r/", ListObjects}, Row{"FOO", "/r", Refused, 404},
        Row{"GET", "/r/m/k", GetObject}, Row{"HEAD", "/r/m/k", HeadObject},
        Row{"PUT", "/r/m/k", PutObject}, Row{"DELETE", "/r/m/k", DeleteObject},
        Row{"POST", "/r/m/k?uploads", CreateUpload},
        Row{"POST", "/r/m/k?uploadId=u", CompleteUpload}, Row{"POST", "/r/m/k", Refused, 405},
        Row{"PATCH", "/r/m/k", Refused, 404}, Row{"DELETE", "/r/m/k?uploadId=u", AbortUpload},
        Row{"PUT", "/r/m/k?partNumber=1&uploadId=u", UploadPart},
        Row{"PUT", "/r/m/k?partNumber=1", Refused, 400},
        Row{"PUT", "/r/m/k?uploadId=u", Refused, 400}, Row{"GET", "/r/m/k?uploadId=u", ListParts},
        Row{"GET", "/r/m/k?partNumber=1", GetObject},
        Row{"GET", "/r/m/k?attributes", ObjectAttributes}, Row{"GET", "/r/m", ReadRef},
        Row{"HEAD", "/r/m/", ReadRef}, Row{"PUT", "/r/m/", PutRef},
        Row{"DELETE", "/r/m", DeleteRef}, Row{"POST", "/r/m", Refused, 404},
        Row{"GET", "/r//k", Refused, 404}, Row{"PUT", "/r//k", Refused, 404},
        Row{"OPTIONS", "/r/m/k", Preflight},
        // Sub-resources never fall through.
        Row{"GET", "/?events", Refused, 405}, Row{"HEAD", "/r?acl", Refused, 405},
        Row{"GET", "/r?uploads", ListUploads}, Row{"GET", "/r?location", BucketConfiguration},
        Row{"GET", "/r?policy", BucketConfiguration, 404}, Row{"GET", "/r?events", Refused, 405},
        Row{"GET", "/r?versions", Refused, 405}, Row{"GET", "/r?session", Refused, 501},
        Row{"GET", "/r?inventory&id=x", Refused, 501}, Row{"PUT", "/r?cors", Refused, 405},
        Row{"PUT", "/r?notification", Refused, 405}, Row{"PUT", "/r?inventory", Refused, 501},
        Row{"GET", "/r/m/k?torrent", Refused, 405}, Row{"GET", "/r/m/k?acl", ObjectConfiguration},
        Row{"GET", "/r/m/k?retention", ObjectConfiguration, 404},
        Row{"PUT", "/r/m/k?tagging", Refused, 405}, Row{"PUT", "/r/m/k?acl=", Refused, 405},
        Row{"PUT", "/r/m/k?retention", Refused, 405}, Row{"PUT", "/r/m/k?legal-hold", Refused, 405},
        Row{"PUT", "/r/m/k?renameObject", Refused, 501},
        Row{"PUT", "/r/m/k?annotation", Refused, 501},
        Row{"PUT", "/r/m/k?encryption", Refused, 501}, Row{"POST", "/r/m/k?select", Refused, 405},
        Row{"POST", "/r/m/k?restore", Refused, 405}, Row{"DELETE", "/r/m/k?tagging", Refused, 405},
        // Names nobody knows are ignored.
        Row{"PUT", "/r/m/k?x-id=PutObject", PutObject}, Row{"GET", "/r/m/k?foo", GetObject}));

TEST(Router, TellsCopiesFromPuts) {
  const auto with = [](std::string_view source) {
    http::Headers headers;
    headers.add("x-amz-copy-source", source);
    return headers;
  };
  EXPECT_EQ(routed("PUT", "/r/m/k", with("/r/m/a")).endpoint, CopyObject);
  EXPECT_EQ(routed("PUT", "/r/m/k", with("")).endpoint, PutObject);
  EXPECT_EQ(routed("PUT", "/r/m/k?partNumber=1&uploadId=u", with("/r/m/a")).endpoint,
            UploadPartCopy);
}

TEST(Router, IgnoresUnsupportedNamesOnReadsIfTold) {
  RouterOptions lenient;
  lenient.verify_unsupported = false;
  EXPECT_EQ(routed("GET", "/r?events", {}, lenient).endpoint, ListObjects);
  EXPECT_EQ(routed("GET", "/r/m/k?torrent", {}, lenient).endpoint, GetObject);
  // Never where ignoring would overwrite or delete.
  EXPECT_EQ(routed("PUT", "/r/m/k?tagging", {}, lenient).endpoint, Refused);
  EXPECT_EQ(routed("DELETE", "/r/m/k?tagging", {}, lenient).endpoint, Refused);
}

TEST(Router, DeletesBucketsOnlyWhereTheyCanBeCreated) {
  RouterOptions creating;
  creating.can_create_buckets = true;
  EXPECT_EQ(routed("DELETE", "/r", {}, creating).endpoint, DeleteBucket);
  EXPECT_EQ(routed("DELETE", "/r?policy", {}, creating).endpoint, Refused);
}

TEST(Router, SaysWhatARootAllows) {
  const Route got = routed("PUT", "/");
  ASSERT_TRUE(got.refusal.has_value());
  ASSERT_EQ(got.refusal->headers().size(), 1U);
  EXPECT_EQ(got.refusal->headers()[0].first, "Allow");
}

}  // namespace
}  // namespace varve::s3
