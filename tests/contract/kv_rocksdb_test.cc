#include "adapters/kv_rocksdb/kv_rocksdb.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>

#include "adapters/system/system.h"
#include "base/offload.h"
#include "ports/kv_store.h"
#include "tests/contract/kv_store_contract.h"

namespace varve::contract {
namespace {

class RocksDbSubject final : public KvSubject {
 public:
  RocksDbSubject() {
    std::string name = testing::TempDir() + "varve-kv-XXXXXX";
    options_.path = ::mkdtemp(name.data());
    open();
  }

  ~RocksDbSubject() override {
    store_.reset();
    std::filesystem::remove_all(options_.path);
  }

  ports::KvStore& store() override { return *store_; }

  void restart() override {
    store_.reset();
    open();
  }

 private:
  void open() { store_ = adapters::RocksDbKv::open(options_, offload_, clock_).value(); }

  adapters::RocksDbOptions options_;
  adapters::SystemClock clock_;
  base::Offload offload_{base::OffloadOptions()};
  std::unique_ptr<adapters::RocksDbKv> store_;
};

INSTANTIATE_TEST_SUITE_P(RocksDb, KvStoreContract,
                         testing::Values(KvCase{"RocksDbKv",
                                                [] { return std::make_unique<RocksDbSubject>(); }}),
                         kv_case_name);

}  // namespace
}  // namespace varve::contract
