#include "tests/contract/kv_store_contract.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/run.h"
#include "ports/kv_store.h"

namespace varve::contract {

using base::Bytes;
using base::Code;
using ports::KvKey;
using ports::KvRequirement;
using ports::KvScan;
using ports::KvUpdate;
using ports::KvWrite;

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(KvStoreContract);

namespace {

KvWrite write_of(std::vector<KvRequirement> requirements, std::vector<KvUpdate> updates) {
  KvWrite write;
  write.requirements = std::move(requirements);
  write.updates = std::move(updates);
  return write;
}

template <class T>
Code code_of(const base::Result<T>& result) {
  return result.has_value() ? Code::Internal : result.error().code();
}

}  // namespace

TEST_P(KvStoreContract, AnAbsentKeyHasNoValue) { EXPECT_EQ(kv().value({"p", "k"}), std::nullopt); }

TEST_P(KvStoreContract, ASetValueIsReadBack) {
  kv().set({"p", "k"}, "one");
  EXPECT_EQ(kv().value({"p", "k"}), "one");
  kv().set({"p", "k"}, "two");
  EXPECT_EQ(kv().value({"p", "k"}), "two");
}

TEST_P(KvStoreContract, AnEmptyValueIsAValue) {
  kv().set({"p", "k"}, "");
  EXPECT_EQ(kv().value({"p", "k"}), "");
  EXPECT_EQ(kv().keys("p"), std::vector<std::string>{"k"});
}

TEST_P(KvStoreContract, ErasingIsIdempotent) {
  kv().set({"p", "k"}, "one");
  kv().erase({"p", "k"});
  EXPECT_EQ(kv().value({"p", "k"}), std::nullopt);
  kv().erase({"p", "k"});
}

TEST_P(KvStoreContract, AnyByteMayStandInAKeyOrAValue) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte.push_back(static_cast<char>(byte));
  kv().set({every_byte, every_byte}, every_byte);
  EXPECT_EQ(kv().value({every_byte, every_byte}), every_byte);
  EXPECT_EQ(kv().keys(every_byte), std::vector<std::string>{every_byte});
}

TEST_P(KvStoreContract, LongKeysAndValuesFit) {
  const std::string key(ports::KvKeyBytesMax, 'k');
  const std::string value(1U << 20U, 'v');
  kv().set({key, key}, value);
  EXPECT_EQ(kv().value({key, key}), value);
}

// Names that are prefixes of each other, or would run together with the key behind them.
std::vector<std::string> awkward_partitions() {
  return {"a", "a/b", "ab", std::string("a\0", 2), std::string("a\0b", 3), "a\xff", "a\xff\xff"};
}

TEST_P(KvStoreContract, PartitionsNeverSeeEachOther) {
  const std::vector<std::string> keys = {"b/x", "x", std::string("\0", 1), "\xff", "b"};
  for (const std::string& partition : awkward_partitions()) {
    for (const std::string& key : keys) kv().set({partition, key}, partition + "|" + key);
  }
  std::vector<std::string> sorted = keys;
  std::sort(sorted.begin(), sorted.end());
  for (const std::string& partition : awkward_partitions()) {
    EXPECT_EQ(kv().keys(partition), sorted);
    for (const std::string& key : keys) {
      EXPECT_EQ(kv().value({partition, key}), partition + "|" + key);
    }
  }
}

TEST_P(KvStoreContract, ClearingAPartitionLeavesItsNeighbours) {
  for (const std::string& cleared : awkward_partitions()) {
    for (const std::string& partition : awkward_partitions()) kv().set({partition, "k"}, "v");
    ASSERT_TRUE(kv().delete_range(cleared, "", ""));
    for (const std::string& partition : awkward_partitions()) {
      EXPECT_EQ(kv().keys(partition).empty(), partition == cleared)
          << testing::PrintToString(partition) << " after " << testing::PrintToString(cleared);
    }
  }
}

