// Whatever file of a committed tree is damaged, however: a verb that needs it stops with
// Corruption, which names repository, id and file, and changes nothing; a verb that does not need
// it answers as ever. Damage never becomes an empty answer. When the file is whole again, the verb
// works.  [I-2]
//
// Every verb runs once for every file and every kind of damage, on a server that has nothing in
// memory.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/run.h"
#include "engine/commits/commits.h"
#include "engine/core/core.h"
#include "engine/harness_test.h"
#include "engine/imports/imports.h"
#include "engine/merge/merge.h"
#include "engine/objects/objects.h"
#include "engine/refs/refs.h"
#include "engine/stores_test.h"
#include "model/ids.h"
#include "ports/object_types.h"

namespace varve::engine {
namespace {

constexpr std::string_view MetadataPrefix = "mem://lake/_lakefs/";
constexpr std::size_t IdDigits = 64;

base::Bytes read_whole(Stores& stores, const ports::ObjectAddress& address) {
  auto reader = base::run(stores.objects.get(as("a"), address, ports::ByteRange()));
  EXPECT_TRUE(reader.has_value()) << address.str();
  base::Bytes bytes;
  for (;;) {
    const auto step = base::run((*reader)->read(1U << 20U));
    if (step->empty()) return bytes;
    bytes += *step;
  }
}

void write_whole(Stores& stores, const ports::ObjectAddress& address, base::Bytes bytes) {
  ASSERT_TRUE(base::run(stores.objects.put_bytes(as("a"), address, std::move(bytes),
                                                 ports::PutMode::Overwrite))
                  .has_value());
}

enum class Damage { Missing, Emptied, Truncated, Flipped, Exchanged };

std::string name_of(Damage damage) {
  switch (damage) {
    case Damage::Missing:
      return "missing";
    case Damage::Emptied:
      return "emptied";
    case Damage::Truncated:
      return "truncated";
    case Damage::Flipped:
      return "flipped";
    case Damage::Exchanged:
      return "exchanged";
  }
  return "";
}

// One file of _lakefs/, and what to do to it.
class Victim {
 public:
  Victim(Stores& stores, ports::ObjectAddress address)
      : stores_(stores), address_(std::move(address)), whole_(read_whole(stores_, address_)) {}

  const ports::ObjectAddress& address() const { return address_; }

  // `other`: whole bytes of another file, a good table under a wrong name.
  void harm(Damage damage, const base::Bytes& other) {
    base::Bytes bytes = whole_;
    switch (damage) {
      case Damage::Missing:
        ASSERT_TRUE(base::run(stores_.objects.erase(as("a"), address_)).has_value());
        return;
      case Damage::Emptied:
        bytes.clear();
        break;
      case Damage::Truncated:
        bytes.resize(bytes.size() / 2);
        break;
      case Damage::Flipped:
        bytes[bytes.size() / 4] ^= '\x40';
        break;
      case Damage::Exchanged:
        bytes = other;
        break;
    }
    write_whole(stores_, address_, std::move(bytes));
  }
  void mend() { write_whole(stores_, address_, whole_); }

 private:
  Stores& stores_;
  ports::ObjectAddress address_;
  base::Bytes whole_;
};

EngineOptions small_ranges() {
  EngineOptions options;
  options.range_raggedness = 3;
  return options;
}

class Lake {
 public:
  Lake() {
    Server server = fresh();
    EXPECT_TRUE(server.create().has_value());
    for (const char* path : {"a/1", "a/2", "b/1", "b/2", "c/1", "c/2", "d/1", "d/2"}) {
      EXPECT_TRUE(server.put("main", path, "base").has_value());
    }
    EXPECT_TRUE(server.commit("main", "base").has_value());
    EXPECT_TRUE(server.branch("dev", "main").has_value());
    EXPECT_TRUE(server.put("dev", "b/1", "dev").has_value());
    EXPECT_TRUE(server.put("dev", "e", "dev").has_value());
    EXPECT_TRUE(server.commit("dev", "on dev").has_value());
    EXPECT_TRUE(server.put("main", "a/1", "main").has_value());
    EXPECT_TRUE(server.erase("main", "c/2").has_value());
    EXPECT_TRUE(server.commit("main", "on main").has_value());
    EXPECT_TRUE(server.branch("staged", "main").has_value());
    EXPECT_TRUE(server.put("staged", "c/1", "staged").has_value());
    EXPECT_TRUE(server.erase("staged", "d/2").has_value());
    EXPECT_TRUE(
        base::run(stores.objects.put_bytes(as("a"), ports::ObjectAddress("mem://outside/in/1"),
                                           base::Bytes("1"), ports::PutMode::Overwrite))
            .has_value());
  }

  // A server with nothing in memory.
  Server fresh() { return Server(stores, small_ranges()); }

