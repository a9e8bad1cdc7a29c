#include "format/metarange.h"

#include <gtest/gtest.h>
#include <rapidcheck/Assertions.h>
#include <rapidcheck/gtest.h>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "format/catalog.h"
#include "format/identity.h"
#include "format/table_writer.h"
#include "model/records.h"

namespace varve::format {
namespace {

model::RangeInfo range(char name, std::string_view min, std::string_view max) {
  model::RangeInfo info;
  info.id = model::RangeId(std::string(64, name));
  info.min_key = min;
  info.max_key = max;
  info.estimated_size = 1000;
  info.count = 2;
  return info;
}

bool same(const model::RangeInfo& a, const model::RangeInfo& b) {
  return a.id == b.id && a.min_key == b.min_key && a.max_key == b.max_key &&
         a.estimated_size == b.estimated_size && a.count == b.count;
}

TEST(MetaRange, TheEmptyOneIsAWholeFile) {
  const auto encoded = encode_metarange({});
  ASSERT_TRUE(encoded.has_value());
  EXPECT_EQ(encoded->id.view(), "00fb7eff1a97c500eb3ca8d2ef5464131d6b6a5f9512e41eba97843522213b66");
  EXPECT_EQ(encoded->bytes.size(), 887U);
  EXPECT_EQ(base::hex_encode(base::sha256(encoded->bytes)),
            "83bf413bf2d8acee9b529d255c0b943d91e65a12ddff2e453726a418922ae61c");
  EXPECT_TRUE(decode_metarange(encoded->bytes)->empty());
  EXPECT_TRUE(verify_metarange_id(encoded->id, encoded->bytes).has_value());
}

TEST(MetaRange, OrderOfTheArgumentDoesNotMatter) {
  const model::RangeInfo a = range('a', "a", "b");
  const model::RangeInfo c = range('c', "c", "c");
  const auto forward = encode_metarange({a, c});
  const auto backward = encode_metarange({c, a});
  ASSERT_TRUE(forward.has_value() && backward.has_value());
  EXPECT_EQ(forward->bytes, backward->bytes);
  const auto back = decode_metarange(backward->bytes);
  ASSERT_TRUE(back.has_value());
  ASSERT_EQ(back->size(), 2U);
  EXPECT_TRUE(same(back->at(0), a));
  EXPECT_TRUE(same(back->at(1), c));
}

TEST(MetaRange, RangesDoNotOverlap) {  // [I-5]
  const std::vector<std::vector<model::RangeInfo>> bad = {
      {range('a', "a", "c"), range('b', "b", "d")},
      {range('a', "a", "c"), range('b', "c", "d")},
      {range('a', "a", "z"), range('b', "b", "c")},
      {range('a', "b", "a")},
  };
  for (const auto& ranges : bad) {
    const auto encoded = encode_metarange(ranges);
    ASSERT_FALSE(encoded.has_value());
    EXPECT_EQ(encoded.error().code(), base::Code::InvalidArgument);
  }
}

TEST(MetaRange, IdsAreSixtyFourHexDigits) {
  model::RangeInfo bad = range('a', "a", "b");
  for (const std::string& id : {std::string(), std::string(63, 'a'), std::string(64, 'A')}) {
    bad.id = model::RangeId(id);
    EXPECT_EQ(encode_metarange({bad}).error().code(), base::Code::InvalidArgument) << id;
  }
}

// What encode_metarange would never write.
base::Bytes forged(const std::vector<model::RangeInfo>& ranges, bool key_is_max) {
  TableWriter table;
  for (const model::RangeInfo& info : ranges) {
    const base::Bytes value = frame_value(info.id.view(), encode_range_data(info));
    table.add(key_is_max ? info.max_key : info.min_key, value);
  }
  return table.finish({{"type", "metaranges"}});
}

TEST(MetaRange, WhatIsReadIsCheckedAgain) {  // [I-5], on the other side of the boundary
  const model::RangeInfo a = range('a', "a", "c");
  const std::vector<base::Bytes> bad = {
      forged({a, range('b', "b", "d")}, true),  // overlapping
      forged({range('a', "c", "b")}, true),     // upside down
      forged({a}, false),                       // keyed by something else
      forged({range('A', "a", "c")}, true),     // no range id
  };
  for (const base::Bytes& bytes : bad) {
    const auto decoded = decode_metarange(bytes);
    ASSERT_FALSE(decoded.has_value());
    EXPECT_EQ(decoded.error().code(), base::Code::Corruption);
  }
  EXPECT_TRUE(decode_metarange(forged({a}, true)).has_value());
}

RC_GTEST_PROP(MetaRange, RoundTrips, (const std::set<std::string>& keys)) {
  std::vector<model::RangeInfo> ranges;
  for (auto key = keys.begin(); key != keys.end(); ++key) {
    const std::string& min = *key;
    if (std::next(key) != keys.end() && min.size() % 2 == 0) ++key;
    model::RangeInfo info = range('a', min, *key);
    info.id = model::RangeId(base::hex_encode(base::sha256(min)));
    info.estimated_size = base::fnv1a64(min);
    info.count = static_cast<std::int64_t>(min.size()) + 1;
    ranges.push_back(info);
  }
  const auto encoded = encode_metarange(ranges);
  RC_ASSERT(encoded.has_value());
  const auto decoded = decode_metarange(encoded->bytes);
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(decoded->size() == ranges.size());
  for (std::size_t i = 0; i < ranges.size(); ++i) RC_ASSERT(same(decoded->at(i), ranges[i]));
  RC_ASSERT(verify_metarange_id(encoded->id, encoded->bytes).has_value());
}

}  // namespace
}  // namespace varve::format
