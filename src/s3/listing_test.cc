#include "s3/listing.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/objects/objects.h"
#include "http/uri.h"
#include "s3/errors.h"
#include "s3/list_page.h"
#include "s3/upload_page.h"

namespace varve::s3 {
namespace {

http::Query query_of(std::string_view text) { return http::Query::parse(text); }

TEST(Counts, AreCappedAndChecked) {
  EXPECT_EQ(*read_count(query_of(""), "max-keys", 1000, 0), 1000);
  EXPECT_EQ(*read_count(query_of("max-keys="), "max-keys", 1000, 0), 1000);
  EXPECT_EQ(*read_count(query_of("max-keys=0"), "max-keys", 1000, 0), 0);
  EXPECT_EQ(*read_count(query_of("max-keys=7"), "max-keys", 1000, 0), 7);
  EXPECT_EQ(*read_count(query_of("max-keys=5000"), "max-keys", 1000, 0), 1000);
  EXPECT_EQ(*read_count(query_of("max-keys=99999999999999999999"), "max-keys", 1000, 0), 1000);
  for (const auto text : {"max-keys=-1", "max-keys=abc", "max-keys=1.5", "max-keys=1x"}) {
    EXPECT_EQ(read_count(query_of(text), "max-keys", 1000, 0).error().code(), Code::InvalidArgument)
        << text;
  }
  EXPECT_FALSE(read_count(query_of("max-buckets=0"), "max-buckets", 10, 1).has_value());
}

TEST(Counts, AreRefusedBeyondTheirRangeWhereS3DoesSo) {
  EXPECT_EQ(*read_count_within(query_of(""), "max-buckets", 10000, 1), 10000);
  EXPECT_EQ(*read_count_within(query_of("max-buckets=10000"), "max-buckets", 10000, 1), 10000);
  for (const auto text : {"max-buckets=0", "max-buckets=10001", "max-buckets=x",
                          "max-buckets=99999999999999999999"}) {
    EXPECT_EQ(read_count_within(query_of(text), "max-buckets", 10000, 1).error().code(),
              Code::InvalidArgument)
        << text;
  }
}

TEST(Tokens, GoThereAndBack) {
  const std::string key("main/a\x01b é");
  EXPECT_EQ(*read_token(make_token(key)), key);
  EXPECT_EQ(*read_token("main/raw"), "main/raw");
  EXPECT_EQ(*read_token(""), "");
  EXPECT_EQ(read_token("varve.***").error().code(), Code::InvalidArgument);
}

TEST(Keys, AreEncodedButForAFewCharacters) {
  EXPECT_EQ(encode_key("main/a b+c%d=e&f*g~h_i-j.k"), "main/a%20b%2Bc%25d%3De%26f*g%7Eh_i-j.k");
  EXPECT_EQ(encode_key("h\xC3\xA9\x01"), "h%C3%A9%01");
}

struct MarkerRow {
  std::string_view marker;
  bool is_past_end;
  std::string_view after;
};
class Markers : public ::testing::TestWithParam<MarkerRow> {};
TEST_P(Markers, CutOffInTheByteOrderOfWholeKeys) {
  const MarkerEffect got = apply_marker(GetParam().marker, "main");
  EXPECT_EQ(got.is_past_end, GetParam().is_past_end);
  EXPECT_EQ(got.after, GetParam().after);
}
INSTANTIATE_TEST_SUITE_P(
    Listing, Markers,
    ::testing::Values(MarkerRow{"", false, ""}, MarkerRow{"main/b", false, "b"},
                      MarkerRow{"/main/b", false, "b"}, MarkerRow{"main/", false, ""},
                      MarkerRow{"main", false, ""}, MarkerRow{"dev/z", false, ""},
                      MarkerRow{"abc", false, ""}, MarkerRow{"zzz", true, ""},
                      MarkerRow{"zzz/a", true, ""},
                      // `-` sorts before `/`, `0` behind it.
                      MarkerRow{"main-2/a", false, ""}, MarkerRow{"main0", true, ""}));

ListPage page_of(std::string_view query) {
  auto page = read_list_request(query_of(query), "repo");
  EXPECT_TRUE(page.has_value());
  page->ref = "main";
  page->owner = "me";
  return *std::move(page);
}

engine::ObjectRow object(std::string path) {
  engine::ObjectRow row;
  row.path = std::move(path);
  row.entry.emplace();
  row.entry->etag = "e";
  row.entry->size = 3;
  return row;
}

TEST(ListPage, OfVersion2HasTheElementsInOrder) {
  ListPage page = page_of("list-type=2&prefix=main/&delimiter=/&max-keys=2&start-after=main/0");
  page.rows.push_back(object("a"));
  page.rows.push_back(engine::ObjectRow{"d/", std::nullopt});
  page.is_truncated = true;
  EXPECT_EQ(
      render(page).substr(38),
      "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>repo</Name>"
      "<IsTruncated>true</IsTruncated><Prefix>main/</Prefix><Delimiter>/</Delimiter>"
      "<KeyCount>2</KeyCount><MaxKeys>2</MaxKeys>"
      "<CommonPrefixes><Prefix>main/d/</Prefix></CommonPrefixes>"
      "<NextContinuationToken>varve.bWFpbi9kLw</NextContinuationToken>"
      "<StartAfter>main/0</StartAfter>"
      "<Contents><Key>main/a</Key><LastModified>1970-01-01T00:00:00.000Z</LastModified>"
      "<ETag>&quot;e&quot;</ETag><Size>3</Size><StorageClass>STANDARD</StorageClass></Contents>"
      "</ListBucketResult>");
}

TEST(ListPage, OfVersion1HasMarkersAndOwners) {
  ListPage page = page_of("prefix=main/&marker=main/0");
  page.rows.push_back(object("a"));
  page.is_truncated = true;
  const std::string without = render(page);
  EXPECT_EQ(without.find("NextMarker"), std::string::npos);  // no delimiter was sent
  EXPECT_EQ(without.find("KeyCount"), std::string::npos);
  EXPECT_NE(without.find("<Marker>main/0</Marker>"), std::string::npos);
  EXPECT_NE(without.find("<Owner><DisplayName>me</DisplayName><ID>me</ID></Owner>"),
            std::string::npos);
  page.delimiter = "/";
  EXPECT_NE(render(page).find("<NextMarker>main/a</NextMarker>"), std::string::npos);
}

TEST(ListPage, EncodesKeysIfAsked) {
  ListPage page = page_of("list-type=2&prefix=main/&encoding-type=url");
  page.rows.push_back(object("a b"));
  const std::string xml = render(page);
  EXPECT_NE(xml.find("<Key>main/a%20b</Key>"), std::string::npos);
  EXPECT_NE(xml.find("<EncodingType>url</EncodingType>"), std::string::npos);
}

TEST(ListRequest, RefusesWhatItDoesNotKnow) {
  for (const auto text : {"list-type=3", "encoding-type=gzip", "max-keys=-1"}) {
    EXPECT_EQ(read_list_request(query_of(text), "r").error().code(), Code::InvalidArgument) << text;
  }
}

// ---- Uploads in progress ----

UploadRow upload(std::string key, std::string id) {
  UploadRow row;
  row.key = std::move(key);
  row.upload.id = model::UploadId(std::move(id));
  return row;
}

std::string selected(std::string_view text) {
  const auto query = read_upload_query(query_of(text), "repo");
  EXPECT_TRUE(query.has_value());
  const UploadPage page =
      select_uploads(*query, {upload("main/b", "2"), upload("main/a", "3"), upload("dev/x/1", "5"),
                              upload("main/a", "1"), upload("dev/x/2", "4")});
  std::string out;
  for (const UploadRow& row : page.rows) out += row.key + ":" + row.upload.id.str() + " ";
  for (const std::string& prefix : page.common_prefixes) out += prefix + " ";
  if (page.is_truncated) out += "... " + page.next_key + ":" + page.next_id;
  return out;
}

TEST(UploadPage, IsOrderedByKeyThenId) {
  EXPECT_EQ(selected(""), "dev/x/1:5 dev/x/2:4 main/a:1 main/a:3 main/b:2 ");
}
TEST(UploadPage, StopsAndGoesOn) {
  EXPECT_EQ(selected("max-uploads=3"), "dev/x/1:5 dev/x/2:4 main/a:1 ... main/a:1");
  EXPECT_EQ(selected("max-uploads=3&key-marker=main/a&upload-id-marker=1"), "main/a:3 main/b:2 ");
  EXPECT_EQ(selected("key-marker=main/a"), "main/b:2 ");
  EXPECT_EQ(selected("upload-id-marker=3"), "dev/x/1:5 dev/x/2:4 main/a:1 main/a:3 main/b:2 ");
  EXPECT_EQ(selected("max-uploads=0"), "");
}
TEST(UploadPage, FoldsAndFilters) {
  EXPECT_EQ(selected("prefix=main/a"), "main/a:1 main/a:3 ");
  EXPECT_EQ(selected("delimiter=/"), "dev/ main/ ");
  EXPECT_EQ(selected("delimiter=/&max-uploads=1"), "dev/ ... dev/:");
  EXPECT_EQ(selected("delimiter=/&key-marker=dev/"), "main/ ");
  EXPECT_EQ(selected("prefix=dev/&delimiter=/"), "dev/x/ ");
}

}  // namespace
}  // namespace varve::s3
