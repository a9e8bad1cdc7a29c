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
class GrowingFiles final : public ports::ObjectStore {
 public:
  explicit GrowingFiles(ports::ObjectStore& store) : store_(store) {}

  Task<Result<ports::ListObjectsPage>> list(Context context, ObjectAddress prefix,
                                            ObjectAddress after, std::size_t limit) override {
    VARVE_CO_TRY(
        ports::ListObjectsPage page,
        co_await store_.list(std::move(context), std::move(prefix), std::move(after), limit));
    for (ports::ObjectInfo& info : page.objects) {
      info.etag.clear();
      info.size /= 2;
    }
    co_return page;
  }

  const ports::ObjectStoreCapabilities& capabilities() const override {
    return store_.capabilities();
  }
  Task<Result<std::unique_ptr<ports::ObjectWriter>>> put(Context context, ObjectAddress address,
                                                         ports::PutMode mode) override {
    return store_.put(std::move(context), std::move(address), mode);
  }
  Task<Result<ports::ObjectInfo>> put_bytes(Context context, ObjectAddress address,
                                            base::Bytes bytes, ports::PutMode mode) override {
    return store_.put_bytes(std::move(context), std::move(address), std::move(bytes), mode);
  }
  Task<Result<std::unique_ptr<ports::ObjectReader>>> get(Context context, ObjectAddress address,
                                                         ports::ByteRange range) override {
    return store_.get(std::move(context), std::move(address), range);
  }
  Task<Result<ports::ObjectInfo>> stat(Context context, ObjectAddress address) override {
    return store_.stat(std::move(context), std::move(address));
  }
  Task<Result<void>> erase(Context context, ObjectAddress address) override {
    return store_.erase(std::move(context), std::move(address));
  }
  Task<Result<ports::ObjectInfo>> copy(Context context, ObjectAddress source,
                                       ObjectAddress destination) override {
    return store_.copy(std::move(context), std::move(source), std::move(destination));
  }
  Task<Result<std::string>> create_multipart(Context context, ObjectAddress address) override {
    return store_.create_multipart(std::move(context), std::move(address));
  }
  Task<Result<std::unique_ptr<ports::ObjectWriter>>> put_part(Context context,
                                                              ObjectAddress address,
                                                              std::string upload_id,
                                                              int number) override {
    return store_.put_part(std::move(context), std::move(address), std::move(upload_id), number);
  }
  Task<Result<ports::ObjectInfo>> complete_multipart(
      Context context, ObjectAddress address, std::string upload_id,
      std::vector<ports::CompletedPart> parts) override {
    return store_.complete_multipart(std::move(context), std::move(address), std::move(upload_id),
                                     std::move(parts));
  }
  Task<Result<void>> abort_multipart(Context context, ObjectAddress address,
                                     std::string upload_id) override {
    return store_.abort_multipart(std::move(context), std::move(address), std::move(upload_id));
  }
  Task<Result<std::vector<ports::PartInfo>>> list_parts(Context context, ObjectAddress address,
                                                        std::string upload_id, int after,
                                                        std::size_t limit) override {
    return store_.list_parts(std::move(context), std::move(address), std::move(upload_id), after,
                             limit);
  }

 private:
  ports::ObjectStore& store_;
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
