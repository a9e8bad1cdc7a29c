#include "format/identity.h"

#include <gtest/gtest.h>
#include <rapidcheck/Assertions.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "format/catalog.h"
#include "format/wire.h"
#include "model/limits.h"
#include "model/records.h"

namespace varve::format {
namespace {

std::string hex(std::string_view bytes) { return base::hex_encode(bytes); }

TEST(AddressWriter, TagsEveryValueAndEveryLength) {
  EXPECT_EQ(
      hex(AddressWriter().string_map({{"type", "ranges"}}).preimage()),
      "0402080000000000000001010208000000000000000474797065010208000000000000000672616e676573");
  EXPECT_EQ(hex(AddressWriter().int64(-2).preimage()), "0208fffffffffffffffe");
  EXPECT_EQ(hex(AddressWriter().bytes("a").preimage()), "000208000000000000000161");
  EXPECT_EQ(hex(AddressWriter().string_list(std::vector<std::string>{}).sha256()),
            "c05d0ae027f29a4a5776bafad29a3b776473f1da64ad40219803783b75286a6d");
}

TEST(EntryIdentity, KnownValue) {
  model::Entry entry;
  entry.size = 11;
  entry.etag = "664c688b4ea9c56730daacfc3d70aeed";
  EXPECT_EQ(hex(entry_identity(entry).view()),
            "56fef3921aa6e7fd62bbe23b2f69db3f9049a54b6f2c7bd886b7eb1a6ca3ab3e");
}

TEST(EntryIdentity, ContentCountsAndPlaceDoesNot) {
  model::Entry entry;
  entry.size = 1;
  entry.etag = "e";
  const model::Identity identity = entry_identity(entry);
  model::Entry moved = entry;
  moved.address = "elsewhere";
  moved.address_type = model::AddressType::Full;
  moved.last_modified = {5, 6};
  EXPECT_EQ(entry_identity(moved), identity);
  model::Entry typed = entry;
  typed.content_type = "text/plain";
  EXPECT_NE(entry_identity(typed), identity);
  model::Entry described = entry;
  described.metadata["k"] = "v";
  EXPECT_NE(entry_identity(described), identity);
}

model::Commit reference_commit() {
  model::Commit commit;
  commit.committer = "user1";
  commit.message = "message1";
  commit.meta_range_id = model::MetaRangeId("deadbeef123");
  commit.creation_date = {1606834800, 0};
  commit.metadata = {{"foo", "bar"}};
  return commit;
}

TEST(CommitId, KnownValues) {
  model::Commit commit = reference_commit();
  EXPECT_EQ(commit_id(commit).view(),
            "fac53a04432b2e6e7185f3ac8314a874c556b2557adf3aa8d5b1df985cf96566");
  commit.creation_date.seconds = -62135596800;
  commit.parents = {model::CommitId("deadbeef1"), model::CommitId("deadbeef12")};
  EXPECT_EQ(commit_id(commit).view(),
            "2277b5abd2d3ba6b4d35c48a0e358b0c4bcf5cd6d891c67437fb4c4af0d2fd4b");
  model::Commit root;
  root.message = "Repository created";
  root.creation_date = {1700000000, 999999999};
  EXPECT_EQ(commit_id(root).view(),
            "e7720703b5e19f0c37c665b0bf14fc291522d882cd951d854edb8b1f1c33689d");
}

TEST(CommitId, OfTheTwentiethInALine) {
  model::Commit commit = reference_commit();
  for (int i = 1; i < 20; ++i) {
    commit.parents = {commit_id(commit)};
    ++commit.creation_date.seconds;
  }
  EXPECT_EQ(commit_id(commit).view(),
            "663b7520a2a05aaeed17de6136fa80eb5cd8417982011eb551230571ee412f2f");
}

TEST(CommitId, BookkeepingTakesNoPart) {
  const model::Commit commit = reference_commit();
  model::Commit other = commit;
  other.id = model::CommitId("x");
  other.version = 0;
  other.generation = 9;
  other.creation_date.nanos = 5;
  EXPECT_EQ(commit_id(other), commit_id(commit));
  other.parents = {model::CommitId("a"), model::CommitId("b")};
  model::Commit swapped = other;
  std::swap(swapped.parents[0], swapped.parents[1]);
  EXPECT_NE(commit_id(other), commit_id(swapped));
}

TEST(Framing, SizesAreSignedVarints) {
  EXPECT_EQ(hex(frame_value(std::string(32, 'i'), "d")).substr(0, 2), "40");
  EXPECT_EQ(hex(frame_value(std::string(64, 'i'), "d")).substr(0, 4), "8001");
  EXPECT_EQ(hex(frame_value("", "")), "0000");
}

RC_GTEST_PROP(Framing, RoundTripsAndIgnoresWhatFollows,
              (const std::string& identity, const std::string& data, const std::string& more)) {
  const base::Bytes value = frame_value(identity, data) + more;
  const auto framed = parse_value(value);
  RC_ASSERT(framed.has_value());
  RC_ASSERT(framed->identity == identity);
  RC_ASSERT(framed->data == data);
}

TEST(Framing, RefusesSizesThatCannotBe) {
  base::Bytes huge;
  put_svarint(huge, static_cast<std::int64_t>(model::ValueComponentBytesMax) + 1);
  huge.append(model::ValueComponentBytesMax + 1, 'x');
  const std::string_view bad[] = {std::string_view(""), "\x01",       "\x02", "\x02x",
                                  "\x02x\x01",          "\x02x\x04y", huge};
  for (const std::string_view value : bad) {
    const auto framed = parse_value(value);
    ASSERT_FALSE(framed.has_value()) << hex(value.substr(0, 8));
    EXPECT_EQ(framed.error().code(), base::Code::Corruption);
  }
}

// The first record of the real range in the reference: its identity is its entry's.
TEST(Framing, ARealRecordDecodes) {
  base::Bytes value;
  ASSERT_TRUE(
      base::hex_decode("4056fef3921aa6e7fd62bbe23b2f69db3f9049a54b6f2c7bd886b7eb1a6ca3ab3eac01"
                       "0a206230633936383733366438663432613262316336323834383335663038323236"
                       "120c08809caf880610cb94d3e001180b"
                       "22203636346336383862346561396335363733306461616366633364373061656564"
                       "3001",
                       value));
  const auto framed = parse_value(value);
  ASSERT_TRUE(framed.has_value());
  const auto entry = decode_entry(framed->data);
  ASSERT_TRUE(entry.has_value());
  EXPECT_EQ(entry->address, "b0c968736d8f42a2b1c6284835f08226");
  EXPECT_EQ(entry->size, 11);
  EXPECT_EQ(entry->etag, "664c688b4ea9c56730daacfc3d70aeed");
  EXPECT_EQ(entry->address_type, model::AddressType::Relative);
  EXPECT_EQ(entry_identity(*entry).view(), framed->identity);
  EXPECT_EQ(*encode_entry(*entry), framed->data);
}

}  // namespace
}  // namespace varve::format
