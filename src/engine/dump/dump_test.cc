#include "engine/dump/dump.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/run.h"
#include "engine/core/core.h"
#include "engine/harness_test.h"
#include "engine/repo/repo.h"
#include "engine/stores_test.h"
#include "format/refs_dump.h"
#include "format/tasks.h"
#include "model/errors.h"
#include "model/ids.h"
#include "ports/object_types.h"

namespace varve::engine {
namespace {

class DumpTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(server_.create().has_value());
    ASSERT_TRUE(server_.put("main", "a", "1").has_value());
    ASSERT_TRUE(server_.commit("main", "first").has_value());
    ASSERT_TRUE(server_.branch("dev", "main").has_value());
    ASSERT_TRUE(server_.put("dev", "b", "2").has_value());
    ASSERT_TRUE(server_.commit("dev", "second").has_value());
    ASSERT_TRUE(base::run(server_.engine().refs().create_tag(as("admin"), server_.lake(),
                                                             model::TagId("v1"), ref("dev"), false))
                    .has_value());
  }

  format::RefsDump dump() {
    return *base::run(server_.engine().dumps().dump_with_manifest(as("admin"), server_.lake()));
  }
  base::Result<void> restore(RepositoryRef repository, format::RefsDump dump, bool force = false) {
    return base::run(server_.engine().dumps().restore(as("admin"), std::move(repository),
                                                      std::move(dump), force));
  }
  // Another repository over the same objects, without refs.
  RepositoryRef bare(const std::string& name, bool is_read_only = false) {
    NewRepository wanted;
    wanted.id = model::RepositoryId(name);
    wanted.storage_namespace = model::StorageNamespace("mem://lake");
    wanted.is_bare = true;
    wanted.is_read_only = is_read_only;
    return *base::run(server_.engine().repositories().create(as("admin"), std::move(wanted)));
  }
  std::string resolve(RepositoryRef repository, const std::string& at) {
    auto commit = base::run(server_.engine().refs().resolve_commit(as("a"), repository, ref(at)));
    return commit.has_value() ? (*commit)->id.str() : commit.error().message();
  }

  Stores stores_;
  Server server_{stores_};
};

TEST_F(DumpTest, ARestoredRepositoryHasTheSameRefsAndTheSameObjects) {
  const RepositoryRef copy = bare("copy");
  ASSERT_TRUE(restore(copy, dump()).has_value());
  for (const std::string at : {"main", "dev", "v1", "main~1", "v1~2"}) {
    EXPECT_EQ(resolve(copy, at), server_.resolve(at)) << at;
  }
  auto entry =
      base::run(server_.engine().objects().get(as("a"), copy, ref("v1"), model::ObjectPath("b")));
  ASSERT_TRUE(entry.has_value());
  EXPECT_EQ(entry->etag, "2");
}

TEST_F(DumpTest, TwoDumpsOfTheSameRefsAreTheSameFiles) { EXPECT_EQ(dump(), dump()); }

TEST_F(DumpTest, TheManifestNamesTheThreeTables) {
  const format::RefsDump ids = dump();
  auto reader = base::run(stores_.objects.get(
      as("a"), ports::ObjectAddress("mem://lake/_lakefs/refs_manifest.json"), ports::ByteRange()));
  ASSERT_TRUE(reader.has_value());
  const auto text = base::run((*reader)->read(10000));
  EXPECT_EQ(format::decode_refs_manifest(*text), ids);
}

TEST_F(DumpTest, ARestoredBranchStartsClean) {
  ASSERT_TRUE(server_.put("dev", "uncommitted", "3").has_value());
  const RepositoryRef copy = bare("copy");
  ASSERT_TRUE(restore(copy, dump()).has_value());
  auto entry = base::run(
      server_.engine().objects().get(as("a"), copy, ref("dev"), model::ObjectPath("uncommitted")));
  EXPECT_EQ(text_of(entry), "not found");
}

TEST_F(DumpTest, ARepositoryWithRefsIsNotRestoredOver) {
  const std::string before = server_.resolve("main");
  EXPECT_EQ(text_of(restore(server_.lake(), dump())), "can only restore into a bare repository");
  EXPECT_EQ(server_.resolve("main"), before);
}

