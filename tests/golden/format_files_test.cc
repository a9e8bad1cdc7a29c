// Every file that lakeFS wrote: its id is its content's, and decoding then encoding gives it back,
// byte for byte.  [I-2]
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "format/catalog.h"
#include "format/graveler.h"
#include "format/identity.h"
#include "format/metarange.h"
#include "format/range_writer.h"
#include "format/refs_dump.h"
#include "format/table_reader.h"
#include "model/records.h"
#include "tests/golden/format_golden.h"

namespace varve::format {
namespace {

struct Record {
  base::Bytes key;
  base::Bytes identity;
  base::Bytes data;
};

struct File {
  Properties properties;
  std::vector<Record> records;
};

File read(const base::Bytes& bytes) {
  const auto table = *Table::open(base::SharedBytes(bytes, nullptr), {});
  File file;
  file.properties = *table->properties();
  TableCursor cursor = table->cursor();
  EXPECT_TRUE(cursor.seek_first().has_value());
  while (cursor.valid()) {
    const FramedValue framed = *cursor.framed();
    file.records.push_back(
        {base::Bytes(cursor.key()), base::Bytes(framed.identity), base::Bytes(framed.data)});
    EXPECT_TRUE(cursor.next().has_value());
  }
  return file;
}

// The properties a writer is given: none, or those of a refs dump.
Properties extra_of(const File& file) {
  Properties extra;
  for (const char* name : {"entity", "schema_name", "schema_definition"}) {
    const auto found = file.properties.find(name);
    if (found != file.properties.end()) extra.insert(*found);
  }
  return extra;
}

bool is_metarange(const File& file) { return file.properties.at("type") == "metaranges"; }

class LakefsFile : public ::testing::TestWithParam<std::string> {
 protected:
  base::Bytes bytes_ = golden::metadata_file(GetParam());
  File file_ = read(bytes_);
};

TEST_P(LakefsFile, IsNamedByItsContent) {
  if (is_metarange(file_)) {
    EXPECT_TRUE(verify_metarange_id(model::MetaRangeId(GetParam()), bytes_).has_value());
  } else {
    EXPECT_TRUE(verify_range_id(model::RangeId(GetParam()), bytes_).has_value());
  }
}

TEST_P(LakefsFile, EncodesToTheSameBytes) {
  if (is_metarange(file_)) {
    const auto again = encode_metarange(*decode_metarange(bytes_), extra_of(file_));
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->id.view(), GetParam());
    EXPECT_TRUE(again->bytes == bytes_);
    return;
  }
  RangeWriter writer({}, extra_of(file_));
  for (const Record& record : file_.records) {
    ASSERT_TRUE(writer.add(record.key, record.identity, record.data).has_value());
  }
  const EncodedRange again = writer.finish();
  EXPECT_EQ(again.info.id.view(), GetParam());
  EXPECT_TRUE(again.bytes == bytes_);
}

void check_entry(const Record& record) {
  const auto entry = decode_entry(record.data);
  ASSERT_TRUE(entry.has_value()) << record.key;
  EXPECT_EQ(entry_identity(*entry).view(), record.identity) << record.key;
  if (entry->metadata.size() < 2) {  // lakeFS writes larger maps in no particular order
    EXPECT_EQ(*encode_entry(*entry), record.data) << record.key;
  }
}

void check_dumped(const std::string& entity, const Record& record) {
  if (entity == "commit") {
    const auto commit = restore_commit(record.data);
    ASSERT_TRUE(commit.has_value()) << commit.error().message();
    EXPECT_EQ(commit->id.view(), record.key);
    EXPECT_EQ(commit_id(*commit).view(), record.key);
    if (commit->metadata.size() < 2) {
      EXPECT_EQ((*dump_commit(*commit)).data, record.data);
    }
  } else if (entity == "branch") {
    const auto branch = restore_branch(record.data);
    ASSERT_TRUE(branch.has_value());
    EXPECT_EQ((*dump_branch(*branch)).data, record.data);
    EXPECT_EQ((*dump_branch(*branch)).identity, record.identity);
  } else {
    const auto tag = restore_tag(record.data);
    ASSERT_TRUE(tag.has_value());
    EXPECT_EQ((*dump_tag(*tag)).data, record.data);
    EXPECT_EQ((*dump_tag(*tag)).identity, record.identity);
  }
}

TEST_P(LakefsFile, RecordsMeanWhatTheySay) {
  if (is_metarange(file_)) return;  // encode_metarange has checked them
  const auto entity = file_.properties.find("entity");
  for (const Record& record : file_.records) {
    if (entity == file_.properties.end()) {
      check_entry(record);
    } else {
      check_dumped(entity->second, record);
    }
  }
}

TEST_P(LakefsFile, PropertiesOfDumpsAreOurs) {
  const Properties extra = extra_of(file_);
  if (extra.empty()) return;
  for (const DumpKind kind : {DumpKind::Commits, DumpKind::Branches, DumpKind::Tags}) {
    const Properties ours = dump_properties(kind);
    if (ours.at("entity") == extra.at("entity")) {
      EXPECT_EQ(ours, extra);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, LakefsFile, ::testing::ValuesIn(golden::metadata_ids()),
                         [](const auto& test) { return test.param.substr(0, 12); });

}  // namespace
}  // namespace varve::format
