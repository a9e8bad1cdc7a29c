// A row of the key-value store that is no message of its kind: whoever needs it stops with
// Corruption; it is never taken for a row that is not there. Everybody else is served.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/run.h"
#include "engine/commits/commits.h"
#include "engine/harness_test.h"
#include "engine/objects/objects.h"
#include "engine/stores_test.h"
#include "model/ids.h"
#include "ports/kv_store.h"

namespace varve::engine {
namespace {

constexpr std::string_view Garbage = "\xff\xff\xff\xff";

using Answer = base::Result<std::string>;

struct Verb {
  std::string name;
  std::function<Answer(Server&)> act;
};

template <class T>
Answer only_whether(base::Result<T> result) {
  if (!result.has_value()) return std::move(result).error();
  return std::string("ok");
}

Answer list(Server& s, const std::string& at) {
  ObjectQuery all;
  all.amount = -1;
  auto page = s.page(at, all);
  if (!page.has_value()) return std::move(page).error();
  std::string text;
  for (const ObjectRow& row : page->rows) text += row.path + "=" + row.entry->etag + " ";
  return text;
}

std::vector<Verb> verbs() {
  std::vector<Verb> verbs;
  verbs.push_back({"repository", [](Server& s) {
                     return only_whether(base::run(
                         s.engine().repositories().get(as("a"), model::RepositoryId("lake"))));
                   }});
  verbs.push_back({"list", [](Server& s) { return list(s, "main"); }});
  verbs.push_back({"list_tag", [](Server& s) { return list(s, "v1"); }});
  verbs.push_back({"get_staged", [](Server& s) {
                     return only_whether(base::run(s.engine().objects().get(
                         as("a"), s.lake(), ref("main"), model::ObjectPath("staged"))));
                   }});
  verbs.push_back({"put", [](Server& s) { return only_whether(s.put("main", "new", "1")); }});
  verbs.push_back({"commit", [](Server& s) { return only_whether(s.commit("main", "it")); }});
  verbs.push_back({"log", [](Server& s) {
                     LogQuery query;
                     query.ref = ref("main");
                     return only_whether(
                         base::run(s.engine().commits().log(as("a"), s.lake(), query)));
                   }});
  verbs.push_back({"branches", [](Server& s) {
                     return only_whether(
                         base::run(s.engine().refs().list_branches(as("a"), s.lake(), RefQuery())));
                   }});
  verbs.push_back({"tags", [](Server& s) {
                     return only_whether(
                         base::run(s.engine().refs().list_tags(as("a"), s.lake(), RefQuery())));
                   }});
  return verbs;
}

struct Lake {
  Lake() {
    Server server(stores);
    EXPECT_TRUE(server.create().has_value());
    repository = server.lake();
    EXPECT_TRUE(server.put("main", "a", "1").has_value());
    EXPECT_TRUE(server.commit("main", "first").has_value());
    EXPECT_TRUE(base::run(server.engine().refs().create_tag(as("a"), repository, model::TagId("v1"),
                                                            ref("main"), false))
                    .has_value());
    EXPECT_TRUE(server.put("main", "staged", "1").has_value());
    token =
        base::run(server.engine().refs().get_branch(as("a"), repository, model::BranchId("main")))
            ->staging_token.str();
  }

  void spoil(const ports::KvKey& key) {
    ASSERT_TRUE(base::run(stores.kv.get(as("a"), key))->has_value()) << key.key;
    ports::KvWrite write;
    write.updates.push_back(ports::KvUpdate::set(key, base::Bytes(Garbage)));
    ASSERT_TRUE(base::run(stores.kv.write(as("a"), std::move(write))).has_value());
  }

  Stores stores;
  RepositoryRef repository;
  std::string token;
};

struct Row {
  std::string name;
  std::function<ports::KvKey(const Lake&)> key;
  std::vector<std::string> needed_by;
};

class DamagedRowsTest : public ::testing::TestWithParam<Row> {};

TEST_P(DamagedRowsTest, StopWhoNeedsThem) {
  for (const Verb& verb : verbs()) {
    SCOPED_TRACE(verb.name);
    Lake lake;
    lake.spoil(GetParam().key(lake));
    Server server(lake.stores);
    if (verb.name != "repository") server.use(lake.repository);
    const Answer answer = verb.act(server);
    const auto& needed_by = GetParam().needed_by;
    if (std::find(needed_by.begin(), needed_by.end(), verb.name) == needed_by.end()) {
      EXPECT_TRUE(answer.has_value()) << answer.error().message();
    } else {
      ASSERT_FALSE(answer.has_value()) << *answer;
      EXPECT_EQ(answer.error().code(), base::Code::Corruption) << answer.error().message();
    }
  }
}

std::vector<Row> rows() {
  return {
      {"repository",
       [](const Lake&) { return ports::KvKey("graveler", "repos/lake"); },
       {"repository"}},
      {"branch",
       [](const Lake& lake) { return ports::KvKey(lake.repository->partition(), "branches/main"); },
       {"list", "get_staged", "put", "commit", "log", "branches"}},
      {"tag",
       [](const Lake& lake) { return ports::KvKey(lake.repository->partition(), "tags/v1"); },
       {"list_tag", "tags"}},
      {"staged",
       [](const Lake& lake) { return ports::KvKey(lake.token, "staged"); },
       {"list", "get_staged", "commit"}}};
}

INSTANTIATE_TEST_SUITE_P(Rows, DamagedRowsTest, ::testing::ValuesIn(rows()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace varve::engine