TEST_F(DumpTest, AReadOnlyRepositoryWantsForce) {
  const RepositoryRef copy = bare("copy", true);
  EXPECT_EQ(text_of(restore(copy, dump())), "read-only repository");
  EXPECT_TRUE(restore(copy, dump(), true).has_value());
}

TEST_F(DumpTest, AMissingTableWritesNothing) {
  const RepositoryRef copy = bare("copy");
  format::RefsDump ids = dump();
  ids.tags = model::MetaRangeId(std::string(64, 'a'));
  const auto restored = restore(copy, ids);
  ASSERT_FALSE(restored.has_value());
  EXPECT_TRUE(model::is(restored.error(), model::Detail::DataMissing));
  EXPECT_EQ(resolve(copy, "main"), "not found");
}

TEST_F(DumpTest, TablesOfTheWrongKindWriteNothing) {
  const RepositoryRef copy = bare("copy");
  const format::RefsDump right = dump();
  const model::MetaRangeId objects =
      (*base::run(server_.engine().refs().resolve_commit(as("a"), server_.lake(), ref("main"))))
          ->meta_range_id;
  const std::vector<model::MetaRangeId> ids = {right.commits, right.branches, right.tags, objects};
  const std::size_t rows = stores_.kv.row_count();
  for (const model::MetaRangeId& commits : ids) {
    for (const model::MetaRangeId& branches : ids) {
      for (const model::MetaRangeId& tags : ids) {
        const format::RefsDump given{commits, tags, branches};
        if (given == right) continue;
        const auto restored = restore(copy, given);
        ASSERT_FALSE(restored.has_value());
        EXPECT_EQ(restored.error().code(), base::Code::InvalidArgument)
            << restored.error().message();
        EXPECT_EQ(stores_.kv.row_count(), rows) << restored.error().message();
      }
    }
  }
  EXPECT_TRUE(restore(copy, right).has_value());
}

TEST_F(DumpTest, WhatIsNoMetaRangeIdWritesNothing) {
  const RepositoryRef copy = bare("copy");
  for (const std::string wrong : {"", "x", "../dummy", "refs_manifest.json"}) {
    format::RefsDump ids = dump();
    ids.branches = model::MetaRangeId(wrong);
    const auto restored = restore(copy, ids);
    ASSERT_FALSE(restored.has_value()) << wrong;
    EXPECT_EQ(restored.error().message(),
              "branches: '" + wrong + "' is no metarange id; it has 64 hexadecimal digits");
    EXPECT_EQ(restored.error().code(), base::Code::InvalidArgument);
    EXPECT_EQ(resolve(copy, "main"), "not found");
  }
}

// The default branch is missing, but another one is there: restoring would replace it.
TEST_F(DumpTest, ARepositoryWithAnyRefIsNotRestoredOver) {
  const format::RefsDump ids = dump();
  const std::string main = server_.resolve("main");
  const auto record =
      base::run(server_.engine().refs().resolve_commit(as("a"), server_.lake(), ref("main")));
  const std::size_t branch_rows = [&] {
    const RepositoryRef with_branch = bare("with-branch");
    EXPECT_EQ(text_of(base::run(
                  server_.engine().commits().create_record(as("a"), with_branch, **record, false))),
              "ok");
    EXPECT_EQ(text_of(base::run(server_.engine().refs().create_branch(
                  as("a"), with_branch, model::BranchId("dev"), ref(main), false, false))),
              "ok");
    const std::size_t rows = stores_.kv.row_count();
    EXPECT_EQ(text_of(restore(with_branch, ids)), "can only restore into a bare repository");
    EXPECT_EQ(resolve(with_branch, "dev"), main);
    return stores_.kv.row_count() - rows;
  }();
  EXPECT_EQ(branch_rows, 0U);
  const RepositoryRef with_tag = bare("with-tag");
  EXPECT_EQ(text_of(base::run(
                server_.engine().commits().create_record(as("a"), with_tag, **record, false))),
            "ok");
  EXPECT_EQ(text_of(base::run(server_.engine().refs().create_tag(
                as("a"), with_tag, model::TagId("v1"), ref(main), false))),
            "ok");
  EXPECT_EQ(text_of(restore(with_tag, ids)), "can only restore into a bare repository");
  EXPECT_EQ(resolve(with_tag, "v1"), main);
}

}  // namespace
}  // namespace varve::engine