TEST_P(KvStoreContract, ARequirementHoldsWhenItSaysSo) {
  struct Row {
    KvRequirement requirement;
    std::optional<Bytes> stored;
    bool is_met;
  };
  const KvKey key("p", "k");
  const std::vector<Row> rows = {
      {KvRequirement::absent(key), std::nullopt, true},
      {KvRequirement::absent(key), "a", false},
      {KvRequirement::absent(key), "", false},
      {KvRequirement::present(key), std::nullopt, false},
      {KvRequirement::present(key), "a", true},
      {KvRequirement::present(key), "", true},
      {KvRequirement::equals(key, "a"), std::nullopt, false},
      {KvRequirement::equals(key, "a"), "a", true},
      {KvRequirement::equals(key, "a"), "ab", false},
      {KvRequirement::equals(key, "a"), "", false},
      {KvRequirement::equals(key, ""), std::nullopt, false},
      {KvRequirement::equals(key, ""), "", true},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    kv().erase(key);
    if (rows[i].stored) kv().set(key, *rows[i].stored);
    const auto done = kv().write(write_of({rows[i].requirement}, {KvUpdate::set(key, "new")}));
    EXPECT_EQ(done.has_value(), rows[i].is_met) << "row " << i;
    if (!rows[i].is_met) EXPECT_EQ(code_of(done), Code::Conflict) << "row " << i;
    EXPECT_EQ(kv().value(key), rows[i].is_met ? std::optional<Bytes>("new") : rows[i].stored);
  }
}

TEST_P(KvStoreContract, AWriteIsAllOrNothing) {
  kv().set({"p", "seen"}, "1");
  kv().set({"p", "old"}, "1");
  const auto refused = kv().write(
      write_of({KvRequirement::equals({"p", "seen"}, "1"), KvRequirement::absent({"q", "old"}),
                KvRequirement::present({"q", "missing"})},
               {KvUpdate::set({"p", "new"}, "2"), KvUpdate::erase({"p", "old"}),
                KvUpdate::set({"q", "x"}, "3")}));
  EXPECT_EQ(code_of(refused), Code::Conflict);
  EXPECT_EQ(kv().keys("p"), (std::vector<std::string>{"old", "seen"}));
  EXPECT_TRUE(kv().keys("q").empty());
}

TEST_P(KvStoreContract, RequirementsAreReadBeforeUpdates) {
  const auto done =
      kv().write(write_of({KvRequirement::absent({"p", "k"})},
                          {KvUpdate::set({"p", "k"}, "1"), KvUpdate::erase({"p", "j"})}));
  EXPECT_TRUE(done);
  const auto again =
      kv().write(write_of({KvRequirement::absent({"p", "k"})}, {KvUpdate::erase({"p", "k"})}));
  EXPECT_EQ(code_of(again), Code::Conflict);
  EXPECT_EQ(kv().value({"p", "k"}), "1");
}

TEST_P(KvStoreContract, UpdatesOfOneKeyApplyInOrder) {
  const KvKey key("p", "k");
  ASSERT_TRUE(kv().write(write_of({}, {KvUpdate::set(key, "1"), KvUpdate::set(key, "2")})));
  EXPECT_EQ(kv().value(key), "2");
  ASSERT_TRUE(kv().write(write_of({}, {KvUpdate::set(key, "3"), KvUpdate::erase(key)})));
  EXPECT_EQ(kv().value(key), std::nullopt);
  ASSERT_TRUE(kv().write(write_of({}, {KvUpdate::erase(key), KvUpdate::set(key, "4")})));
  EXPECT_EQ(kv().value(key), "4");
}

TEST_P(KvStoreContract, AWriteMayOnlyAsk) {
  EXPECT_TRUE(kv().write(write_of({KvRequirement::absent({"p", "k"})}, {})));
  EXPECT_EQ(code_of(kv().write(write_of({KvRequirement::present({"p", "k"})}, {}))),
            Code::Conflict);
  EXPECT_TRUE(kv().write(KvWrite()));
}

TEST_P(KvStoreContract, ManyReadsKeepTheirOrder) {
  kv().set({"p", "a"}, "1");
  kv().set({"q", "a"}, "2");
  const auto values =
      kv().multi_get({{"q", "a"}, {"p", "missing"}, {"p", "a"}, {"q", "a"}, {"none", "a"}});
  ASSERT_TRUE(values);
  EXPECT_EQ(*values,
            (std::vector<std::optional<Bytes>>{"2", std::nullopt, "1", "2", std::nullopt}));
  EXPECT_TRUE(kv().multi_get({})->empty());
}

