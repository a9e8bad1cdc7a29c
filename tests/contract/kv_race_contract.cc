// What holds when many threads, each with a loop of its own, use one store at once.  [I-3]

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/run.h"
#include "base/task.h"
#include "base/task_group.h"
#include "ports/kv_store.h"
#include "tests/contract/kv_store_contract.h"

namespace varve::contract {

using base::Bytes;
using base::Code;
using base::Context;
using base::Result;
using base::Task;
using ports::KvKey;
using ports::KvRequirement;
using ports::KvStore;
using ports::KvUpdate;
using ports::KvWrite;

namespace {

constexpr int Threads = 4;
constexpr int TasksPerThread = 4;

void on_threads(const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < Threads; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
}

// Reads, adds one, writes if nobody was faster; starts over otherwise. Gives the tries it took.
Task<Result<int>> increment(KvStore* store, KvKey key) {
  for (int tries = 1;; ++tries) {
    VARVE_CO_TRY(const std::optional<Bytes> seen, co_await store->get(Context(), key));
    KvWrite write;
    write.requirements.push_back(seen ? KvRequirement::equals(key, *seen)
                                      : KvRequirement::absent(key));
    write.updates.push_back(KvUpdate::set(key, std::to_string(seen ? std::stoi(*seen) + 1 : 1)));
    const Result<void> done = co_await store->write(Context(), std::move(write));
    if (done) co_return tries;
    if (done.error().code() != Code::Conflict) co_return done.error();
  }
}

// Moves one unit between two rows, if there is one: their sum never changes.
Task<Result<int>> transfer(KvStore* store, KvKey from, KvKey to) {
  for (int tries = 1;; ++tries) {
    std::vector<KvKey> keys = {from, to};
    VARVE_CO_TRY(const auto seen, co_await store->multi_get(Context(), std::move(keys)));
    const int have = std::stoi(seen[0].value());
    if (have == 0) co_return tries;
    KvWrite write;
    write.requirements.push_back(KvRequirement::equals(from, *seen[0]));
    write.requirements.push_back(KvRequirement::equals(to, *seen[1]));
    write.updates.push_back(KvUpdate::set(from, std::to_string(have - 1)));
    write.updates.push_back(KvUpdate::set(to, std::to_string(std::stoi(seen[1].value()) + 1)));
    const Result<void> done = co_await store->write(Context(), std::move(write));
    if (done) co_return tries;
    if (done.error().code() != Code::Conflict) co_return done.error();
  }
}

}  // namespace

TEST_P(KvStoreContract, NoUpdateIsLost) {
  constexpr int Rounds = 5;
  on_threads([this](int) {
    for (int round = 0; round < Rounds; ++round) {
      std::vector<Task<Result<int>>> tasks;
      for (int i = 0; i < TasksPerThread; ++i) {
        tasks.push_back(increment(&subject_->store(), {"p", "counter"}));
      }
      for (const auto& result : base::run(base::join_all(std::move(tasks), TasksPerThread))) {
        EXPECT_TRUE(result.has_value());
      }
    }
  });
  EXPECT_EQ(kv().value({"p", "counter"}), std::to_string(Threads * TasksPerThread * Rounds));
}

TEST_P(KvStoreContract, OneOfManyCreatorsWins) {
  constexpr int Keys = 30;
  std::atomic<int> won = 0;
  on_threads([this, &won](int thread) {
    KvClient client(subject_->store());
    for (int i = 0; i < Keys; ++i) {
      const KvKey key("p", std::to_string(i));
      KvWrite write;
      write.requirements.push_back(KvRequirement::absent(key));
      write.updates.push_back(KvUpdate::set(key, std::to_string(thread)));
      const auto done = client.write(std::move(write));
      if (done) {
        ++won;
        EXPECT_EQ(client.value(key), std::to_string(thread)) << "a winner reads what it wrote";
      } else {
        EXPECT_EQ(done.error().code(), Code::Conflict);
        EXPECT_NE(client.value(key), std::nullopt) << "a loser sees who won";
      }
    }
  });
  EXPECT_EQ(won.load(), Keys);
}

TEST_P(KvStoreContract, ManyReadsAreOfOneMoment) {
  const KvKey left("p", "left");
  const KvKey right("q", "right");
  constexpr int Total = 40;
  kv().set(left, std::to_string(Total));
  kv().set(right, "0");
  on_threads([&](int thread) {
    KvClient client(subject_->store());
    for (int i = 0; i < 25; ++i) {
      const bool is_there = (thread + i) % 2 == 0;
      EXPECT_TRUE(base::run(
          transfer(&subject_->store(), is_there ? left : right, is_there ? right : left)));
      const auto seen = client.multi_get({left, right});
      ASSERT_TRUE(seen);
      EXPECT_EQ(std::stoi(*(*seen)[0]) + std::stoi(*(*seen)[1]), Total);
    }
  });
}

}  // namespace varve::contract
