#include "engine/imports/imports.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/run.h"
#include "engine/harness_test.h"
#include "engine/objects/objects.h"
#include "engine/stores_test.h"
#include "model/ids.h"
#include "model/records.h"
#include "ports/object_types.h"

namespace varve::engine {
namespace {

class ImportTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(server_.create().has_value());
    for (const std::string name : {"a/1", "a/2", "a/sub/3", "b/4", "single"}) {
      auto put = base::run(
          stores_.objects.put_bytes(as("x"), ports::ObjectAddress("mem://outside/" + name),
                                    "content of " + name, ports::PutMode::Overwrite));
      ASSERT_TRUE(put.has_value());
    }
  }
  static ImportSource prefix(std::string path, std::string destination) {
    ImportSource source;
    source.kind = ImportSource::Kind::Prefix;
    source.path = std::move(path);
    source.destination = std::move(destination);
    return source;
  }
  static ImportSource object(std::string path, std::string destination) {
    ImportSource source = prefix(std::move(path), std::move(destination));
    source.kind = ImportSource::Kind::Object;
    return source;
  }
  base::Result<Imported> import(std::vector<ImportSource> sources, base::Context context) {
    ImportRequest request;
    request.sources = std::move(sources);
    request.metadata = {{"k", "v"}};
    progress_ = std::make_shared<ImportProgress>();
    return base::run(server_.engine().imports().run(std::move(context), server_.lake(),
                                                    model::BranchId("main"), std::move(request),
                                                    progress_));
  }
  base::Result<Imported> import(std::vector<ImportSource> sources) {
    return import(std::move(sources), as("admin"));
  }
  std::string paths(const std::string& at) {
    std::string text;
    const auto page = server_.page(at, ObjectQuery());
    for (const ObjectRow& row : page->rows) {
      text += (text.empty() ? "" : " ") + row.path;
    }
    return text;
  }

  Stores stores_;
  Server server_{stores_};
  std::shared_ptr<ImportProgress> progress_;
};

TEST_F(ImportTest, APrefixBecomesADestinationInOneCommit) {
  const auto imported = import({prefix("mem://outside/a/", "in")});
  ASSERT_TRUE(imported.has_value()) << imported.error().message();
  EXPECT_EQ(paths("main@"), "in/1 in/2 in/sub/3");
  EXPECT_EQ(progress_->objects.load(), 3);
  EXPECT_EQ(imported->commit->message, "Import objects");
  EXPECT_EQ(imported->commit->metadata,
            (model::Metadata{{".lakefs.merge.strategy", "source-wins"}, {"k", "v"}}));
  EXPECT_EQ(imported->commit->parents.size(), 1U);
  const auto entry = base::run(server_.engine().objects().get(as("a"), server_.lake(), ref("main"),
                                                              model::ObjectPath("in/1")));
  EXPECT_EQ(entry->address, "mem://outside/a/1");
  EXPECT_EQ(entry->address_type, model::AddressType::Full);
  EXPECT_EQ(entry->size, 14);
  EXPECT_EQ(entry->content_type, "");
}

TEST_F(ImportTest, ASourceWithoutASlashKeepsItsLastPart) {
  ASSERT_TRUE(import({prefix("mem://outside/a", "in/")}).has_value());
  EXPECT_EQ(paths("main"), "in/a/1 in/a/2 in/a/sub/3");
}

TEST_F(ImportTest, SourcesMergeInOrderAndTheLaterOneWins) {
  ASSERT_TRUE(import({object("mem://outside/single", "in/z"), prefix("mem://outside/b/", "in/"),
                      object("mem://outside/a/1", "in/4")})
                  .has_value());
  EXPECT_EQ(paths("main"), "in/4 in/z");
  const auto entry = base::run(server_.engine().objects().get(as("a"), server_.lake(), ref("main"),
                                                              model::ObjectPath("in/4")));
  EXPECT_EQ(entry->address, "mem://outside/a/1");
}

