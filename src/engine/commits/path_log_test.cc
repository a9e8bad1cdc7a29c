// The log of some paths: whatever is noted of commits, or not, or wrongly, it lists what comparing
// every commit with its parent would list; and with notes it does not look at what they pass over.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/run.h"
#include "base/task.h"
#include "base/time.h"
#include "engine/commits/commits.h"
#include "engine/core/core.h"
#include "engine/forwarding_kv_test.h"
#include "engine/harness_test.h"
#include "engine/merge/merge.h"
#include "engine/objects/objects.h"
#include "engine/refs/refs.h"
#include "engine/stores_test.h"
#include "format/kv_keys.h"
#include "model/ids.h"
#include "model/records.h"
#include "ports/kv_store.h"
#include "ports/object_types.h"

namespace varve::engine {
namespace {

using Texts = std::vector<std::string>;
namespace keys = format::keys;

std::string shown(const base::Result<LogPage>& page) {
  if (!page.has_value()) return page.error().message();
  std::string text;
  for (const CommitRef& row : page->rows) text += row->id.str().substr(0, 8) + " ";
  return text + (page->has_more ? "more" : "end");
}

base::Result<LogPage> log_of(Server& server, LogQuery query) {
  return base::run(server.engine().commits().log(as("a"), server.lake(), std::move(query)));
}

LogQuery query_of(const std::string& at, Texts objects, Texts prefixes = {}) {
  LogQuery query;
  query.ref = ref(at);
  query.objects = std::move(objects);
  query.prefixes = std::move(prefixes);
  query.amount = 1000;
  return query;
}

// The messages of the commits that a log lists, "c3 c1".
std::string messages(Server& server, LogQuery query) {
  const auto page = log_of(server, std::move(query));
  if (!page.has_value()) return page.error().message();
  std::string text;
  for (const CommitRef& row : page->rows) text += (text.empty() ? "" : " ") + row->message;
  return text;
}

std::vector<ports::KvRow> notes_in(Stores& stores, Server& server) {
  ports::KvScan scan;
  scan.partition = server.lake()->partition();
  scan.from = std::string(keys::CommitChangesPrefix);
  scan.until = prefix_end(scan.from);
  scan.limit = ports::KvScanRowsMax;
  return base::run(stores.kv.scan(as("a"), std::move(scan)))->rows;
}

void set_note(Stores& stores, Server& server, const std::string& key,
              std::optional<base::Bytes> value) {
  ports::KvWrite write;
  write.updates.emplace_back(ports::KvKey(server.lake()->partition(), key), std::move(value));
  ASSERT_TRUE(base::run(stores.kv.write(as("a"), std::move(write))).has_value());
}

void drop_notes(Stores& stores, Server& server) {
  for (const ports::KvRow& row : notes_in(stores, server)) {
    set_note(stores, server, row.key, std::nullopt);
  }
}

// ---- Histories drawn from a seed ----

const Texts Branches = {"main", "dev", "side"};
const Texts Paths = {"a", "a/1", "a/2", "a/b/1", "a/b/2", "a/c/1", "aa/1", "b/1", "b//1", "z"};

void make_history(Server& server, std::uint64_t seed) {
  base::SeededRng rng(seed);
  const auto one_of = [&rng](const Texts& texts) { return texts[rng.below(texts.size())]; };
  ASSERT_TRUE(server.create().has_value());
  ASSERT_TRUE(server.branch("dev", "main").has_value());
  ASSERT_TRUE(server.branch("side", "main").has_value());
  Merges& merges = server.engine().merges();
  for (int turn = 0; turn < 60; ++turn) {
    const std::string branch = one_of(Branches);
    switch (rng.below(8)) {
      case 0: {
        MergeRequest request;
        request.strategy = MergeStrategy::SourceWins;
        request.is_squash = rng.below(3) == 0;
        (void)base::run(merges.merge(as("a"), server.lake(), model::BranchId(branch),
                                     engine::ref(one_of(Branches)), std::move(request)));
        break;
      }
      case 1: {
        RevertRequest request;
        request.ref = ref(branch);
        (void)base::run(
            merges.revert(as("a"), server.lake(), model::BranchId(branch), std::move(request)));
        break;
      }
      default:
        for (std::uint64_t changes = rng.below(4); changes > 0; --changes) {
          const std::string path = one_of(Paths);
          if (rng.below(3) == 0) {
            ASSERT_TRUE(server.erase(branch, path).has_value());
          } else {
            const std::string content = std::to_string(rng.below(3));  // often what is there
            ASSERT_TRUE(server.put(branch, path, content).has_value());
          }
        }
        (void)server.commit(branch, "c" + std::to_string(turn), rng.below(4) == 0);
    }
  }
}

std::map<std::string, std::string> tree_at(Server& server, const std::string& at) {
  ObjectQuery all;
  all.amount = -1;
  std::map<std::string, std::string> tree;
  const auto page = server.page(at, std::move(all));
  for (const ObjectRow& row : page->rows) tree[row.path] = row.entry->etag;
  return tree;
}

// What it should be, by the book: the whole log, less what did not change any of the paths.
class Expected {
 public:
  explicit Expected(Server& server) : server_(server) {}

