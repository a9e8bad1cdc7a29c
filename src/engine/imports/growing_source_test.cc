// Importing files that somebody is still writing.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/hash.h"
#include "base/result.h"
#include "base/run.h"
#include "engine/forwarding_objects_test.h"
#include "engine/harness_test.h"
#include "engine/imports/imports.h"
#include "engine/stores_test.h"
#include "model/ids.h"
#include "ports/object_store.h"
#include "ports/object_types.h"

namespace varve::engine {
namespace {

using base::Context;
using base::Result;
using base::Task;
using ports::ObjectAddress;

// As a folder of files: without etags, and listed when they were shorter than they are.
class GrowingFiles final : public ForwardingObjects {
 public:
  explicit GrowingFiles(ports::ObjectStore& store) : ForwardingObjects(store) {}

  Task<Result<ports::ListObjectsPage>> list(Context context, ObjectAddress prefix,
                                            ObjectAddress after, std::size_t limit) override {
    VARVE_CO_TRY(ports::ListObjectsPage page,
                 co_await ForwardingObjects::list(std::move(context), std::move(prefix),
                                                  std::move(after), limit));
    for (ports::ObjectInfo& info : page.objects) {
      info.etag.clear();
      info.size /= 2;
    }
    co_return page;
  }
};

// A size that is not that of the digest would cut the object short, or promise what is not there.
TEST(GrowingSource, TheSizeIsThatOfTheBytesThatWereDigested) {
  Stores stores;
  GrowingFiles files(stores.objects);
  Server server(stores.kv, files, stores.clock, stores.rng);
  ASSERT_TRUE(server.create().has_value());
  const std::string content = "ten bytes!";
  ASSERT_TRUE(base::run(stores.objects.put_bytes(as("x"), ObjectAddress("mem://outside/a/1"),
                                                 content, ports::PutMode::Overwrite)));
  ImportSource source;
  source.path = "mem://outside/a/";
  source.destination = "in/";
  ImportRequest request;
  request.sources = {source};
  const auto imported = base::run(
      server.engine().imports().run(as("admin"), server.lake(), model::BranchId("main"),
                                    std::move(request), std::make_shared<ImportProgress>()));
  ASSERT_TRUE(imported.has_value()) << imported.error().message();
  const auto entry = base::run(server.engine().objects().get(as("a"), server.lake(), ref("main"),
                                                             model::ObjectPath("in/1")));
  EXPECT_EQ(entry->size, static_cast<std::int64_t>(content.size()));
  EXPECT_EQ(entry->etag, base::hex_encode(base::md5(content)));
}

}  // namespace
}  // namespace varve::engine
