// What a KvStore is: one suite, run for every adapter. A new adapter adds a file that instantiates
// it (see kv_memory_test.cc) and nothing else.
//
// How a store differs from the rest is a predicate of its subject, never a skipped test.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "ports/kv_store.h"

namespace varve::contract {

// A store under test, empty at first.
class KvSubject {
 public:
  virtual ~KvSubject() = default;
  virtual ports::KvStore& store() = 0;

  // Closes the store and opens it again, as a process that ends and starts.
  virtual void restart() = 0;
  virtual bool survives_restart() const { return true; }
};

struct KvCase {
  std::string name;
  std::function<std::unique_ptr<KvSubject>()> make;
};

inline void PrintTo(const KvCase& subject, std::ostream* out) { *out << subject.name; }

inline std::string kv_case_name(const testing::TestParamInfo<KvCase>& info) {
  return info.param.name;
}

// The port without coroutines, each call on a loop of its own. Any thread may use one.
class KvClient {
 public:
  explicit KvClient(ports::KvStore& store) : store_(store) {}

  base::Result<std::optional<base::Bytes>> get(ports::KvKey key);
  base::Result<std::vector<std::optional<base::Bytes>>> multi_get(std::vector<ports::KvKey> keys);
  base::Result<void> write(ports::KvWrite write);
  base::Result<ports::KvPage> scan(ports::KvScan scan);
  base::Result<void> delete_range(std::string partition, std::string from, std::string until);

  // The usual cases, failing the test on any error.
  void set(ports::KvKey key, base::Bytes value);
  void erase(ports::KvKey key);
  std::optional<base::Bytes> value(ports::KvKey key);
  std::vector<std::string> keys(std::string partition);

 private:
  ports::KvStore& store_;
};

class KvStoreContract : public testing::TestWithParam<KvCase> {
 protected:
  KvStoreContract()
      : subject_(GetParam().make()), client_(std::make_unique<KvClient>(subject_->store())) {}

  void restart() {
    subject_->restart();
    client_ = std::make_unique<KvClient>(subject_->store());
  }

  KvClient& kv() { return *client_; }

  std::unique_ptr<KvSubject> subject_;

 private:
  std::unique_ptr<KvClient> client_;  // replaced on restart: the store is another object then
};

}  // namespace varve::contract
