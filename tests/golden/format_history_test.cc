// The history that made the golden files, request by request: the same inputs give the same bytes
// and the same ids.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "format/catalog.h"
#include "format/identity.h"
#include "format/metarange.h"
#include "format/table_reader.h"
#include "model/records.h"
#include "tests/golden/format_golden.h"

namespace varve::format {
namespace {

namespace json = boost::json;

const json::array& steps() {
  static const json::value History =
      json::parse(golden::read_file(golden::folder() / "history.json"));
  return History.at("steps").as_array();
}

const json::value& answer_to(std::string_view path) {
  for (const json::value& step : steps()) {
    if (step.at("path").as_string() == path) return step.at("answer");
  }
  throw std::runtime_error("no such step");
}

std::string text(const json::value& object, std::string_view name) {
  const json::value* found = object.as_object().if_contains(name);
  return found == nullptr ? std::string() : std::string(found->as_string());
}

model::Metadata metadata(const json::value& object, std::string_view name) {
  model::Metadata map;
  const json::value* found = object.as_object().if_contains(name);
  if (found == nullptr || !found->is_object()) return map;
  for (const auto& [key, value] : found->as_object()) map[key] = value.as_string();
  return map;
}

model::Commit commit_from(const json::value& listed) {
  model::Commit commit;
  commit.committer = text(listed, "committer");
  commit.message = text(listed, "message");
  commit.creation_date.seconds = listed.at("creation_date").as_int64();
  commit.meta_range_id = model::MetaRangeId(text(listed, "meta_range_id"));
  commit.metadata = metadata(listed, "metadata");
  for (const json::value& parent : listed.at("parents").as_array()) {
    commit.parents.emplace_back(std::string(parent.as_string()));
  }
  return commit;
}

TEST(History, CommitIdsAreTheirContents) {
  const json::array& log =
      answer_to("/repositories/gold/refs/main/commits?amount=100").at("results").as_array();
  EXPECT_GE(log.size(), 8U);
  for (const json::value& listed : log) {
    EXPECT_EQ(commit_id(commit_from(listed)).view(), text(listed, "id")) << text(listed, "message");
  }
}

std::map<std::string, model::Entry> entries_of(const model::MetaRangeId& id) {
  std::map<std::string, model::Entry> entries;
  const std::vector<model::RangeInfo> ranges = *decode_metarange(golden::metadata_file(id.str()));
  for (const model::RangeInfo& range : ranges) {
    const auto table = *Table::open(base::SharedBytes(golden::metadata_file(range.id.str())), {});
    TableCursor cursor = table->cursor();
    EXPECT_TRUE(cursor.seek_first().has_value());
    while (cursor.valid()) {
      entries.emplace(cursor.key(), *decode_entry(cursor.framed()->data));
      EXPECT_TRUE(cursor.next().has_value());
    }
  }
  return entries;
}

// The tag v1 points at the merge.
std::map<std::string, model::Entry> tagged_entries() {
  const json::array& log =
      answer_to("/repositories/gold/refs/main/commits?amount=100").at("results").as_array();
  for (const json::value& listed : log) {
    if (text(listed, "message") == "merge dev") {
      return entries_of(model::MetaRangeId(text(listed, "meta_range_id")));
    }
  }
  ADD_FAILURE() << "no merge in the log";
  return {};
}

TEST(History, ListingsShowWhatTheRecordsHold) {
  const auto entries = tagged_entries();
  const json::array& listing =
      answer_to("/repositories/gold/refs/v1/objects/ls?amount=1000").at("results").as_array();
  ASSERT_EQ(listing.size(), entries.size());
  for (const json::value& listed : listing) {
    const model::Entry& entry = entries.at(text(listed, "path"));
    EXPECT_EQ(entry.etag, text(listed, "checksum"));
    EXPECT_EQ(entry.size, listed.at("size_bytes").as_int64());
    EXPECT_EQ(entry.last_modified.seconds, listed.at("mtime").as_int64());
    EXPECT_EQ(entry.content_type, text(listed, "content_type"));
    EXPECT_EQ(entry.metadata, metadata(listed, "metadata"));
  }
}

// A linked object's entry is a function of its request.
TEST(History, LinkedEntriesAreTheirRequests) {
  const auto entries = tagged_entries();
  int compared = 0;
  for (const json::value& step : steps()) {
    if (step.at("method").as_string() != "PUT") continue;
    const json::value& body = step.at("body");
    const auto found = entries.find(text(step.at("answer"), "path"));
    if (found == entries.end() || found->second.etag != text(body, "checksum")) continue;
    model::Entry entry;
    entry.address = text(body, "physical_address");
    entry.address_type = model::AddressType::Full;
    entry.etag = text(body, "checksum");
    entry.size = body.at("size_bytes").as_int64();
    entry.last_modified.seconds = body.at("mtime").as_int64();
    entry.metadata = metadata(body, "metadata");
    entry.content_type = text(step.at("answer"), "content_type");
    EXPECT_EQ(*encode_entry(entry), *encode_entry(found->second)) << found->first;
    EXPECT_EQ(entry_identity(entry), entry_identity(found->second));
    ++compared;
  }
  EXPECT_GT(compared, 30);
}

}  // namespace
}  // namespace varve::format
