// The history that made the golden files, request by request, played on the engine: every commit,
// metarange and listing comes out as lakeFS gave it.  [I-2]
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/harness_test.h"
#include "format/catalog.h"
#include "format/graveler.h"
#include "format/metarange.h"
#include "format/table_reader.h"
#include "tests/golden/format_golden.h"

namespace varve::engine {
namespace {

namespace json = boost::json;

std::string text(const json::value& object, std::string_view name) {
  if (!object.is_object()) return "";
  const json::value* found = object.as_object().if_contains(name);
  return found == nullptr || !found->is_string() ? std::string() : std::string(found->as_string());
}

model::Metadata metadata(const json::value& object) {
  model::Metadata map;
  const json::value* found = object.as_object().if_contains("metadata");
  if (found == nullptr || !found->is_object()) return map;
  for (const auto& [key, value] : found->as_object()) map[key] = value.as_string();
  return map;
}

std::string percent_decoded(std::string_view encoded) {
  std::string out;
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    base::Bytes octet;
    if (encoded[i] == '%' && base::hex_decode(encoded.substr(i + 1, 2), octet)) {
      out += octet;
      i += 2;
    } else {
      out += encoded[i];
    }
  }
  return out;
}

class HistoryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    history_ = json::parse(golden::read_file(golden::folder() / "history.json"));
    for (const json::value& step : history_.at("steps").as_array()) {
      if (step.at("path").as_string() != "/repositories/gold/refs/main/commits?amount=100")
        continue;
      for (const json::value& row : step.at("answer").at("results").as_array()) {
        listed_[text(row, "message")] = row;
      }
    }
    at("Repository created");
    ASSERT_TRUE(server_.create().has_value());
    read_uploaded(model::MetaRangeId(text(listed_["first"], "meta_range_id")));
  }

  // Sets the clock to when lakeFS made the commit with this message.
  void at(const std::string& message) {
    stores_.clock.set(listed_[message].at("creation_date").as_int64());
  }

  // What was uploaded has a time and an address nobody can guess: they are in the golden tree.
  void read_uploaded(const model::MetaRangeId& id) {
    const auto ranges = format::decode_metarange(golden::metadata_file(id.str()));
    ASSERT_TRUE(ranges.has_value());
    for (const model::RangeInfo& range : *ranges) {
      const auto table = format::Table::open(
          base::SharedBytes(golden::metadata_file(range.id.str())), format::TableOptions());
      format::TableCursor cursor = (*table)->cursor();
      ASSERT_TRUE(cursor.seek_first().has_value());
      while (cursor.valid()) {
        const format::FramedValue record = *cursor.framed();
        uploaded_[std::string(cursor.key())] = *format::decode_entry(record.data);
        written_[std::string(cursor.key())] = {model::Identity(base::Bytes(record.identity)),
                                               base::Bytes(record.data)};
        ASSERT_TRUE(cursor.next().has_value());
      }
    }
  }

  void stage(const std::string& branch, const std::string& path, model::Entry entry) {
    const auto staged = base::run(server_.engine().objects().stage(
        as("admin"), lake_(), model::BranchId(branch), model::ObjectPath(path), std::move(entry),
        StageOptions()));
    ASSERT_TRUE(staged.has_value()) << staged.error().message();
    take_order_of_lakefs(branch, path);
  }

  // lakeFS writes the map of user metadata in an order of its own that changes from run to run
  // (engine.md 1.5). Ranges hold an entry's bytes, so to get its ids an entry with such a map takes
  // the order that lakeFS happened to write; the identity, which does not depend on it, must agree.
  void take_order_of_lakefs(const std::string& branch, const std::string& path) {
    if (!written_.contains(path)) return;
    const model::EntryRecord& record = written_[path];
    ports::KvKey key{server_.get_branch(branch)->staging_token.str(), path};
    const auto row = *base::run(stores_.kv.get(as("admin"), key));
    const base::Bytes wanted =
        format::encode_staged_entry(path, record.identity.view(), record.data);
    if (*row == wanted || row->size() != wanted.size()) return;
    ASSERT_EQ(format::decode_staged_entry(*row)->record.identity, record.identity);
    ports::KvWrite write;
    write.updates.push_back(ports::KvUpdate::set(std::move(key), wanted));
    ASSERT_TRUE(base::run(stores_.kv.write(as("admin"), std::move(write))).has_value());
    ++reordered_;
  }

  // One request; false if the engine has no part in it.
  void play(const json::value& step) {
    const std::string method(step.at("method").as_string());
    const std::string whole(step.at("path").as_string());
    const std::string path = whole.substr(0, whole.find('?'));
    const std::string query = whole.substr(std::min(path.size() + 1, whole.size()));
    if (path.find("/objects") != std::string::npos &&
        path.find("/branches/") != std::string::npos) {
      play_object(step, method, path, percent_decoded(query.substr(query.find('=') + 1)));
    } else if (path.find("/branches/") != std::string::npos) {
      play_branch(step, path);
    } else if (path.ends_with("/branches")) {
      const auto made =
          server_.branch(text(step.at("body"), "name"), text(step.at("body"), "source"));
      EXPECT_EQ(made->commit_id.view(), step.at("answer").as_string());
    } else if (path.ends_with("/tags")) {
      const auto tag = base::run(server_.engine().refs().create_tag(
          as("admin"), lake_(), model::TagId(text(step.at("body"), "id")),
          engine::ref(text(step.at("body"), "ref")), false));
      EXPECT_EQ(tag->commit_id.view(), text(step.at("answer"), "commit_id"));
    } else if (path.find("/merge/") != std::string::npos) {
      MergeRequest request;
      request.message = text(step.at("body"), "message");
      request.metadata = metadata(step.at("body"));
      at(request.message);
      const auto merged = base::run(server_.engine().merges().merge(
          as("admin"), lake_(), model::BranchId("main"), engine::ref("dev"), request));
      ASSERT_TRUE(merged.has_value()) << merged.error().message();
      EXPECT_EQ(merged->view(), text(step.at("answer"), "reference"));
    } else if (method == "GET") {
      play_read(step, path, query);
    }
  }

  void play_object(const json::value& step, const std::string& method, const std::string& path,
                   const std::string& object) {
    const std::string branch = path.find("/branches/dev/") != std::string::npos ? "dev" : "main";
    if (method == "DELETE") {
      ASSERT_TRUE(server_.erase(branch, object).has_value());
    } else if (method == "POST") {
      ASSERT_TRUE(uploaded_.contains(object)) << object;
      stage(branch, object, uploaded_[object]);
    } else {
      const json::value& body = step.at("body");
      model::Entry entry;
      entry.address = text(body, "physical_address");
      entry.address_type = model::AddressType::Full;
      entry.etag = text(body, "checksum");
      entry.size = body.at("size_bytes").as_int64();
      entry.last_modified = {body.at("mtime").as_int64(), 0};
      entry.metadata = metadata(body);
      entry.content_type = text(step.at("answer"), "content_type");
      stage(branch, object, std::move(entry));
    }
  }

  void expect_commit(const base::Result<CommitRef>& commit, const json::value& want) {
    ASSERT_TRUE(commit.has_value()) << commit.error().message();
    EXPECT_EQ((*commit)->meta_range_id.view(), text(want, "meta_range_id"));
    EXPECT_EQ((*commit)->id.view(), text(want, "id"));
    EXPECT_EQ((*commit)->generation, want.at("generation").as_int64());
  }

  void play_branch(const json::value& step, const std::string& path) {
    const json::value& body = step.at("body");
    const std::string branch = path.find("/branches/dev/") != std::string::npos ? "dev" : "main";
    if (path.ends_with("/commits")) {
      CommitRequest request;
      request.message = text(body, "message");
      request.metadata = metadata(body);
      request.date = body.at("date").as_int64();
      request.allow_empty = body.as_object().contains("allow_empty");
      expect_commit(base::run(server_.engine().commits().commit(as("admin"), lake_(),
                                                                model::BranchId(branch), request)),
                    step.at("answer"));
    } else if (path.ends_with("/revert")) {
      RevertRequest request;
      request.ref = engine::ref(text(body, "ref"));
      request.parent_number = static_cast<int>(body.at("parent_number").as_int64());
      at("Revert main~1");
      expect_commit(base::run(server_.engine().merges().revert(as("admin"), lake_(),
                                                               model::BranchId(branch), request)),
                    listed_["Revert main~1"]);
    } else if (path.ends_with("/cherry-pick")) {
      CherryPickRequest request;
      request.ref = engine::ref(text(body, "ref"));
      at("to pick");
      expect_commit(base::run(server_.engine().merges().cherry_pick(
                        as("admin"), lake_(), model::BranchId(branch), request)),
                    step.at("answer"));
    }
  }

  void play_read(const json::value& step, const std::string& path, const std::string& query) {
    const json::value* results = step.at("answer").as_object().if_contains("results");
    if (results == nullptr) return;
    std::vector<std::string> want;
    std::vector<std::string> got;
    const bool is_log = path.ends_with("/commits");
    for (const json::value& row : results->as_array()) {
      want.push_back(text(row, is_log ? "id" : "path") + " " + text(row, "checksum") +
                     text(row, "type"));
    }
    if (is_log) {
      LogQuery log;
      log.ref = engine::ref("main");
      log.amount = 100;
      const auto page = base::run(server_.engine().commits().log(as("admin"), lake_(), log));
      for (const CommitRef& row : page->rows) got.push_back(row->id.str() + " ");
    } else if (path.ends_with("/ls")) {
      ObjectQuery list;
      list.amount = 1000;
      if (query.find("delimiter") != std::string::npos) list.delimiter = "/";
      const auto page = server_.page(path.find("/v1/") != std::string::npos ? "v1" : "main", list);
      for (const ObjectRow& row : page->rows) {
        got.push_back(row.path + " " + (row.entry.has_value() ? row.entry->etag : ""));
      }
    } else if (path.find("/diff/") != std::string::npos) {
      DiffQuery diff;
      diff.amount = 1000;
      const auto page = base::run(server_.engine().merges().diff_three_dot(
          as("admin"), lake_(), engine::ref("v1"), engine::ref("main"), diff));
      for (const DiffRow& row : page->rows) {
        got.push_back(row.path + " " + (row.type == DiffType::Added ? "added" : "removed"));
      }
    } else {
      return;
    }
    EXPECT_EQ(got, want) << path;
  }

  RepositoryRef lake_() { return server_.lake(); }

  json::value history_;
  std::map<std::string, json::value> listed_;     // commits, by message
  std::map<std::string, model::Entry> uploaded_;  // by path
  std::map<std::string, model::EntryRecord> written_;
  int reordered_ = 0;
  Stores stores_;
  Server server_{stores_};
};

TEST_F(HistoryTest, EveryStepGivesWhatLakeFsGave) {
  std::size_t played = 0;
  for (const json::value& step : history_.at("steps").as_array()) {
    if (step.at("path").as_string() == "/repositories") continue;  // made in SetUp
    SCOPED_TRACE(std::string(step.at("method").as_string()) + " " +
                 std::string(step.at("path").as_string()));
    play(step);
    if (HasFatalFailure()) return;
    ++played;
  }
  EXPECT_GE(played, 60U);
  EXPECT_EQ(reordered_, 1);
}

}  // namespace
}  // namespace varve::engine
