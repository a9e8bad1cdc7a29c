// What only the local store does; what every store does is in tests/contract.

#include "adapters/object_local/object_local.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "adapters/object_local/journal.h"
#include "adapters/object_local/segments.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/run.h"
#include "model/errors.h"
#include "ports/object_types.h"

namespace varve::adapters {
namespace {

namespace fs = std::filesystem;

using base::Bytes;
using base::Code;
using base::Context;
using base::Result;
using base::run;
using model::Detail;
using ports::ObjectAddress;
using ports::ObjectInfo;
using ports::PutMode;

class LocalObjectsTest : public testing::Test {
 protected:
  LocalObjectsTest() {
    std::string name = testing::TempDir() + "varve-local-XXXXXX";
    folder_ = fs::canonical(::mkdtemp(name.data())).string();
    options_.path = root();
  }

  ~LocalObjectsTest() override {
    store_.reset();
    fs::remove_all(folder_);
  }

  std::string root() const { return folder_ + "/store/block"; }
  std::string outside() const { return folder_ + "/outside"; }

  void open() {
    store_.reset();
    store_ = LocalObjects::open(options_, offload_, rng_).value();
  }

  Result<ObjectInfo> put(const std::string& address, Bytes bytes,
                         PutMode mode = PutMode::Overwrite) {
    return run(store_->put_bytes(Context(), ObjectAddress(address), std::move(bytes), mode));
  }
  Result<ObjectInfo> stat(const std::string& address) {
    return run(store_->stat(Context(), ObjectAddress(address)));
  }
  std::vector<std::string> list(const std::string& prefix, std::size_t limit = 100) {
    const auto page = run(store_->list(Context(), ObjectAddress(prefix), ObjectAddress(), limit));
    std::vector<std::string> addresses;
    if (!page) return {"error: " + page.error().message()};
    for (const ObjectInfo& info : page->objects) addresses.push_back(info.address.str());
    return addresses;
  }

  static void write_file(const std::string& path, const std::string& bytes) {
    fs::create_directories(fs::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
  }
  static std::string read_file(const std::string& path) {
    std::stringstream content;
    content << std::ifstream(path, std::ios::binary).rdbuf();
    return content.str();
  }

  std::string folder_;
  LocalObjectsOptions options_;
  base::SeededRng rng_{7};
  base::Offload offload_{base::OffloadOptions()};
  std::unique_ptr<LocalObjects> store_;
};

void expect_forbidden(const Result<ObjectInfo>& result) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), Code::PermissionDenied);
  EXPECT_TRUE(model::is(result.error(), Detail::StorageForbidden)) << result.error().message();
}

TEST_F(LocalObjectsTest, AnObjectIsAFileBelowTheRoot) {
  open();
  ASSERT_TRUE(put("local://ns/data/a", "bytes"));
  EXPECT_EQ(read_file(root() + "/ns/data/a"), "bytes");
}

// In pieces of whatever size: what fits no page waits for the next one.
TEST_F(LocalObjectsTest, ALargeObjectIsAllThatWasWritten) {
  open();
  for (const std::size_t piece : {300'001U, 262'144U, 1'048'577U, 70'000U}) {
    const ObjectAddress address("local://ns/large-" + std::to_string(piece));
    const auto writer = run(store_->put(Context(), address, PutMode::Overwrite));
    ASSERT_TRUE(writer);
    Bytes all;
    for (int i = 0; i < 9; ++i) {
      Bytes bytes(i == 4 ? 5 : piece, static_cast<char>('a' + i));
      bytes.front() = '<';
      bytes.back() = '>';
      all += bytes;
      ASSERT_TRUE(run((*writer)->write(bytes)));
    }
    const auto made = run((*writer)->finish());
    ASSERT_TRUE(made);
    EXPECT_EQ(made->size, std::ssize(all));
    EXPECT_TRUE(read_file(root() + "/ns/large-" + std::to_string(piece)) == all) << piece;
  }
}

TEST_F(LocalObjectsTest, AnotherProcessIsToldSo) {
  open();
  const auto second = LocalObjects::open(options_, offload_, rng_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), Code::Unavailable);
  EXPECT_NE(second.error().message().find(root()), std::string::npos);
}