  std::vector<ports::ObjectAddress> tables() {
    std::vector<ports::ObjectAddress> found;
    const auto page = base::run(stores.objects.list(
        as("a"), ports::ObjectAddress(std::string(MetadataPrefix)), ports::ObjectAddress(), 1000));
    for (const ports::ObjectInfo& info : page->objects) {
      if (info.address.str().size() == MetadataPrefix.size() + IdDigits) {
        found.push_back(info.address);
      }
    }
    return found;
  }

  Stores stores;
};

std::string shown(const DiffPage& page) {
  std::string text = "diff";
  for (const DiffRow& row : page.rows) {
    text += " " + row.path + " " + std::to_string(static_cast<int>(row.type));
  }
  return text;
}

std::string shown(const ObjectPage& page) {
  std::string text = "rows";
  for (const ObjectRow& row : page.rows) {
    text += " " + row.path + (row.entry.has_value() ? "=" + row.entry->etag : "");
  }
  return text;
}

std::string shown(const LogPage& page) {
  std::string text = "log";
  for (const CommitRef& commit : page.rows) text += " " + commit->message;
  return text;
}

// What a verb answered: of one that reads what it read, of one that writes nothing.
using Answer = base::Result<std::string>;

template <class T>
Answer shown(base::Result<T> result) {
  if (!result.has_value()) return std::move(result).error();
  return shown(*result);
}

template <class T>
Answer only_whether(base::Result<T> result) {
  if (!result.has_value()) return std::move(result).error();
  return std::string();
}

struct Verb {
  std::string name;
  std::function<Answer(Server&)> act;
};

Answer get(Server& s, const std::string& at, const std::string& path) {
  auto entry =
      base::run(s.engine().objects().get(as("a"), s.lake(), ref(at), model::ObjectPath(path)));
  if (!entry.has_value()) return std::move(entry).error();
  return entry->etag;
}

Answer list(Server& s, const std::string& at, ObjectQuery query) {
  return shown(s.page(at, std::move(query)));
}

Answer diff_branch(Server& s) {
  return shown(
      base::run(s.engine().merges().diff_branch(as("a"), s.lake(), model::BranchId("staged"), {})));
}

Answer diff_two_dot(Server& s) {
  return shown(
      base::run(s.engine().merges().diff_two_dot(as("a"), s.lake(), ref("main"), ref("dev"), {})));
}

Answer diff_three_dot(Server& s) {
  return shown(base::run(
      s.engine().merges().diff_three_dot(as("a"), s.lake(), ref("main"), ref("dev"), {})));
}

Answer log(Server& s, LogQuery query) {
  query.ref = ref("dev");
  return shown(base::run(s.engine().commits().log(as("a"), s.lake(), std::move(query))));
}

std::vector<Verb> reading_verbs() {
  std::vector<Verb> verbs;
  verbs.push_back({"get", [](Server& s) { return get(s, "main", "b/2"); }});
  verbs.push_back({"get_beneath_staged", [](Server& s) { return get(s, "staged", "b/1"); }});
  verbs.push_back({"list", [](Server& s) { return list(s, "main", ObjectQuery()); }});
  verbs.push_back({"list_staged", [](Server& s) { return list(s, "staged", ObjectQuery()); }});
  verbs.push_back({"list_folded", [](Server& s) {
                     ObjectQuery query;
                     query.delimiter = "/";
                     return list(s, "main", query);
                   }});
  verbs.push_back({"list_prefix_after", [](Server& s) {
                     ObjectQuery query;
                     query.prefix = "d/";
                     query.after = "d/1";
                     return list(s, "dev", query);
                   }});
  verbs.push_back({"diff_branch", diff_branch});
  verbs.push_back({"diff_two_dot", diff_two_dot});
  verbs.push_back({"diff_three_dot", diff_three_dot});
  verbs.push_back({"log_of_objects", [](Server& s) {
                     LogQuery query;
                     query.objects = {"b/1", "a/1"};
                     return log(s, query);
                   }});
  verbs.push_back({"log_of_prefixes", [](Server& s) {
                     LogQuery query;
                     query.prefixes = {"b/"};
                     return log(s, query);
                   }});
  return verbs;
}

Answer merge(Server& s) {
  return only_whether(base::run(
      s.engine().merges().merge(as("a"), s.lake(), model::BranchId("main"), ref("dev"), {})));
}

Answer revert(Server& s) {
  RevertRequest request;
  request.ref = ref("dev");
  return only_whether(base::run(
      s.engine().merges().revert(as("a"), s.lake(), model::BranchId("dev"), std::move(request))));
}

Answer cherry_pick(Server& s) {
  CherryPickRequest request;
  request.ref = ref("dev");
  return only_whether(base::run(s.engine().merges().cherry_pick(
      as("a"), s.lake(), model::BranchId("main"), std::move(request))));
}

Answer import(Server& s) {
  ImportSource source;
  source.path = "mem://outside/in/";
  source.destination = "c/";
  ImportRequest request;
  request.sources = {source};
  return only_whether(
      base::run(s.engine().imports().run(as("a"), s.lake(), model::BranchId("main"),
                                         std::move(request), std::make_shared<ImportProgress>())));
}

// dev's tree becomes main's.
Answer commit_meta_range(Server& s) {
  CommitRequest request;
  request.message = "as dev";
  request.source_meta_range =
      (*base::run(s.engine().refs().resolve_commit(as("a"), s.lake(), ref("dev"))))->meta_range_id;
  return only_whether(base::run(
      s.engine().commits().commit(as("a"), s.lake(), model::BranchId("main"), std::move(request))));
}

Answer reset_prefix(Server& s) {
  return only_whether(base::run(s.engine().objects().reset_prefix(
      as("a"), s.lake(), model::BranchId("staged"), "c/", false)));
}

Answer stage_if_absent(Server& s) {
  StageOptions options;
  options.condition = WriteCondition(WriteCondition::Kind::IfAbsent);
  return only_whether(s.put("staged", "b/12", "new", options));
}

Answer erase_many(Server& s) {
  return only_whether(base::run(s.engine().objects().erase_many(
      as("a"), s.lake(), model::BranchId("staged"),
      {model::ObjectPath("a/2"), model::ObjectPath("b/2")}, false)));
}

Answer update_metadata(Server& s) {
  return only_whether(base::run(s.engine().objects().update_metadata(
      as("a"), s.lake(), model::BranchId("staged"), model::ObjectPath("b/2"), {{"k", "v"}})));
}

std::vector<Verb> writing_verbs() {
  std::vector<Verb> verbs;
  verbs.push_back({"commit", [](Server& s) { return only_whether(s.commit("staged", "it")); }});
  verbs.push_back({"commit_meta_range", commit_meta_range});
  verbs.push_back({"merge", merge});
  verbs.push_back({"revert", revert});
  verbs.push_back({"cherry_pick", cherry_pick});
  verbs.push_back({"import", import});
  verbs.push_back({"reset_prefix", reset_prefix});
  verbs.push_back({"stage_if_absent", stage_if_absent});
  verbs.push_back({"erase", [](Server& s) { return only_whether(s.erase("staged", "b/2")); }});
  verbs.push_back({"erase_many", erase_many});
  verbs.push_back({"update_metadata", update_metadata});
  return verbs;
}

// Everything that anybody sees.
std::string look(Server& server) {
  std::string text;
  for (const char* at : {"main@", "main", "dev@", "dev", "staged@", "staged"}) {
    text += std::string(at) + ": " + server.list(at) + "\n";
  }
  return text;
}

constexpr Damage AllDamage[] = {Damage::Missing, Damage::Emptied, Damage::Truncated,
                                Damage::Flipped, Damage::Exchanged};

class DamageTest : public ::testing::TestWithParam<Verb> {
 protected:
  void SetUp() override {
    Lake lake;
    Server server = lake.fresh();
    before_ = look(server);
    const Answer answer = GetParam().act(server);
    ASSERT_TRUE(answer.has_value()) << answer.error().message();
    answer_ = *answer;
    after_ = look(server);
  }

