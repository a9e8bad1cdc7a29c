// An engine over stores in memory, one thread, a clock that is told what time it is: what the tests
// of the engine's modules run on. Operations run to their end before they return; the content of an
// object is its etag, and its identity with it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/offload.h"
#include "base/rng.h"
#include "base/run.h"
#include "engine/commits/commits.h"
#include "engine/engine.h"
#include "engine/merge/merge.h"
#include "engine/objects/objects.h"
#include "engine/refs/protection.h"
#include "engine/refs/refs.h"
#include "engine/repo/repo.h"
#include "engine/staging/staging.h"
#include "engine/stores_test.h"
#include "engine/tree/tree.h"
#include "engine/uploads/uploads.h"
#include "model/errors.h"
#include "model/ref_expr.h"

namespace varve::engine {

// A server over some stores, and the repository "lake" if somebody made it.
class Server {
 public:
  Server(ports::KvStore& kv, ports::ObjectStore& objects, TestClock& clock, base::Rng& rng,
         EngineOptions options = {})
      : clock_(clock),
        offload_(no_threads()),
        engine_(kv, objects, clock, rng, offload_, with_key(std::move(options))) {}
  explicit Server(Stores& s, EngineOptions options = {})
      : Server(s.kv, s.objects, s.clock, s.rng, std::move(options)) {}

  Engine& engine() { return engine_; }
  TestClock& clock() { return clock_; }

  base::Result<RepositoryRef> create(const std::string& name = "lake") {
    NewRepository wanted;
    wanted.id = model::RepositoryId(name);
    wanted.storage_namespace = model::StorageNamespace("mem://" + name);
    return base::run(engine_.repositories().create(as("admin"), std::move(wanted)));
  }
  // The repository "lake", or the one given to use().
  RepositoryRef lake() {
    if (lake_ != nullptr) return lake_;
    return *base::run(engine_.repositories().get(as("admin"), model::RepositoryId("lake")));
  }
  void use(RepositoryRef repository) { lake_ = std::move(repository); }

  base::Result<void> put(const std::string& branch, const std::string& path,
                         const std::string& content, StageOptions options = {}) {
    return base::run(engine_.objects().stage(as("admin"), lake(), model::BranchId(branch),
                                             model::ObjectPath(path), entry_of(content, clock_),
                                             std::move(options)));
  }
  base::Result<void> erase(const std::string& branch, const std::string& path) {
    return base::run(engine_.objects().erase(as("admin"), lake(), model::BranchId(branch),
                                             model::ObjectPath(path), false));
  }
  // The content at a path, or the message of the error.
  std::string get(const std::string& at, const std::string& path) {
    auto entry =
        base::run(engine_.objects().get(as("admin"), lake(), ref(at), model::ObjectPath(path)));
    return entry.has_value() ? entry->etag : entry.error().message();
  }
  base::Result<ObjectPage> page(const std::string& at, ObjectQuery query) {
    return base::run(engine_.objects().list(as("admin"), lake(), ref(at), std::move(query)));
  }
  // Every path of a ref with its content, "a=1 b=2".
  std::string list(const std::string& at) {
    ObjectQuery query;
    query.amount = -1;
    auto rows = page(at, std::move(query));
    if (!rows.has_value()) return rows.error().message();
    std::string text;
    for (const ObjectRow& row : rows->rows) {
      text += (text.empty() ? "" : " ") + row.path + "=" + row.entry->etag;
    }
    return text;
  }
  base::Result<CommitRef> commit(const std::string& branch, const std::string& message,
                                 bool allow_empty = false) {
    CommitRequest request;
    request.message = message;
    request.allow_empty = allow_empty;
    return base::run(
        engine_.commits().commit(as("admin"), lake(), model::BranchId(branch), std::move(request)));
  }
  base::Result<model::Branch> branch(const std::string& name, const std::string& source) {
    return base::run(engine_.refs().create_branch(as("admin"), lake(), model::BranchId(name),
                                                  ref(source), false, false));
  }
  base::Result<model::Branch> get_branch(const std::string& name) {
    return base::run(engine_.refs().get_branch(as("admin"), lake(), model::BranchId(name)));
  }
  // The commit an expression stands for, or the message of the error.
  std::string resolve(const std::string& at) {
    auto commit = base::run(engine_.refs().resolve_commit(as("admin"), lake(), ref(at)));
    return commit.has_value() ? (*commit)->id.str() : commit.error().message();
  }

 private:
  static base::OffloadOptions no_threads() {
    base::OffloadOptions options;
    options.threads = 0;
    return options;
  }
  static EngineOptions with_key(EngineOptions options) {
    if (options.signing_key.empty()) options.signing_key = "secret";
    return options;
  }

  TestClock& clock_;
  base::Offload offload_;
  Engine engine_;
  RepositoryRef lake_;
};

// What an operation answered: "ok", or the message of its error.
template <class T>
std::string text_of(const base::Result<T>& result) {
  return result.has_value() ? "ok" : result.error().message();
}

}  // namespace varve::engine
