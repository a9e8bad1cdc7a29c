#include "tests/contract/object_store_contract.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/hash.h"
#include "base/result.h"
#include "base/run.h"
#include "base/task.h"
#include "model/errors.h"
#include "ports/object_store.h"

namespace varve::contract {

using base::Bytes;
using base::Code;
using base::Context;
using base::Result;
using base::run;
using base::Task;
using model::Detail;
using ports::ByteRange;
using ports::ObjectAddress;
using ports::PutMode;

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ObjectStoreContract);

namespace {

// Bytes that are nowhere the same.
Bytes pattern(std::size_t count) {
  Bytes bytes(count, '\0');
  std::uint32_t state = 1;
  for (char& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 24U);
  }
  return bytes;
}

template <class T>
void expect_missing(const Result<T>& result) {
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), Code::NotFound);
  EXPECT_TRUE(model::is(result.error(), Detail::DataMissing));
}

}  // namespace

TEST_P(ObjectStoreContract, WhatIsNotThereIsMissing) {
  expect_missing(get("a"));
  expect_missing(stat("a"));
  expect_missing(stat("deep/er/a"));
  expect_missing(run(store().copy(Context(), at("a"), at("b"))));
  EXPECT_TRUE(erase("a")) << "erasing what is not there is fine";
}

TEST_P(ObjectStoreContract, APutIsReadBack) {
  for (const std::size_t size : {0UL, 1UL, 1000UL, 300'000UL}) {
    const Bytes bytes = pattern(size);
    const std::string key = "folder/" + std::to_string(size);
    const auto info = put(key, bytes);
    ASSERT_TRUE(info) << info.error().message();
    EXPECT_EQ(info->address, at(key));
    EXPECT_EQ(info->size, static_cast<std::int64_t>(size));
    EXPECT_GT(info->last_modified.seconds, 0);
    if (subject_->keeps_etags()) EXPECT_EQ(info->etag, base::hex_encode(base::md5(bytes)));
    EXPECT_EQ(get(key), bytes);

    const auto again = stat(key);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->address, info->address);
    EXPECT_EQ(again->size, info->size);
    EXPECT_EQ(again->last_modified, info->last_modified);
    EXPECT_EQ(again->etag, info->etag);
  }
}

TEST_P(ObjectStoreContract, AStreamIsReadBack) {
  const Bytes bytes = pattern(3'000'000);
  for (const std::size_t step : {1'000'000UL, 262'144UL, 77'777UL, 3'000'000UL}) {
    std::vector<Bytes> pieces;
    for (std::size_t i = 0; i < bytes.size(); i += step) pieces.push_back(bytes.substr(i, step));
    const auto info = stream("s", std::move(pieces));
    ASSERT_TRUE(info) << info.error().message();
    EXPECT_EQ(info->size, 3'000'000);
    EXPECT_TRUE(get("s") == bytes) << step;
  }
  ASSERT_TRUE(stream("empty", {}));
  EXPECT_EQ(get("empty"), "");
  ASSERT_TRUE(stream("small", {"a", "", "bc"}));
  EXPECT_EQ(get("small"), "abc");
}

TEST_P(ObjectStoreContract, APutReplaces) {
  ASSERT_TRUE(put("a", "long content"));
  ASSERT_TRUE(put("a", "new"));
  EXPECT_EQ(get("a"), "new");
  ASSERT_TRUE(stream("a", {"streamed"}));
  EXPECT_EQ(get("a"), "streamed");
}

TEST_P(ObjectStoreContract, APutMayAskForAbsence) {
  ASSERT_TRUE(put("a", "first", PutMode::IfAbsent));
  const auto second = put("a", "second", PutMode::IfAbsent);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), Code::AlreadyExists);
  const auto third = stream("a", {"third"}, PutMode::IfAbsent);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code(), Code::AlreadyExists);
  EXPECT_EQ(get("a"), "first");
  ASSERT_TRUE(erase("a"));
  EXPECT_TRUE(put("a", "fourth", PutMode::IfAbsent));
  EXPECT_EQ(subject_->leftovers(), 0U);
}

TEST_P(ObjectStoreContract, OneOfManyCreatorsWins) {
  std::atomic<int> won = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this, &won, i] {
      const auto done = put("race/a", std::to_string(i), PutMode::IfAbsent);
      if (done) {
        ++won;
        EXPECT_EQ(get("race/a"), std::to_string(i));
      } else {
        EXPECT_EQ(done.error().code(), Code::AlreadyExists);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won.load(), 1);
}

TEST_P(ObjectStoreContract, RangesAreCutToTheObject) {
  ASSERT_TRUE(put("a", "0123456789"));
  EXPECT_EQ(get("a", {0, -1}), "0123456789");
  EXPECT_EQ(get("a", {3, 4}), "3456");
  EXPECT_EQ(get("a", {7, 100}), "789");
  EXPECT_EQ(get("a", {7, -1}), "789");
  EXPECT_EQ(get("a", {4, 0}), "");
  EXPECT_EQ(get("a", {10, -1}), "");
  for (const ByteRange range : {ByteRange{11, -1}, ByteRange{-1, 5}}) {
    const auto beyond = get("a", range);
    ASSERT_FALSE(beyond);
    EXPECT_EQ(beyond.error().code(), Code::InvalidArgument);
  }
}

