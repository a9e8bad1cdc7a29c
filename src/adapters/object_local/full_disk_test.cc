// A disk that fails: the test binary stands between the store and the kernel (linked with --wrap,
// see src/CMakeLists.txt), counts the calls that change something, and lets call n fail.

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "adapters/object_local/journal.h"
#include "adapters/object_local/object_local.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/run.h"
#include "base/task.h"
#include "model/errors.h"
#include "ports/object_store.h"

namespace {

struct Kernel {
  std::atomic<int> calls = 0;
  std::atomic<int> failing = -1;  // the call that fails; -1: none
  std::atomic<bool> all_fail = false;
  std::atomic<int> error = ENOSPC;

  bool fails() {
    const int call = calls++;
    if (!all_fail && call != failing) return false;
    errno = error;
    return true;
  }
};
Kernel kernel;

}  // namespace

extern "C" {
ssize_t __real_write(int file, const void* bytes, size_t count);
ssize_t __real_pwrite(int file, const void* bytes, size_t count, off_t offset);
int __real_fdatasync(int file);
int __real_fsync(int file);
int __real_renameat2(int from, const char* old_name, int to, const char* name, unsigned flags);
int __real_mkdirat(int folder, const char* name, mode_t mode);
int __real_posix_fallocate(int file, off_t offset, off_t count);

ssize_t __wrap_write(int file, const void* bytes, size_t count) {
  return kernel.fails() ? -1 : __real_write(file, bytes, count);
}
ssize_t __wrap_pwrite(int file, const void* bytes, size_t count, off_t offset) {
  return kernel.fails() ? -1 : __real_pwrite(file, bytes, count, offset);
}
int __wrap_fdatasync(int file) { return kernel.fails() ? -1 : __real_fdatasync(file); }
int __wrap_fsync(int file) { return kernel.fails() ? -1 : __real_fsync(file); }
int __wrap_renameat2(int from, const char* old_name, int to, const char* name, unsigned flags) {
  return kernel.fails() ? -1 : __real_renameat2(from, old_name, to, name, flags);
}
int __wrap_mkdirat(int folder, const char* name, mode_t mode) {
  return kernel.fails() ? -1 : __real_mkdirat(folder, name, mode);
}
int __wrap_posix_fallocate(int file, off_t offset, off_t count) {
  return kernel.fails() ? errno : __real_posix_fallocate(file, offset, count);
}
}

