#include "adapters/object_local/object_local.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "adapters/system/system.h"
#include "base/offload.h"
#include "ports/object_store.h"
#include "tests/contract/object_store_contract.h"

namespace varve::contract {
namespace {

class LocalSubject final : public ObjectSubject {
 public:
  explicit LocalSubject(std::size_t threads) {
    pool_.threads = threads;
    offload_.emplace(pool_);
    std::string name = testing::TempDir() + "varve-objects-XXXXXX";
    options_.path = ::mkdtemp(name.data());
    open();
  }

  ~LocalSubject() override {
    store_.reset();
    std::filesystem::remove_all(options_.path);
  }

  ports::ObjectStore& store() override { return *store_; }
  std::string base() const override { return "local://bucket/"; }
  bool keeps_etags() const override { return false; }
  bool keys_are_paths() const override { return true; }

  void restart() override {
    store_.reset();
    open();
  }

  std::size_t leftovers() const override {
    // What an abandoned writer left running ends before its pool does.
    offload_.reset();
    offload_.emplace(pool_);
    std::size_t count = 0;
    for (const std::string folder : {"tmp", "uploads"}) {
      for ([[maybe_unused]] const auto& entry :
           std::filesystem::directory_iterator(options_.path + "/.varve/" + folder)) {
        ++count;
      }
    }
    return count;
  }

 private:
  void open() { store_ = adapters::LocalObjects::open(options_, *offload_, rng_).value(); }

  adapters::LocalObjectsOptions options_;
  adapters::SystemRng rng_;
  base::OffloadOptions pool_;
  mutable std::optional<base::Offload> offload_;  // in place: the store keeps a reference
  std::unique_ptr<adapters::LocalObjects> store_;
};

INSTANTIATE_TEST_SUITE_P(
    Local, ObjectStoreContract,
    testing::Values(ObjectCase{"LocalObjects", [] { return std::make_unique<LocalSubject>(4); }},
                    ObjectCase{"LocalObjectsInline",
                               [] { return std::make_unique<LocalSubject>(0); }}),
    object_case_name);

}  // namespace
}  // namespace varve::contract
