#include "engine/core/core.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "engine/core/address_text.h"
#include "engine/core/upload_index.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::engine {
namespace {

using model::AddressType;

struct AddressRow {
  std::string storage_namespace;
  AddressType type;
  std::string address;
  std::string want;
};

class ResolveAddress : public ::testing::TestWithParam<AddressRow> {};

TEST_P(ResolveAddress, GivesTheWholeAddress) {
  const AddressRow& row = GetParam();
  EXPECT_EQ(
      resolve_address(model::StorageNamespace(row.storage_namespace), row.type, row.address).str(),
      row.want);
}

INSTANTIATE_TEST_SUITE_P(
    Core, ResolveAddress,
    ::testing::Values(
        AddressRow{"s3://b/p", AddressType::Relative, "data/x", "s3://b/p/data/x"},
        AddressRow{"s3://b/p/", AddressType::Relative, "data/x", "s3://b/p/data/x"},
        AddressRow{"s3://b", AddressType::Relative, "data/x", "s3://b/data/x"},
        AddressRow{"s3://b/p", AddressType::Full, "s3://c/y", "s3://c/y"},
        AddressRow{"s3://b/p", AddressType::ByPrefixDeprecated, "s3://c/y", "s3://c/y"},
        AddressRow{"s3://b/p", AddressType::ByPrefixDeprecated, "abc", "s3://b/p/abc"},
        AddressRow{"s3://b/p", AddressType::ByPrefixDeprecated, "odd://x", "s3://b/p/odd://x"}));

TEST(AddressText, APlainPathIsTheOnlyOneOfItsPlace) {
  for (const char* plain : {"a", "a/b", "/a/b", "a/b/", "..a/b..", "a/.b", ""}) {
    EXPECT_TRUE(is_plain_path(plain)) << plain;
    EXPECT_FALSE(has_traversal(plain)) << plain;
  }
  for (const char* roundabout : {"a//b", "//a", "./a", "a/.", "a/./b", "../a", "a/..", "/../a"}) {
    EXPECT_FALSE(is_plain_path(roundabout)) << roundabout;
  }
  EXPECT_FALSE(is_plain_path(std::string_view("a\0b", 3)));
  for (const char* climbing : {"..", "../a", "a/..", "a/../b", "/.."}) {
    EXPECT_TRUE(has_traversal(climbing)) << climbing;
  }
}

TEST(AddressText, TheShownRootIsUndone) {
  EXPECT_EQ(undo_shown_root("local:///srv/root/lake/x", "/srv/root"), "local://lake/x");
  EXPECT_EQ(undo_shown_root("local:///srv/rooted/x", "/srv/root"), "local:///srv/rooted/x");
  EXPECT_EQ(undo_shown_root("local:///x", ""), "local:///x");
  EXPECT_EQ(without_scheme("local:///x"), "/x");
  EXPECT_EQ(without_scheme("x/y"), "x/y");
}

TEST(PrefixEnd, IsTheFirstKeyBeyond) {
  EXPECT_EQ(prefix_end("a/"), "a0");
  EXPECT_EQ(prefix_end("a\xff"), "b");
  EXPECT_EQ(prefix_end("\xff\xff"), "");
  EXPECT_EQ(prefix_end(""), "");
}

TEST(UploadIndex, KeysRoundTripWhateverThePath) {
  const std::string id = "9m4e2mr0ui3e8a215n4g";
  for (const std::string& path : {std::string("a"), std::string("a\0b", 3), std::string("a/b")}) {
    const auto name = parse_upload_index_key(upload_index_key(path, id));
    ASSERT_TRUE(name.has_value());
    EXPECT_EQ(name->path.str(), path);
    EXPECT_EQ(name->id.str(), id);
  }
  EXPECT_FALSE(parse_upload_index_key("uploads/short").has_value());
  EXPECT_FALSE(parse_upload_index_key("branches/main").has_value());
}

}  // namespace
}  // namespace varve::engine