TEST_F(LocalObjectsTest, EmptySegmentsAndDotsNameTheSameObject) {
  open();
  ASSERT_TRUE(put("local://ns//data/./a", "bytes"));
  EXPECT_TRUE(stat("local://ns/data/a"));
  EXPECT_EQ(list("local://ns//data/"), std::vector<std::string>{"local://ns//data/a"});
}

TEST_F(LocalObjectsTest, AFolderIsNoObject) {
  open();
  ASSERT_TRUE(put("local://ns/a/b", "x"));
  EXPECT_TRUE(model::is(stat("local://ns/a").error(), Detail::DataMissing));
  EXPECT_EQ(stat("local://ns/a/").error().code(), Code::InvalidArgument);
  EXPECT_TRUE(run(store_->erase(Context(), ObjectAddress("local://ns/a"))));
  EXPECT_TRUE(stat("local://ns/a/b"));
}

TEST_F(LocalObjectsTest, TooLongASegmentIsRefused) {
  open();
  EXPECT_TRUE(put("local://ns/" + std::string(255, 'n'), "x"));
  EXPECT_EQ(put("local://ns/" + std::string(256, 'n'), "x").error().code(), Code::InvalidArgument);
  std::string deep = "local://ns";
  for (int i = 0; i < 3000; ++i) deep += "/d";
  EXPECT_EQ(put(deep, "x").error().code(), Code::InvalidArgument);
  for (int i = 0; i < 40000; ++i) deep += "/d";  // a record of the journal has no room for that
  EXPECT_EQ(put(deep, "x").error().code(), Code::InvalidArgument);
  EXPECT_EQ(run(store_->erase(Context(), ObjectAddress(deep))).error().code(),
            Code::InvalidArgument);
}

TEST_F(LocalObjectsTest, TheWorkspaceHasNoAddress) {
  open();
  const std::vector<std::string> addresses = {
      "local://.varve/lock", "local://" + root() + "/.varve/lock", "local://./.varve/tmp/x"};
  for (const std::string& address : addresses) {
    expect_forbidden(stat(address));
    expect_forbidden(put(address, "x"));
  }
  ASSERT_TRUE(put("local://ns/.varve/a", "x")) << "only at the root";
  EXPECT_EQ(list("local://.var"), std::vector<std::string>{});
  EXPECT_EQ(list("local://n"), std::vector<std::string>{"local://ns/.varve/a"});
}

TEST_F(LocalObjectsTest, LinksDoNotLeadOutside) {
  open();
  write_file(outside() + "/secret", "secret");
  ASSERT_TRUE(put("local://ns/real/a", "inside"));
  fs::create_directory_symlink(outside(), root() + "/ns/out");
  fs::create_symlink(outside() + "/secret", root() + "/ns/file");
  fs::create_directory_symlink("real", root() + "/ns/in");
  fs::create_symlink("real/a", root() + "/ns/b");

  expect_forbidden(stat("local://ns/out/secret"));
  expect_forbidden(stat("local://ns/file"));
  expect_forbidden(put("local://ns/out/new", "x"));
  EXPECT_FALSE(fs::exists(outside() + "/new"));
  EXPECT_TRUE(run(store_->erase(Context(), ObjectAddress("local://ns/file"))));
  EXPECT_EQ(read_file(outside() + "/secret"), "secret") << "the link is erased, not the file";

  EXPECT_TRUE(stat("local://ns/in/a"));
  EXPECT_EQ(list("local://ns/"), (std::vector<std::string>{"local://ns/b", "local://ns/real/a"}));
}

TEST_F(LocalObjectsTest, AFifoDoesNotHoldAThread) {
  open();
  fs::create_directories(root() + "/ns");
  ASSERT_EQ(::mkfifo((root() + "/ns/fifo").c_str(), 0600), 0);
  EXPECT_TRUE(model::is(stat("local://ns/fifo").error(), Detail::DataMissing));
  const auto reader = run(store_->get(Context(), ObjectAddress("local://ns/fifo"), {}));
  EXPECT_FALSE(reader);
  EXPECT_TRUE(list("local://ns/").empty());
}

