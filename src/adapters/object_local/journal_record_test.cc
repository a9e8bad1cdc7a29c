#include "adapters/object_local/journal_record.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace varve::adapters {
namespace {

using Kind = JournalRecord::Kind;

TEST(JournalRecord, HasTheBytesItsFormatSays) {
  std::string bytes;
  append_record(bytes, 1, {Kind::Put, "ns/a", "xyz"});
  EXPECT_EQ(bytes.substr(4), std::string("\3\0\0\0\4\0\1\0", 8) + "ns/axyz");
  EXPECT_EQ(bytes.size(), bytes_of({Kind::Put, "ns/a", "xyz"}));
}

TEST(JournalRecord, ComesBack) {
  std::string bytes;
  append_record(bytes, 9, {Kind::Put, "a", std::string(1000, 'c')});
  append_record(bytes, 9, {Kind::Name, "b", "0123"});
  append_record(bytes, 9, {Kind::Remove, std::string(1024, 'p'), ""});
  append_record(bytes, 9, {Kind::Leave, "d", ""});
  bytes += std::string(100, '\0');  // the rest of a segment that was not used before
  std::string_view rest = bytes;
  EXPECT_EQ(take_record(rest, 9)->content, std::string(1000, 'c'));
  EXPECT_EQ(take_record(rest, 9)->kind, Kind::Name);
  EXPECT_EQ(take_record(rest, 9)->path, std::string(1024, 'p'));
  EXPECT_EQ(take_record(rest, 9)->kind, Kind::Leave);
  EXPECT_FALSE(take_record(rest, 9));
}

TEST(JournalRecord, OfAnEarlierUseIsNotTaken) {
  std::string bytes;
  append_record(bytes, 1, {Kind::Put, "a", "old"});
  std::string_view rest = bytes;
  EXPECT_FALSE(take_record(rest, 2));
}

TEST(JournalRecord, TornOrDamagedIsTheEnd) {
  std::string bytes;
  append_record(bytes, 1, {Kind::Put, "path", "content"});
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string_view cut = std::string_view(bytes).substr(0, i);
    EXPECT_FALSE(take_record(cut, 1)) << "cut at " << i;
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    std::string_view rest = damaged;
    EXPECT_FALSE(take_record(rest, 1)) << "damaged at " << i;
  }
}

TEST(SegmentName, IsItsNumber) {
  EXPECT_EQ(segment_name(0x1f), "000000000000001f");
  EXPECT_EQ(segment_number("000000000000001f"), 0x1f);
  EXPECT_EQ(segment_number("spare"), std::nullopt);
  EXPECT_EQ(segment_number("00000000000000zz"), std::nullopt);
  EXPECT_EQ(segment_number("1f"), std::nullopt);
}

}  // namespace
}  // namespace varve::adapters