  std::string log(LogQuery query) {
    LogQuery whole = query;
    whole.objects.clear();
    whole.prefixes.clear();
    whole.amount = 1000;
    whole.is_limit = false;
    LogPage wanted;
    const auto page = log_of(server_, std::move(whole));
    for (const CommitRef& commit : page->rows) {
      if (!has_changed(*commit, query)) continue;
      wanted.has_more = static_cast<int>(wanted.rows.size()) == query.amount;
      if (wanted.has_more) break;
      wanted.rows.push_back(commit);
    }
    if (query.is_limit) wanted.has_more = false;
    return shown(wanted);
  }

 private:
  const std::map<std::string, std::string>& tree(const std::string& commit) {
    if (!trees_.contains(commit)) trees_[commit] = tree_at(server_, commit);
    return trees_.at(commit);
  }
  bool has_changed(const model::Commit& commit, const LogQuery& query) {
    if (commit.parents.size() != 1) return false;
    const auto& after = tree(commit.id.str());
    const auto& before = tree(commit.parents.front().str());
    for (const std::string& path : Paths) {
      const auto is_below = [&path](const std::string& prefix) { return path.starts_with(prefix); };
      const bool matters =
          std::find(query.objects.begin(), query.objects.end(), path) != query.objects.end() ||
          std::any_of(query.prefixes.begin(), query.prefixes.end(), is_below);
      const auto old_entry = before.find(path);
      const auto new_entry = after.find(path);
      const bool is_same = (old_entry == before.end()) == (new_entry == after.end()) &&
                           (old_entry == before.end() || old_entry->second == new_entry->second);
      if (matters && !is_same) return true;
    }
    return false;
  }

  Server& server_;
  std::map<std::string, std::map<std::string, std::string>> trees_;
};

std::vector<LogQuery> queries(std::uint64_t seed) {
  const Texts prefixes = {"", "a", "a/", "a/b", "a/b/", "a/b/1", "b/", "b//", "n/", "a/c/1x"};
  base::SeededRng rng(seed);
  std::vector<LogQuery> all;
  for (int i = 0; i < 40; ++i) {
    LogQuery query = query_of(Branches[rng.below(3)], {});
    if (i % 3 != 1) query.objects.push_back(Paths[rng.below(Paths.size())]);
    if (i % 3 != 0) query.prefixes.push_back(prefixes[rng.below(prefixes.size())]);
    if (i % 5 == 0) query.objects.push_back("nowhere");
    query.first_parent = rng.below(2) == 0;
    query.is_limit = rng.below(3) == 0;
    if (rng.below(2) == 0) query.amount = static_cast<int>(1 + rng.below(5));
    const std::string far = query.ref.text + "~" + std::to_string(rng.below(4));
    if (rng.below(3) == 0) query.after = ref(far);
    if (rng.below(3) == 0) query.stop_at = engine::ref(far + "~2");
    if (rng.below(4) == 0) query.since = base::Timestamp{1'700'000'000, 150'000'000};
    all.push_back(std::move(query));
  }
  return all;
}

// What is remembered of a history, and where: none of it may make a difference.
struct Way {
  std::string name;
  std::function<void(Stores&, Server&)> disturb;
  std::size_t note_bytes;
};

void damage_notes(Stores& stores, Server& server) {
  const std::vector<ports::KvRow> rows = notes_in(stores, server);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    base::Bytes value = rows[i].value;
    if (i % 4 == 0) value = rows[(i + 1) % rows.size()].value;  // another's
    if (i % 4 == 1) value[value.size() / 2] ^= '\x10';
    if (i % 4 == 2) value.clear();
    set_note(stores, server, rows[i].key, std::move(value));
  }
}

std::vector<Way> ways() {
  constexpr std::size_t Enough = 1U << 20U;
  const auto leave = [](Stores&, Server&) {};
  return {{"noted_by_the_commits", leave, Enough},
          {"without_notes", drop_notes, Enough},
          {"with_damaged_notes", damage_notes, Enough},
          {"without_room_to_remember_notes", leave, 1}};
}

class PathLogHistories : public ::testing::TestWithParam<Way> {};

TEST_P(PathLogHistories, ListWhatComparingEveryCommitWouldList) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    Stores stores;
    EngineOptions options;
    options.range_raggedness = 2;
    options.change_notes_bytes = GetParam().note_bytes;
    Server maker(stores, options);
    make_history(maker, seed);
    GetParam().disturb(stores, maker);
    Server server(stores, options);
    Expected expected(server);
    for (LogQuery& query : queries(seed)) {
      const std::string want = expected.log(query);
      Server fresh(stores, options);  // from the store, and again from memory
      ASSERT_EQ(shown(log_of(fresh, query)), want) << "seed " << seed;
      ASSERT_EQ(shown(log_of(fresh, query)), want) << "seed " << seed;
      ASSERT_EQ(shown(log_of(server, query)), want) << "seed " << seed;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Ways, PathLogHistories, ::testing::ValuesIn(ways()),
                         [](const auto& way) { return way.param.name; });

// ---- What is noted, and what for ----

class PathLogTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(server_.create().has_value()); }

