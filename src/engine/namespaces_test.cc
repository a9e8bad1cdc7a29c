// Repositories with equal content have files of equal names, each in a namespace of its own: one is
// never served from the other's (engine.md 17, Q12), whoever reads first, and also when both load
// the same id at once.
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/run.h"
#include "base/task.h"
#include "base/task_group.h"
#include "engine/core/core.h"
#include "engine/harness_test.h"
#include "engine/objects/objects.h"
#include "engine/stores_test.h"
#include "model/ids.h"
#include "ports/object_types.h"

namespace varve::engine {
namespace {

RepositoryRef repository(Server& server, const std::string& name) {
  return *base::run(server.engine().repositories().get(as("admin"), model::RepositoryId(name)));
}

// "lake" and "pond", with the same commit each; the files of "pond" can be taken away.
class NamespacesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Server server(stores_);
    for (const char* name : {"lake", "pond"}) {
      ASSERT_TRUE(server.create(name).has_value());
      server.use(repository(server, name));
      ASSERT_TRUE(server.put("main", "a", "1").has_value());
      ASSERT_TRUE(server.put("main", "b", "1").has_value());
      ASSERT_TRUE(server.commit("main", "same").has_value());
    }
  }

  void drain_pond() {
    const ports::ObjectAddress pond("mem://pond/_lakefs/");
    const auto page = base::run(stores_.objects.list(as("a"), pond, ports::ObjectAddress(), 1000));
    for (const ports::ObjectInfo& file : page->objects) {
      ASSERT_TRUE(base::run(stores_.objects.erase(as("a"), file.address)).has_value());
    }
  }

  static std::string list(Server& server, const std::string& name) {
    server.use(repository(server, name));
    return server.list("main@");
  }

  Stores stores_;
};

constexpr std::string_view Whole = "a=1 b=1";

TEST_F(NamespacesTest, AMissingFileIsNotTakenFromAnotherNamespace) {
  drain_pond();
  for (const std::vector<std::string>& order :
       {std::vector<std::string>{"lake", "pond"}, std::vector<std::string>{"pond", "lake"}}) {
    Server server(stores_);
    for (const std::string& name : order) {
      const std::string seen = list(server, name);
      if (name == "lake") {
        EXPECT_EQ(seen, Whole);
      } else {
        EXPECT_TRUE(seen.starts_with("repository pond: file mem://pond/_lakefs/")) << seen;
      }
    }
  }
}

TEST_F(NamespacesTest, WhoLoadsTheSameIdAtOnceGetsItsOwn) {
  const auto read_both = [](Server& server) {
    std::vector<base::Task<base::Result<ObjectPage>>> reads;
    for (int i = 0; i < 8; ++i) {
      reads.push_back(server.engine().objects().list(
          as("a"), repository(server, i % 2 == 0 ? "lake" : "pond"), ref("main@"), ObjectQuery()));
    }
    return base::run(base::join_all(std::move(reads), 8));
  };
  Server server(stores_);
  for (const auto& page : read_both(server)) {
    ASSERT_TRUE(page.has_value()) << page.error().message();
    EXPECT_EQ(page->rows.size(), 2U);
  }
  drain_pond();
  Server fresh(stores_);
  const auto pages = read_both(fresh);
  for (std::size_t i = 0; i < pages.size(); ++i) EXPECT_EQ(pages[i].has_value(), i % 2 == 0) << i;
}

}  // namespace
}  // namespace varve::engine
