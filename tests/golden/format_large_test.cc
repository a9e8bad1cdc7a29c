// The first commit of the large history: 200,000 objects by formula, whose metarange id lakeFS
// computed. Ranges break where lakeFS broke them, or this id is another.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdio>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "format/catalog.h"
#include "format/identity.h"
#include "format/metarange.h"
#include "format/range_writer.h"
#include "model/records.h"
#include "tests/golden/format_golden.h"

namespace varve::format {
namespace {

constexpr int Objects = 200000;

template <class... Arguments>
std::string print(const char* format, Arguments... arguments) {
  char text[96];
  std::snprintf(text, sizeof(text), format, arguments...);
  return text;
}

model::Entry object(int i) {
  model::Entry entry;
  entry.address = print("local:///ext/%d", i);
  entry.address_type = model::AddressType::Full;
  entry.etag = print("%032x", i);
  entry.size = 1000 + i % 1000;
  entry.last_modified.seconds = 1700000000;
  entry.content_type = "application/octet-stream";
  return entry;
}

TEST(Large, TwoHundredThousandObjectsMakeTheSameTree) {
  const auto golden = boost::json::parse(golden::read_file(golden::folder() / "large.json"));
  const auto& sizes = golden.at("files_written").as_object();
  std::map<std::string, int> paths;
  for (int i = 0; i < Objects; ++i) {
    paths.emplace(
        print("sensor=acc/subject=%05d/day=%03d/part-%06d.parquet", i % 997, i / 997 % 365, i), i);
  }
  std::vector<model::RangeInfo> ranges;
  RangeWriter writer;
  const auto close = [&] {
    const EncodedRange range = std::exchange(writer, RangeWriter()).finish();
    EXPECT_EQ(sizes.at(range.info.id.str()).as_int64(),
              static_cast<std::int64_t>(range.bytes.size()));
    ranges.push_back(range.info);
  };
  for (const auto& [path, i] : paths) {
    const model::Entry entry = object(i);
    ASSERT_TRUE(writer.add(path, entry_identity(entry).view(), *encode_entry(entry)).has_value());
    if (writer.should_break()) close();
  }
  if (!writer.empty()) close();
  const auto metarange = encode_metarange(ranges);
  ASSERT_TRUE(metarange.has_value());
  EXPECT_EQ(metarange->id.view(), golden.at("meta_range_id").at("one").as_string());
  EXPECT_EQ(sizes.at(metarange->id.str()).as_int64(),
            static_cast<std::int64_t>(metarange->bytes.size()));
}

}  // namespace
}  // namespace varve::format
