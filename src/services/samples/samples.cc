#include "services/samples/samples.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/commits/commits.h"
#include "engine/core/core.h"
#include "engine/engine.h"
#include "engine/objects/objects.h"
#include "engine/refs/protection.h"
#include "engine/uploads/uploads.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::services {
namespace {

class MemorySource final : public engine::ByteSource {
 public:
  explicit MemorySource(base::Bytes bytes) : bytes_(std::move(bytes)) {}

  base::Task<base::Result<base::Bytes>> read(std::size_t bytes_max) override {
    base::Bytes piece = bytes_.substr(at_, bytes_max);
    at_ += piece.size();
    co_return piece;
  }

 private:
  const base::Bytes bytes_;
  std::size_t at_ = 0;
};

base::Task<base::Result<void>> stage_sample(base::Context context, engine::Engine* engine,
                                            engine::RepositoryRef repository, SampleFile file) {
  auto source = std::make_unique<MemorySource>(base::Bytes(file.content));
  VARVE_CO_TRY(engine::Uploaded stored,
               co_await engine->uploads().upload(context, repository, std::move(source)));
  model::Entry entry;
  entry.address = std::move(stored.address);
  entry.size = stored.size;
  entry.etag = std::move(stored.etag);
  entry.last_modified = stored.last_modified;
  entry.content_type = file.content_type;
  model::ObjectPath path(file.path);
  engine::StageOptions options;
  co_return co_await engine->objects().stage(context, repository, repository->default_branch,
                                             std::move(path), std::move(entry), std::move(options));
}

base::Task<base::Result<void>> add_all(base::Context context, engine::Engine* engine,
                                       engine::RepositoryRef repository) {
  for (const SampleFile& file : sample_files()) {
    VARVE_CO_CHECK(co_await stage_sample(context, engine, repository, file));
  }
  engine::CommitRequest request;
  request.message = "Add sample data";
  VARVE_CO_CHECK(co_await engine->commits().commit(context, repository, repository->default_branch,
                                                   std::move(request)));
  engine::ProtectionRule rule;
  rule.pattern = repository->default_branch.str();
  std::vector<engine::ProtectionRule> rules;
  rules.push_back(std::move(rule));
  co_return co_await engine->protection().set(context, repository, std::move(rules), std::nullopt);
}

}  // namespace

base::Task<base::Result<void>> add_samples(base::Context context, engine::Engine& engine,
                                           engine::RepositoryRef repository) {
  return add_all(std::move(context), &engine, std::move(repository));
}

}  // namespace varve::services