TEST_F(LocalObjectsTest, OutsideIsReadOnlyWhereAllowed) {
  write_file(outside() + "/in/x", "one");
  write_file(outside() + "/in/deep/y", "two");
  write_file(outside() + "/in/.hidden", "three");
  write_file(outside() + "/in/.folder/z", "four");
  write_file(folder_ + "/outside-too/x", "no");
  options_.external_prefixes = {outside() + "/in"};
  open();
  const std::string address = "local://" + outside() + "/in/x";
  ASSERT_TRUE(stat(address)) << stat(address).error().message();
  EXPECT_EQ(stat(address)->size, 3);
  expect_forbidden(put(address, "x"));
  expect_forbidden(stat("local://" + folder_ + "/outside-too/x"));
  expect_forbidden(stat("local://" + outside() + "/elsewhere"));
  expect_forbidden(stat("local:///etc/passwd"));
  const std::string base = "local://" + outside() + "/in/";
  EXPECT_EQ(list(base), (std::vector<std::string>{base + "deep/y", base + "x"}));
  EXPECT_EQ(list(base + "d"), (std::vector<std::string>{base + "deep/y"}));
  EXPECT_EQ(list("local://" + outside() + "/"), std::vector<std::string>{"error: forbidden"});

  const auto copied =
      run(store_->copy(Context(), ObjectAddress(address), ObjectAddress("local://ns/copy")));
  ASSERT_TRUE(copied);
  EXPECT_EQ(read_file(root() + "/ns/copy"), "one");

  options_.lists_hidden = true;
  open();
  EXPECT_EQ(list(base).size(), 4U);
}

TEST_F(LocalObjectsTest, AnAbsolutePathInsideTheRootIsTheSameObject) {
  open();
  ASSERT_TRUE(put("local://ns/a", "x"));
  const std::string address = "local://" + root() + "/ns/a";
  EXPECT_TRUE(stat(address));
  EXPECT_EQ(list("local://" + root() + "/ns/"), std::vector<std::string>{address});
}

TEST_F(LocalObjectsTest, AReaderOffersItsFile) {
  open();
  ASSERT_TRUE(put("local://ns/a", "0123456789"));
  const auto reader = run(store_->get(Context(), ObjectAddress("local://ns/a"), {2, 5})).value();
  const auto span = reader->file_span();
  ASSERT_TRUE(span);
  EXPECT_EQ(span->offset, 2);
  EXPECT_EQ(span->size, 5);
  char bytes[5];
  EXPECT_EQ(::pread(span->descriptor, bytes, 5, span->offset), 5);
  EXPECT_EQ(std::string(bytes, 5), "23456");
}

TEST_F(LocalObjectsTest, AFolderOfManyIsListedInPages) {
  open();
  fs::create_directories(root() + "/ns/many");
  std::vector<std::string> names;
  for (int i = 0; i < 2500; ++i) {
    names.push_back("local://ns/many/" + std::to_string(i));
    std::ofstream(root() + "/ns/many/" + std::to_string(i)) << "x";
  }
  std::sort(names.begin(), names.end());
  std::vector<std::string> walked;
  for (ObjectAddress after;;) {
    const auto page = run(store_->list(Context(), ObjectAddress("local://ns/"), after, 1000));
    ASSERT_TRUE(page);
    for (const ObjectInfo& info : page->objects) walked.push_back(info.address.str());
    if (!page->has_more) break;
    after = page->objects.back().address;
  }
  EXPECT_EQ(walked, names);
}

TEST_F(LocalObjectsTest, WhatACrashLeftIsSwept) {
  open();
  store_.reset();
  write_file(root() + "/.varve/tmp/unfinished", "x");
  write_file(root() + "/.varve/uploads/0123456789abcdef0123456789abcdef/00001", "no address");
  open();
  EXPECT_FALSE(fs::exists(root() + "/.varve/tmp/unfinished"));
  EXPECT_TRUE(fs::is_empty(root() + "/.varve/uploads"));
}