  void commit(Server& server, const std::string& path, const std::string& message) {
    ASSERT_TRUE(server.put("main", path, message).has_value());
    ASSERT_TRUE(server.commit("main", message).has_value());
  }
  void commit(const std::string& path, const std::string& message) {
    commit(server_, path, message);
  }
  // Takes the trees of these commits away.
  void lose_tree(const std::string& at) {
    const auto commit =
        base::run(server_.engine().refs().resolve_commit(as("a"), server_.lake(), ref(at)));
    const ports::ObjectAddress address("mem://lake/_lakefs/" + (*commit)->meta_range_id.str());
    ASSERT_TRUE(base::run(stores_.objects.erase(as("a"), address)).has_value());
  }

  Stores stores_;
  Server server_{stores_};
};

TEST_F(PathLogTest, LooksAtNoTreeOfACommitThatItsNotePassesOver) {
  commit("a/1", "c1");
  commit("b/1", "c2");
  commit("b/2", "c3");
  commit("b/3", "c4");
  commit("a/2", "c5");
  lose_tree("main~2");  // c3's, which c4 is compared with
  Server fresh(stores_);
  EXPECT_EQ(messages(fresh, query_of("main", {"a/1"})), "c1");
  EXPECT_EQ(messages(fresh, query_of("main", {}, {"a/"})), "c5 c1");
  EXPECT_EQ(log_of(fresh, query_of("main", {"b/2"})).error().code(), base::Code::Corruption);
}

