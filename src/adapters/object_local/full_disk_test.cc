// A disk that fails: the test binary stands between the store and the kernel (linked with --wrap,
// see src/CMakeLists.txt), counts the calls that change something, and lets call n fail, or be the
// last of the process.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <ios>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "adapters/object_local/journal.h"
#include "adapters/object_local/object_local.h"
#include "adapters/object_local/past_cache.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/run.h"
#include "base/task.h"
#include "base/task_group.h"
#include "model/errors.h"
#include "ports/object_store.h"
#include "ports/object_types.h"

namespace {

struct Kernel {
  std::atomic<int> calls = 0;
  std::atomic<int> failing = -1;  // the call that fails; -1: none
  std::atomic<int> deadly = -1;   // the call that the process does not live to make
  std::atomic<int> file_system_syncs_failing = 0;  // the next ones; not counted among the calls
  std::atomic<bool> all_fail = false;
  std::atomic<int> error = ENOSPC;

  bool fails() {
    const int call = calls++;
    if (call == deadly) ::kill(::getpid(), SIGKILL);
    if (!all_fail && call != failing) return false;
    errno = error;
    return true;
  }
};
Kernel kernel;

}  // namespace

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the linker's names
extern "C" {
ssize_t __real_write(int file, const void* bytes, size_t count);
ssize_t __real_pwrite(int file, const void* bytes, size_t count, off_t offset);
int __real_fdatasync(int file);
int __real_fsync(int file);
int __real_renameat2(int from, const char* old_name, int to, const char* name, unsigned flags);
int __real_mkdirat(int folder, const char* name, mode_t mode);
int __real_posix_fallocate(int file, off_t offset, off_t count);
int __real_syncfs(int file);

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
int __wrap_syncfs(int file) {
  if (kernel.file_system_syncs_failing <= 0) return __real_syncfs(file);
  --kernel.file_system_syncs_failing;
  errno = EIO;
  return -1;
}
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

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
  for (const Bytes& after : {Bytes("small"), Bytes(Journal::ContentBytesMax * 3, 'L'),
                             Bytes(5 * PastCacheBytesMin + 7, 'H')}) {
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

// What a kernel could not write it reports once; the next sync succeeds, and the data is gone. So
// the journal keeps what it has, and it is written anew when the store is opened.
TEST_F(FullDisk, AFailedSyncOfTheFileSystemIsNotTriedAgain) {
  ASSERT_TRUE(put("kept"));
  const std::string path = options_.path + "/ns/deep/a";
  struct stat before{};
  ASSERT_EQ(::stat(path.c_str(), &before), 0);
  kernel.file_system_syncs_failing = 1;
  Result<ObjectInfo> filled = ObjectInfo();
  for (int i = 0; filled && i < 1000; ++i) {
    const ObjectAddress address("local://ns/fill/" + std::to_string(i));
    filled = run(store_->put_bytes(Context(), address, Bytes(100'000, 'x'), PutMode::Overwrite));
  }
  ASSERT_FALSE(filled);
  EXPECT_EQ(filled.error().code(), Code::Unavailable);
  EXPECT_EQ(kernel.file_system_syncs_failing, 0);
  EXPECT_EQ(stored(), "kept");
  open();
  struct stat after{};
  ASSERT_EQ(::stat(path.c_str(), &after), 0);
  EXPECT_NE(after.st_ino, before.st_ino) << "it was believed to be on the disk";
  EXPECT_EQ(stored(), "kept");
  EXPECT_TRUE(put("after"));
}

TEST_F(FullDisk, AJournalWhoseFolderWasNotSyncedTakesNoMore) {
  fail(2, EIO);  // room for a segment, its sync; then that of the folder
  const auto done = put("during");
  ASSERT_FALSE(done);
  heal();
  EXPECT_EQ(put("refused").error().code(), Code::Unavailable);
  open();
  EXPECT_TRUE(put("after"));
}

// The tests of crashes: a child process does something and dies; what it was told is in a file, and
// what a power failure takes from the files, as opposed to the journal, is taken by the parent.
class Crash : public FullDisk {
 protected:
  // Whether the child died before it had done all its work.
  template <class Work>
  bool dies(Work work) {
    store_.reset();
    const pid_t child = ::fork();
    if (child == 0) {
      base::Offload offload{base::OffloadOptions()};
      base::SeededRng other_names{4};  // than those of the parent's temporary files
      store_ = LocalObjects::open(options_, offload, other_names).value();
      work();
      ::_exit(0);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
  }

  Result<ObjectInfo> put_at(const std::string& path, Bytes bytes) {
    return run(store_->put_bytes(Context(), ObjectAddress("local://" + path), std::move(bytes),
                                 PutMode::Overwrite));
  }
  // Seen by the parent, however the child ends.
  void note(const std::string& what) const {
    const int file = ::open((options_.path + "-told").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    EXPECT_EQ(__real_write(file, what.data(), what.size()), static_cast<ssize_t>(what.size()));
    ::close(file);
  }
  std::string told() const {
    std::stringstream content;
    content << std::ifstream(options_.path + "-told").rdbuf();
    fs::remove(options_.path + "-told");
    return content.str();
  }
  std::string stored_at(const std::string& path) const {
    std::stringstream content;
    content << std::ifstream(options_.path + "/" + path, std::ios::binary).rdbuf();
    return content.str();
  }
};

// Among the rest a put that cannot be: what it asked for must not keep the store from opening.
TEST_F(Crash, AtAnyCallTheStoreOpensAgainWithWhatItAcknowledged) {
  for (int n = 0;; ++n) {
    ASSERT_LT(n, 200);
    const bool has_died = dies([this, n] {
      kernel.calls = 0;
      kernel.deadly = n;
      if (put_at("ns/a", "1")) note("a");
      (void)put_at("ns/a/below", "x");
      (void)put_at("ns", "x");
      if (put_at("ns/b", "2")) note("b");
      if (put_at("ns/b", "3")) note("c");
      if (put_at("ns/large", Bytes(Journal::ContentBytesMax * 3, 'L'))) note("L");
      if (run(store_->erase(Context(), ObjectAddress("local://ns/a")))) note("e");
      if (put_at("ns/a/below", "4")) note("f");
    });
    const std::string acknowledged = told();
    fs::remove(options_.path + "/ns/b");  // a power failure: it was in the journal only
    auto opened = LocalObjects::open(options_, offload_, rng_);
    ASSERT_TRUE(opened) << n << ": " << opened.error().message();
    store_ = *std::move(opened);
    const auto was_told = [&acknowledged](char what) {
      return acknowledged.find(what) != std::string::npos;
    };
    if (was_told('a') && !was_told('L')) EXPECT_EQ(stored_at("ns/a"), "1") << n;
    if (was_told('c')) EXPECT_EQ(stored_at("ns/b"), "3") << n;
    if (was_told('b')) EXPECT_NE(stored_at("ns/b"), "") << n;
    if (was_told('L')) EXPECT_EQ(stored_at("ns/large").size(), Journal::ContentBytesMax * 3) << n;
    if (was_told('f')) EXPECT_EQ(stored_at("ns/a/below"), "4") << n;
    store_.reset();
    fs::remove_all(options_.path);
    fs::create_directories(options_.path);
    if (!has_died) {
      EXPECT_GT(n, 20);
      break;
    }
  }
}

// A put that failed takes back itself, and nothing else of its name.
TEST_F(Crash, APutThatFailedDoesNotTakeWhatWasThereWithIt) {
  dies([this] {
    if (put_at("ns/a", "first")) note("1");
    fail(2);  // after the journal's write and sync: there is no room for the file
    if (!put_at("ns/a", "second")) note("2");
    ::kill(::getpid(), SIGKILL);
  });
  ASSERT_EQ(told(), "12");
  fs::remove(options_.path + "/ns/a");  // it had not reached the disk
  open();
  EXPECT_EQ(stored_at("ns/a"), "first");
}

Task<Result<void>> put_noting(ports::ObjectStore* store, std::string address, std::string bytes) {
  VARVE_CO_CHECK(
      co_await store->put_bytes(Context(), ObjectAddress(address), bytes, PutMode::Overwrite));
  co_return Result<void>();
}

TEST_F(Crash, OfTwoPutsOfOneNameAtOnceEachStandsForItself) {
  constexpr int Rounds = 40;
  dies([this] {
    for (int i = 0; i < Rounds; ++i) {
      const std::string address = "local://ns/" + std::to_string(i);
      std::vector<Task<Result<void>>> both;
      both.push_back(put_noting(store_.get(), address, "one"));
      both.push_back(put_noting(store_.get(), address, "two"));
      fail(2);
      const auto done = run(base::join_all(std::move(both), 2));
      heal();
      note(done[1] ? "2" : done[0] ? "1" : "0");
    }
    ::kill(::getpid(), SIGKILL);
  });
  const std::string acknowledged = told();
  ASSERT_EQ(acknowledged.size(), static_cast<std::size_t>(Rounds));
  fs::remove_all(options_.path + "/ns");
  open();
  for (int i = 0; i < Rounds; ++i) {
    const std::string found = stored_at("ns/" + std::to_string(i));
    if (acknowledged[static_cast<std::size_t>(i)] == '2') EXPECT_EQ(found, "two") << i;
    if (acknowledged[static_cast<std::size_t>(i)] == '1') EXPECT_EQ(found, "one") << i;
  }
}

}  // namespace
}  // namespace varve::adapters