namespace varve::adapters {
namespace {

namespace fs = std::filesystem;

using base::Bytes;
using base::Code;
using base::Context;
using base::Result;
using base::run;
using base::Task;
using model::Detail;
using ports::ObjectAddress;
using ports::ObjectInfo;
using ports::PutMode;

Task<Result<ObjectInfo>> multipart(ports::ObjectStore* store, ObjectAddress address) {
  VARVE_CO_TRY(const std::string upload, co_await store->create_multipart(Context(), address));
  VARVE_CO_TRY(const auto writer, co_await store->put_part(Context(), address, upload, 1));
  VARVE_CO_CHECK(co_await writer->write(Bytes(600'000, 'm')));
  VARVE_CO_TRY(const ObjectInfo part, co_await writer->finish());
  std::vector<ports::CompletedPart> parts;
  parts.push_back({1, part.etag});
  co_return co_await store->complete_multipart(Context(), address, upload, std::move(parts));
}

class FullDisk : public testing::Test {
 protected:
  FullDisk() {
    std::string name = testing::TempDir() + "varve-full-XXXXXX";
    options_.path = ::mkdtemp(name.data());
    open();
  }

  ~FullDisk() override {
    heal();
    store_.reset();
    fs::remove_all(options_.path);
  }

  void open() {
    store_.reset();
    store_ = LocalObjects::open(options_, offload_, rng_).value();
  }

  static void fail(int call, int error = ENOSPC) {
    kernel.error = error;
    kernel.calls = 0;
    kernel.failing = call;
  }
  static void heal() {
    kernel.failing = -1;
    kernel.all_fail = false;
  }

  Result<ObjectInfo> put(Bytes bytes) {
    return run(store_->put_bytes(Context(), ObjectAddress("local://ns/deep/a"), std::move(bytes),
                                 PutMode::Overwrite));
  }

  std::string stored() const {
    std::stringstream content;
    content << std::ifstream(options_.path + "/ns/deep/a", std::ios::binary).rdbuf();
    return content.str();
  }

  bool is_tidy() const {
    return fs::is_empty(options_.path + "/.varve/tmp") &&
           fs::is_empty(options_.path + "/.varve/uploads");
  }

  LocalObjectsOptions options_;
  base::SeededRng rng_{3};
  base::Offload offload_{base::OffloadOptions()};
  std::unique_ptr<LocalObjects> store_;
};

TEST_F(FullDisk, APutIsWholeOrNotAtAllWhateverFails) {
  const Bytes before = "before";
  for (const Bytes& after : {Bytes("small"), Bytes(Journal::ContentBytesMax * 3, 'L')}) {
    for (int n = 0;; ++n) {
      open();  // a failed sync ends a journal: each call fails in a fresh one
      ASSERT_TRUE(put(before));
      fail(n);
      const auto done = put(after);
      const bool was_reached = kernel.calls > n;
      heal();
      if (done) {
        EXPECT_EQ(stored(), after);
      } else {
        const Code code = done.error().code();
        EXPECT_TRUE(code == Code::ResourceExhausted || code == Code::OutcomeUnknown)
            << n << ": " << done.error().message();
        EXPECT_TRUE(stored() == before || stored() == after) << n;
        if (code == Code::ResourceExhausted) {
          EXPECT_TRUE(model::is(done.error(), Detail::StorageFull));
          EXPECT_EQ(stored(), before) << n << ": what was refused did not happen";
          open();
          EXPECT_EQ(stored(), before) << n << ": nor does a replay do it";
        }
      }
      if (!was_reached) {  // there was no call n
        EXPECT_GE(n, 4);
        break;
      }
      ASSERT_LT(n, 100);
    }
  }
  open();
  EXPECT_TRUE(is_tidy());
}

TEST_F(FullDisk, AnUploadIsWholeOrNotAtAllWhateverFails) {
  for (int n = 0;; ++n) {
    open();
    fail(n);
    const auto done = run(multipart(store_.get(), ObjectAddress("local://ns/deep/a")));
    const bool was_reached = kernel.calls > n;
    heal();
    EXPECT_TRUE(stored().empty() || stored() == Bytes(600'000, 'm')) << n;
    if (done) EXPECT_EQ(stored().size(), 600'000U) << n;
    if (!was_reached) {
      EXPECT_GE(n, 10);
      break;
    }
    ASSERT_LT(n, 100);
    fs::remove(options_.path + "/ns/deep/a");
  }
}

TEST_F(FullDisk, TakesWritesAgainOnceThereIsRoom) {
  ASSERT_TRUE(put("before"));
  // Data finds no room; the journal has its own.
  for (int i = 0; i < 3; ++i) {
    fail(2);
    const auto refused = put("during");
    ASSERT_FALSE(refused);
    EXPECT_TRUE(model::is(refused.error(), Detail::StorageFull)) << refused.error().message();
    heal();
    EXPECT_EQ(stored(), "before");
  }
  EXPECT_TRUE(put("after"));
  EXPECT_EQ(stored(), "after");
  EXPECT_TRUE(is_tidy());
}

TEST_F(FullDisk, WithoutRoomForAJournalNothingIsWritten) {
  kernel.error = ENOSPC;
  kernel.all_fail = true;
  const auto refused = put("during");
  heal();
  ASSERT_FALSE(refused);
  EXPECT_TRUE(model::is(refused.error(), Detail::StorageFull));
  EXPECT_TRUE(put("after"));
}

TEST_F(FullDisk, ABrokenJournalTakesNoMore) {
  ASSERT_TRUE(put("before"));
  fail(1, EIO);  // the sync of the journal
  EXPECT_EQ(put("during").error().code(), Code::OutcomeUnknown);
  heal();
  EXPECT_EQ(put("refused").error().code(), Code::Unavailable);
  open();
  EXPECT_TRUE(put("after"));
}

}  // namespace
}  // namespace varve::adapters
