#include "s3/object_reply.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "http/uri.h"
#include "model/records.h"
#include "s3/checksum.h"
#include "s3/errors.h"
#include "s3/object_properties.h"

namespace varve::s3 {
namespace {

Outcome<Selection> part_of(const std::string& number, const std::string& sizes, std::int64_t size) {
  model::Entry entry;
  entry.size = size;
  entry.metadata["::varve::part-sizes"] = sizes;
  return select_bytes(http::Headers(), http::Query::parse("partNumber=" + number), entry);
}

TEST(SelectBytes, APartIsWhereItsSizeSays) {
  const auto second = part_of("2", "5*2,3", 13);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->span.first, 5);
  EXPECT_EQ(second->span.count, 5);
  EXPECT_EQ(second->parts_count, 3U);
  EXPECT_EQ(part_of("3", "5*2,3", 13)->span.first, 10);
  EXPECT_EQ(part_of("4", "5*2,3", 13).error().code(), Code::InvalidPartNumber);
}

// The REST API lets anybody who may write an object write its metadata.
TEST(SelectBytes, SizesThatDoNotMakeUpTheObjectAreNone) {
  const std::string huge = "9000000000000000000";
  for (const std::string& sizes :
       {huge + "," + huge, huge + "*10000", std::string("5,5"), std::string("4,10")}) {
    const auto whole = part_of("1", sizes, 13);
    ASSERT_TRUE(whole.has_value()) << sizes;
    EXPECT_EQ(whole->span.first, 0);
    EXPECT_EQ(whole->span.count, 13);
    EXPECT_FALSE(whole->parts_count.has_value());
    EXPECT_EQ(part_of("2", sizes, 13).error().code(), Code::InvalidPartNumber) << sizes;
  }
}

TEST(UploadProperties, AListingKeepsWhatItShows) {
  model::Metadata metadata{{"X-Amz-Meta-a", std::string(2000, 'x')},
                           {"::varve::cache-control", std::string(60000, 'x')},
                           {"::varve::storage-class", "GLACIER"}};
  UploadNote note;
  note.ref = "main";
  note.checksum = DeclaredChecksum{ChecksumAlgorithm::Crc32, ChecksumType::Composite};
  set_upload_note(metadata, note);
  keep_listed_properties(metadata);
  EXPECT_EQ(metadata.size(), 3U);
  EXPECT_EQ(storage_class(metadata), "GLACIER");
  EXPECT_EQ(upload_note(metadata).ref, "main");
  EXPECT_TRUE(upload_note(metadata).checksum.has_value());
}

}  // namespace
}  // namespace varve::s3