Task<Result<Bytes>> read_around_a_change(ports::ObjectStore* store, ObjectAddress address) {
  VARVE_CO_TRY(const auto reader, co_await store->get(Context(), address, ByteRange()));
  VARVE_CO_TRY(Bytes bytes, co_await reader->read(3));
  VARVE_CO_CHECK(
      co_await store->put_bytes(Context(), address, base::Bytes("XXXXXX"), PutMode::Overwrite));
  VARVE_CO_CHECK(co_await store->erase(Context(), address));
  VARVE_CO_TRY(const Bytes rest, co_await reader->read(100));
  EXPECT_EQ(reader->info().size, 6);
  co_return bytes + rest;
}

TEST_P(ObjectStoreContract, AReaderKeepsWhatItOpened) {
  ASSERT_TRUE(put("a", "abcdef"));
  EXPECT_EQ(run(read_around_a_change(&store(), at("a"))), "abcdef");
  expect_missing(stat("a"));
}

Task<Result<void>> abandon(ports::ObjectStore* store, ObjectAddress address) {
  for (const std::size_t size : {0UL, 10UL, 1'000'000UL}) {
    VARVE_CO_TRY(const auto writer, co_await store->put(Context(), address, PutMode::Overwrite));
    if (size > 0) VARVE_CO_CHECK(co_await writer->write(pattern(size)));
    const auto seen = co_await store->stat(Context(), address);
    EXPECT_FALSE(seen) << "unfinished is invisible";
  }
  co_return Result<void>();
}

TEST_P(ObjectStoreContract, AnAbandonedWriterLeavesNothing) {
  ASSERT_TRUE(run(abandon(&store(), at("folder/a"))));
  expect_missing(stat("folder/a"));
  EXPECT_TRUE(list("", "", 10).empty());
  EXPECT_EQ(subject_->leftovers(), 0U);
}

TEST_P(ObjectStoreContract, ACopyIsAnObjectOfItsOwn) {
  const Bytes bytes = pattern(700'000);
  ASSERT_TRUE(put("a", bytes));
  const auto info = run(store().copy(Context(), at("a"), at("other/b")));
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_EQ(info->address, at("other/b"));
  EXPECT_EQ(info->size, 700'000);
  ASSERT_TRUE(erase("a"));
  EXPECT_TRUE(get("other/b") == bytes);
}

TEST_P(ObjectStoreContract, OddNamesAreNames) {
  const std::vector<std::string> keys = {
      "with space",   "per%20cent",         "\xe6\x97\xa5\xe6\x9c\xac",
      "new\nline",    "\xff\xfe",           "...",
      "a..b/..c",     "comma,signed=",      "_lakefs/dummy",
      ".hidden/file", std::string(200, 'n')};
  for (const std::string& key : keys) ASSERT_TRUE(put("odd/" + key, key)) << key;
  for (const std::string& key : keys) EXPECT_EQ(get("odd/" + key), key);
  EXPECT_EQ(list("odd/", "", 100).size(), keys.size());
}

TEST_P(ObjectStoreContract, AnAddressThatLeavesIsForbidden) {
  for (const std::string& key : {std::string("../a"), std::string("a/../../b"), std::string("a/.."),
                                 std::string("a\0b", 3)}) {
    for (const auto& result : {put(key, "x"), stat(key), stream(key, {"x"})}) {
      ASSERT_FALSE(result.has_value()) << key;
      EXPECT_EQ(result.error().code(), Code::PermissionDenied) << key;
      EXPECT_TRUE(model::is(result.error(), Detail::StorageForbidden)) << key;
    }
  }
}

TEST_P(ObjectStoreContract, AnotherSchemeIsRefused) {
  for (const std::string address : {"other://b/a", "", "b/a", "://b"}) {
    const auto result = run(store().stat(Context(), ObjectAddress(address)));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), Code::InvalidArgument) << address;
  }
}

TEST_P(ObjectStoreContract, ANameIsAnObjectOrAFolderWhereKeysArePaths) {
  ASSERT_TRUE(put("a", "object"));
  ASSERT_TRUE(put("b/c", "object"));
  for (const auto& result : {put("a/below", "x"), put("b", "x"), stream("a/below", {"x"})}) {
    EXPECT_EQ(result.has_value(), !subject_->keys_are_paths());
    if (!result) EXPECT_EQ(result.error().code(), Code::InvalidArgument);
  }
  EXPECT_EQ(get("a"), "object");
  EXPECT_EQ(get("b/c"), "object");
  EXPECT_EQ(subject_->leftovers(), 0U);
}

TEST_P(ObjectStoreContract, ACancelledRequestDoesNothing) {
  Context cancelled;
  cancelled.cancel();
  const auto done =
      run(store().put_bytes(cancelled, at("a"), base::Bytes("x"), PutMode::Overwrite));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), Code::Cancelled);
  expect_missing(stat("a"));
}

TEST_P(ObjectStoreContract, WhatWasAcknowledgedOutlivesTheProcess) {
  ASSERT_TRUE(put("folder/a", "kept"));
  ASSERT_TRUE(stream("folder/b", {pattern(600'000)}));
  ASSERT_TRUE(put("gone", "x"));
  ASSERT_TRUE(erase("gone"));
  subject_->restart();
  expect_missing(stat("gone"));
  if (!subject_->survives_restart()) {
    expect_missing(stat("folder/a"));
    return;
  }
  EXPECT_EQ(get("folder/a"), "kept");
  EXPECT_TRUE(get("folder/b") == pattern(600'000));
}

}  // namespace varve::contract