TEST_F(ImportTest, WhatIsBelowADestinationIsReplacedAndTheRestStays) {
  ASSERT_TRUE(server_.put("main", "in/old", "x").has_value());
  ASSERT_TRUE(server_.put("main", "other", "y").has_value());
  ASSERT_TRUE(server_.commit("main", "before").has_value());
  ASSERT_TRUE(import({prefix("mem://outside/b/", "in/")}).has_value());
  EXPECT_EQ(paths("main"), "in/4 other");
}

// lakeFS commits, and so empties the destination: a typing error in a source costs the data.
TEST_F(ImportTest, ASourceThatIsNotThereIsRefusedBeforeAnythingIsWritten) {
  ASSERT_TRUE(server_.put("main", "in/old", "x").has_value());
  ASSERT_TRUE(server_.commit("main", "before").has_value());
  const std::size_t rows = stores_.kv.row_count();
  const std::size_t objects = stores_.objects.object_count();
  for (const ImportSource& missing :
       {prefix("mem://outside/nothing/", "in/"), object("mem://outside/nothing", "in/x")}) {
    const auto imported = import({prefix("mem://outside/a/", "in/"), missing});
    ASSERT_FALSE(imported.has_value());
    EXPECT_EQ(imported.error().code(), base::Code::NotFound);
    EXPECT_EQ(imported.error().message(),
              "import path (" + missing.path + "): nothing is there: not found");
    EXPECT_EQ(stores_.kv.row_count(), rows);
    EXPECT_EQ(stores_.objects.object_count(), objects);
  }
  EXPECT_EQ(paths("main"), "in/old");
}

TEST_F(ImportTest, ADirtyBranchRefusesAndChangesNothing) {
  ASSERT_TRUE(server_.put("main", "staged", "x").has_value());
  const std::string head = server_.resolve("main");
  EXPECT_EQ(text_of(import({prefix("mem://outside/a/", "in/")})),
            "uncommitted changes (dirty branch)");
  EXPECT_EQ(server_.resolve("main"), head);
  EXPECT_EQ(paths("main"), "staged");
}

TEST_F(ImportTest, ACancelledImportCommitsNothing) {
  base::Context context = as("admin");
  context.cancel();
  const std::string head = server_.resolve("main");
  const auto imported = import({prefix("mem://outside/a/", "in/")}, context);
  ASSERT_FALSE(imported.has_value());
  EXPECT_EQ(imported.error().code(), base::Code::Cancelled);
  EXPECT_EQ(server_.resolve("main"), head);
}

TEST_F(ImportTest, TheRepositoryRemembersWhen) {
  const auto imported = import({prefix("mem://outside/a/", "in/")});
  const auto metadata =
      base::run(server_.engine().repositories().metadata(as("a"), server_.lake()));
  EXPECT_EQ(metadata->at(".lakefs.last.import.timestamp"),
            std::to_string(imported->commit->creation_date.seconds));
}

TEST_F(ImportTest, NoSourceLeadsIntoTheNamespace) {
  adapters::MemoryObjects objects(stores_.clock, stores_.rng, {.can_import = true});
  Server server(stores_.kv, objects, stores_.clock, stores_.rng);
  for (const char* path : {"mem://lake/x", "mem://outside/../lake/x"}) {
    ImportRequest request;
    request.sources = {prefix(path, "in/")};
    const std::string told = text_of(base::run(
        server.engine().imports().check(as("a"), server.lake(), model::BranchId("main"), request)));
    EXPECT_TRUE(told.ends_with("invalid import source")) << told;
  }
}

TEST_F(ImportTest, AStoreThatCannotImportSaysSo) {
  ImportRequest request;
  request.sources = {prefix("mem://outside/a/", "in/")};
  EXPECT_EQ(text_of(base::run(server_.engine().imports().check(as("a"), server_.lake(),
                                                               model::BranchId("main"), request))),
            "import is not supported for this storage");
}

}  // namespace
}  // namespace varve::engine
