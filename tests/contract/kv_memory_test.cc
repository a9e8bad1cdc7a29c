#include "adapters/kv_memory/kv_memory.h"

#include <gtest/gtest.h>

#include <memory>

#include "ports/kv_store.h"
#include "tests/contract/kv_store_contract.h"

namespace varve::contract {
namespace {

class MemorySubject final : public KvSubject {
 public:
  ports::KvStore& store() override { return *store_; }
  void restart() override { store_ = std::make_unique<adapters::MemoryKv>(); }
  bool survives_restart() const override { return false; }

 private:
  std::unique_ptr<adapters::MemoryKv> store_ = std::make_unique<adapters::MemoryKv>();
};

INSTANTIATE_TEST_SUITE_P(Stores, KvStoreContract,
                         testing::Values(KvCase{"MemoryKv",
                                                [] { return std::make_unique<MemorySubject>(); }}),
                         kv_case_name);

}  // namespace
}  // namespace varve::contract