TEST_P(KvStoreContract, TheLargestWriteFits) {
  KvWrite write;
  for (std::size_t i = 0; i < ports::KvUpdatesMax; ++i) {
    const std::string key = std::to_string(100000 + i);
    write.requirements.push_back(KvRequirement::absent({"p", key}));
    write.updates.push_back(KvUpdate::set({"p", key}, key));
  }
  ASSERT_TRUE(kv().write(std::move(write)));
  EXPECT_EQ(kv().keys("p").size(), ports::KvUpdatesMax);
}

TEST_P(KvStoreContract, ArgumentsAreChecked) {
  const auto expect_refused = [](const auto& result, const std::string& text) {
    ASSERT_FALSE(result.has_value()) << text;
    EXPECT_EQ(result.error().code(), Code::InvalidArgument) << text;
    EXPECT_EQ(result.error().message(), text);
  };
  const std::string too_long(ports::KvKeyBytesMax + 1, 'x');
  expect_refused(kv().get({"", "k"}), "missing partition key");
  expect_refused(kv().get({"p", ""}), "missing key");
  expect_refused(kv().get({too_long, "k"}), "partition key too long: 4097 bytes, 4096 are allowed");
  expect_refused(kv().get({"p", too_long}), "key too long: 4097 bytes, 4096 are allowed");
  expect_refused(kv().multi_get({{"p", "k"}, {"p", ""}}), "missing key");
  expect_refused(kv().multi_get(std::vector<KvKey>(ports::KvKeysMax + 1, {"p", "k"})),
                 "too many keys in one read");
  expect_refused(kv().write(write_of({KvRequirement::absent({"p", ""})}, {})), "missing key");
  expect_refused(kv().write(write_of({}, {KvUpdate::erase({"", "k"})})), "missing partition key");
  expect_refused(
      kv().write(
          write_of({}, {KvUpdate::set({"p", "k"}, std::string(ports::KvValueBytesMax + 1, 'v'))})),
      "value too long: 16777217 bytes, 16777216 are allowed");
  expect_refused(kv().write(write_of({}, std::vector<KvUpdate>(ports::KvUpdatesMax + 1,
                                                               KvUpdate::erase({"p", "k"})))),
                 "too many updates in one write");
  expect_refused(kv().delete_range("", "", ""), "missing partition key");
  KvScan scan;
  expect_refused(kv().scan(scan), "missing partition key");
  scan.partition = "p";
  scan.limit = 0;
  expect_refused(kv().scan(scan), "scan limit out of range");
  scan.limit = ports::KvScanRowsMax + 1;
  expect_refused(kv().scan(scan), "scan limit out of range");
}

TEST_P(KvStoreContract, ACancelledRequestDoesNothing) {
  base::Context cancelled;
  cancelled.cancel();
  auto& store = subject_->store();
  KvWrite write = write_of({}, {KvUpdate::set({"p", "k"}, "1")});
  EXPECT_EQ(code_of(base::run(store.write(cancelled, std::move(write)))), Code::Cancelled);
  EXPECT_EQ(code_of(base::run(store.get(cancelled, {"p", "k"}))), Code::Cancelled);
  EXPECT_EQ(kv().value({"p", "k"}), std::nullopt);
}

TEST_P(KvStoreContract, WhatWasAcknowledgedOutlivesTheProcess) {
  kv().set({"p", "kept"}, "1");
  kv().set({"p", "gone"}, "1");
  kv().erase({"p", "gone"});
  kv().set({"q", "a"}, "1");
  ASSERT_TRUE(kv().delete_range("q", "", ""));
  restart();
  const bool survives = subject_->survives_restart();
  EXPECT_EQ(kv().value({"p", "kept"}), survives ? std::optional<Bytes>("1") : std::nullopt);
  EXPECT_EQ(kv().value({"p", "gone"}), std::nullopt);
  EXPECT_TRUE(kv().keys("q").empty());
  kv().set({"p", "more"}, "2");
  EXPECT_EQ(kv().value({"p", "more"}), "2");
}

}  // namespace varve::contract