TEST_F(PathLogTest, NotesWhatItHadToCompare) {
  commit("a/1", "c1");
  commit("b/1", "c2");
  commit("a/2", "c3");
  const std::vector<ports::KvRow> by_commits = notes_in(stores_, server_);
  EXPECT_EQ(by_commits.size(), 3U);
  drop_notes(stores_, server_);
  Server fresh(stores_);
  EXPECT_EQ(messages(fresh, query_of("main", {"a/1"})), "c1");
  const std::vector<ports::KvRow> by_log = notes_in(stores_, server_);
  ASSERT_EQ(by_log.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(by_log[i].value, by_commits[i].value);
  lose_tree("main~1");
  Server other(stores_);
  EXPECT_EQ(messages(other, query_of("main", {"a/1"})), "c1");
}

TEST_F(PathLogTest, ReplacesDamagedNotes) {
  commit("a/1", "c1");
  commit("b/1", "c2");
  const std::vector<ports::KvRow> whole = notes_in(stores_, server_);
  for (const ports::KvRow& row : whole) set_note(stores_, server_, row.key, "\x01garbage");
  Server fresh(stores_);
  EXPECT_EQ(messages(fresh, query_of("main", {"a/1"})), "c1");
  const std::vector<ports::KvRow> mended = notes_in(stores_, server_);
  ASSERT_EQ(mended.size(), whole.size());
  for (std::size_t i = 0; i < whole.size(); ++i) EXPECT_EQ(mended[i].value, whole[i].value);
}

// A page that is full asks nothing of the commits behind it.
TEST_F(PathLogTest, NotesNoMoreThanThePageNeeds) {
  for (int i = 0; i < 40; ++i) commit("a/" + std::to_string(i), "c" + std::to_string(i));
  drop_notes(stores_, server_);
  Server fresh(stores_);
  LogQuery query = query_of("main", {}, {"a/"});
  query.amount = 2;
  query.is_limit = true;
  EXPECT_EQ(messages(fresh, query), "c39 c38");
  EXPECT_EQ(notes_in(stores_, server_).size(), 2U);
}

// Refuses to keep what a log has noted.
class ForgetfulKv final : public ForwardingKv {
 public:
  using ForwardingKv::ForwardingKv;
  base::Task<base::Result<void>> write(base::Context, ports::KvWrite) override {
    co_return base::Error(base::Code::Unavailable, "no writes today");
  }
};

TEST_F(PathLogTest, NeedsNoNoteToBeKept) {
  commit("a/1", "c1");
  commit("b/1", "c2");
  drop_notes(stores_, server_);
  ForgetfulKv forgetful(stores_.kv);
  Server fresh(forgetful, stores_.objects, stores_.clock, stores_.rng);
  EXPECT_EQ(messages(fresh, query_of("main", {"a/1"})), "c1");
  EXPECT_EQ(notes_in(stores_, server_).size(), 0U);
}

// Deletes the repository at the very moment in which a log keeps its notes.
class DeletingKv final : public ForwardingKv {
 public:
  DeletingKv(ports::KvStore& store, std::function<void()> erase)
      : ForwardingKv(store), erase_(std::move(erase)) {}
  base::Task<base::Result<void>> write(base::Context context, ports::KvWrite write) override {
    erase_();
    return ForwardingKv::write(std::move(context), std::move(write));
  }

 private:
  std::function<void()> erase_;
};

TEST_F(PathLogTest, LeavesNoNoteBehindInADeletedRepository) {
  commit("a/1", "c1");
  const RepositoryRef lake = server_.lake();
  const auto erase = [this] {
    return base::run(
        server_.engine().repositories().erase(as("a"), model::RepositoryId("lake"), false));
  };
  drop_notes(stores_, server_);
  int erased = 0;
  DeletingKv deleting(stores_.kv, [&] { erased += erase().has_value() ? 1 : 0; });
  Server fresh(deleting, stores_.objects, stores_.clock, stores_.rng);
  fresh.use(lake);
  EXPECT_EQ(messages(fresh, query_of("main", {"a/1"})), "c1");
  EXPECT_EQ(erased, 1);
  server_.use(lake);
  EXPECT_TRUE(notes_in(stores_, server_).empty());
}

// Counts reads.
class CountingKv final : public ForwardingKv {
 public:
  using ForwardingKv::ForwardingKv;
  base::Task<base::Result<std::optional<base::Bytes>>> get(base::Context context,
                                                           ports::KvKey key) override {
    ++reads;
    return ForwardingKv::get(std::move(context), std::move(key));
  }
  base::Task<base::Result<std::vector<std::optional<base::Bytes>>>> multi_get(
      base::Context context, std::vector<ports::KvKey> wanted) override {
    ++reads;
    return ForwardingKv::multi_get(std::move(context), std::move(wanted));
  }
  base::Task<base::Result<ports::KvPage>> scan(base::Context context, ports::KvScan scan) override {
    ++reads;
    return ForwardingKv::scan(std::move(context), std::move(scan));
  }
  int reads = 0;
};

TEST_F(PathLogTest, ReadsALongHistoryInBulkAndOnce) {
  constexpr int Count = 600;
  commit("a/1", "first");
  for (int i = 0; i < Count; ++i) commit("b/" + std::to_string(i % 7), std::to_string(i));
  CountingKv counting(stores_.kv);
  Server fresh(counting, stores_.objects, stores_.clock, stores_.rng);
  EXPECT_EQ(messages(fresh, query_of("main", {"a/1"})), "first");
  EXPECT_LT(counting.reads, Count / 4);
  counting.reads = 0;
  EXPECT_EQ(messages(fresh, query_of("main", {"a/1"})), "first");
  EXPECT_LT(counting.reads, 5);  // the repository and the branch
}

// What is said of a commit is said of it alone: a record whose row is another's is not believed.
TEST_F(PathLogTest, ReadsAheadOnlyCommitsThatHashToTheirIds) {
  commit("a/1", "first");
  for (int i = 0; i < 200; ++i) commit("b/" + std::to_string(i % 7), std::to_string(i));
  const std::string victim = server_.resolve("main~150");
  const std::string other = server_.resolve("main~20");
  const auto bytes = base::run(stores_.kv.get(
      as("a"), ports::KvKey(server_.lake()->partition(), keys::commit(model::CommitId(other)))));
  set_note(stores_, server_, keys::commit(model::CommitId(victim)), *bytes);
  Server fresh(stores_);
  const auto page = log_of(fresh, query_of("main", {"a/1"}));
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code(), base::Code::Corruption);
  // A page that ends before it is none the worse.
  LogQuery query = query_of("main", {}, {"b/"});
  query.amount = 3;
  EXPECT_EQ(messages(fresh, query), "199 198 197");
}

}  // namespace
}  // namespace varve::engine