  // The story for one file and one kind of damage; whether the verb needed the file.
  bool play(std::size_t file, Damage damage) {
    Lake lake;
    const std::vector<ports::ObjectAddress> tables = lake.tables();
    Victim victim(lake.stores, tables[file]);
    victim.harm(damage, read_whole(lake.stores, tables[(file + 1) % tables.size()]));
    Server server = lake.fresh();
    const Answer answer = GetParam().act(server);
    victim.mend();
    if (answer.has_value()) {
      EXPECT_EQ(*answer, answer_) << "damage became an answer";
      EXPECT_EQ(look(server), after_);
      return false;
    }
    const std::string& message = answer.error().message();
    EXPECT_EQ(answer.error().code(), base::Code::Corruption) << message;
    EXPECT_NE(message.find("repository lake"), std::string::npos) << message;
    EXPECT_NE(message.find(victim.address().str()), std::string::npos) << message;
    EXPECT_EQ(look(server), before_) << "it failed and did something";
    const Answer again = GetParam().act(server);
    EXPECT_TRUE(again.has_value() && *again == answer_) << "the file is whole again";
    EXPECT_EQ(look(server), after_);
    return true;
  }

  std::string before_;
  std::string answer_;
  std::string after_;
};

TEST_P(DamageTest, StopsTheOneRequestWithCorruption) {
  const std::size_t tables = Lake().tables().size();
  ASSERT_GE(tables, 8U) << "several ranges, so that a verb may need some and not others";
  for (const Damage damage : AllDamage) {
    std::size_t needed = 0;
    for (std::size_t file = 0; file < tables; ++file) {
      SCOPED_TRACE(name_of(damage) + " file " + std::to_string(file));
      if (play(file, damage)) ++needed;
    }
    EXPECT_GE(needed, 1U) << name_of(damage) << ": no file was needed, so nothing was shown";
  }
}

INSTANTIATE_TEST_SUITE_P(Reading, DamageTest, ::testing::ValuesIn(reading_verbs()),
                         [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(Writing, DamageTest, ::testing::ValuesIn(writing_verbs()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace varve::engine