// A power failure, as the files see it: the journal was synced, and of the rest only what the
// kernel happened to have written is there.
class PowerFailureTest : public LocalObjectsTest {
 protected:
  // Runs `work` in a process of its own that is killed right after it.
  template <class Work>
  void in_a_process_that_dies(Work work) {
    store_.reset();
    const pid_t child = ::fork();
    if (child == 0) {
      base::Offload offload{base::OffloadOptions()};
      store_ = LocalObjects::open(options_, offload, rng_).value();
      work();
      ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
  }
};

TEST_F(PowerFailureTest, WhatTheJournalHoldsIsDoneAgain) {
  in_a_process_that_dies([this] {
    if (!put("local://ns/new/lost", "lost") || !put("local://ns/torn", "whole content") ||
        !put("local://ns/twice", "first") || !put("local://ns/twice", "second") ||
        !put("local://ns/gone", "x") || !put("local://ns/kept", "kept") ||
        !run(store_->erase(Context(), ObjectAddress("local://ns/gone")))) {
      ::_exit(1);
    }
  });
  fs::remove_all(root() + "/ns/new");
  write_file(root() + "/ns/torn", "whole");
  write_file(root() + "/ns/twice", "first");
  write_file(root() + "/ns/gone", "x");
  open();
  EXPECT_EQ(read_file(root() + "/ns/new/lost"), "lost");
  EXPECT_EQ(read_file(root() + "/ns/torn"), "whole content");
  EXPECT_EQ(read_file(root() + "/ns/twice"), "second");
  EXPECT_EQ(read_file(root() + "/ns/kept"), "kept");
  EXPECT_FALSE(fs::exists(root() + "/ns/gone"));
}

TEST_F(PowerFailureTest, ALargeObjectGetsItsNameAgain) {
  const Bytes large(Journal::ContentBytesMax * 3, 'x');
  in_a_process_that_dies([this, &large] {
    if (!put("local://ns/large", "small at first") || !put("local://ns/large", large)) ::_exit(1);
  });
  EXPECT_EQ(read_file(root() + "/ns/large"), large);
  // The rename did not reach the disk: the file is still in tmp/, under the name in the journal.
  std::string temp;
  for (const auto& entry : fs::directory_iterator(root() + "/.varve/journal")) {
    const std::string bytes = read_file(entry.path().string());
    const std::size_t at = bytes.rfind("ns/large");
    if (at != std::string::npos) temp = bytes.substr(at + 8, 32);
  }
  ASSERT_EQ(temp.size(), 32U);
  fs::rename(root() + "/ns/large", root() + "/.varve/tmp/" + temp);
  write_file(root() + "/ns/large", "small at first");
  open();
  EXPECT_EQ(read_file(root() + "/ns/large"), large);
}

TEST_F(PowerFailureTest, ReplayingTwiceComesToTheSame) {
  in_a_process_that_dies([this] {
    if (!put("local://ns/a", "one") || !put("local://ns/a", "two")) ::_exit(1);
  });
  for (int i = 0; i < 3; ++i) {
    open();
    EXPECT_EQ(read_file(root() + "/ns/a"), "two");
  }
  ASSERT_TRUE(put("local://ns/a", "three"));
  open();
  EXPECT_EQ(read_file(root() + "/ns/a"), "three") << "new segments come after old ones";
}

TEST_F(LocalObjectsTest, TheJournalGoesRoundAndIsEmptied) {
  open();
  const Bytes bytes(100'000, 'x');
  for (int i = 0; i < 400; ++i) {  // more than two segments
    ASSERT_TRUE(put("local://ns/" + std::to_string(i), bytes));
  }
  std::uintmax_t size = 0;
  for (const auto& entry : fs::directory_iterator(root() + "/.varve/journal")) {
    size += entry.file_size();
  }
  EXPECT_LE(size, 5 * Segments::SegmentBytes);
  open();
  for (int i = 0; i < 400; ++i) EXPECT_EQ(stat("local://ns/" + std::to_string(i))->size, 100'000);
}

}  // namespace
}  // namespace varve::adapters
