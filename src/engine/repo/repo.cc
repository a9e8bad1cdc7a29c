#include "engine/repo/repo.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/core/create_rows.h"
#include "engine/core/kv_walk.h"
#include "engine/repo/repo_impl.h"
#include "format/graveler.h"
#include "format/kv_keys.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"
#include "ports/kv_store.h"

namespace varve::engine {

using base::Context;
using base::Result;
using base::Task;
namespace keys = format::keys;

namespace {

constexpr auto RecordLifetime = std::chrono::seconds(5);

}  // namespace

Repositories::Repositories(Core& core) : impl_(std::make_unique<Impl>(core)) {}
Repositories::~Repositories() = default;

Task<Result<model::Repository>> Repositories::Impl::read(Context context, model::RepositoryId id) {
  ports::KvKey key = repository_key(id);
  VARVE_CO_TRY(auto bytes, co_await core.kv.get(std::move(context), std::move(key)));
  if (!bytes.has_value()) co_return model::repository_not_found();
  VARVE_CO_TRY(model::Repository repository, format::decode_repository(*bytes));
  repository.record = *std::move(bytes);
  co_return repository;
}

Task<Result<RepositoryRef>> Repositories::get(Context context, model::RepositoryId id) {
  const Impl::CachedRef cached = impl_->cache.get(id.view());
  if (cached != nullptr && impl_->core.clock.monotonic() < cached->expires) {
    co_return cached->repository;
  }
  const std::uint64_t epoch = impl_->cache.epoch(id.view());
  VARVE_CO_TRY(model::Repository stored, co_await impl_->read(std::move(context), id));
  if (stored.state == model::RepositoryState::InDeletion) {
    co_return model::repository_in_deletion();
  }
  auto fresh = std::make_shared<Impl::Cached>();
  fresh->repository = std::make_shared<const model::Repository>(std::move(stored));
  fresh->expires = impl_->core.clock.monotonic() + RecordLifetime;
  RepositoryRef repository = fresh->repository;
  impl_->cache.put_if(id.view(), std::move(fresh), epoch);
  co_return repository;
}

Task<Result<RepositoryPage>> Repositories::list(Context context, RepositoryQuery query) {
  const std::string prefix = std::string(keys::RepositoryPrefix) + query.prefix;
  const std::string after = std::string(keys::RepositoryPrefix) + query.after;
  const std::size_t amount = query.amount < 0 ? 0 : static_cast<std::size_t>(query.amount);
  KvWalk walk(impl_->core.kv, std::move(context), std::string(keys::GravelerPartition), prefix,
              query.after.empty() ? std::string_view() : std::string_view(after),
              std::min<std::size_t>(amount + 1, model::RefsPageKv));
  RepositoryPage page;
  for (;;) {
    VARVE_CO_TRY(std::vector<ports::KvRow> rows, co_await walk.next());
    if (rows.empty()) co_return page;
    for (ports::KvRow& row : rows) {
      const std::string_view name = keys::name_after(keys::RepositoryPrefix, row.key);
      if (name.find(query.search) == std::string_view::npos) continue;
      if (page.rows.size() == amount) {
        page.has_more = true;
        co_return page;
      }
      VARVE_CO_TRY(model::Repository repository, format::decode_repository(row.value));
      repository.record = std::move(row.value);
      page.rows.push_back(std::make_shared<const model::Repository>(std::move(repository)));
    }
  }
}

Task<Result<model::Metadata>> Repositories::metadata(Context context, RepositoryRef repository) {
  ports::KvKey key(repository->partition(), std::string(keys::RepositoryMetadata));
  VARVE_CO_TRY(auto bytes, co_await impl_->core.kv.get(std::move(context), std::move(key)));
  if (!bytes.has_value()) co_return model::Metadata();
  co_return format::decode_repository_metadata(*bytes);
}

Task<Result<void>> Repositories::Impl::update_metadata(Context context, RepositoryRef repository,
                                                       model::Metadata set,
                                                       std::vector<std::string> erase) {
  const ports::KvKey key(repository->partition(), std::string(keys::RepositoryMetadata));
  for (int tries = 0; tries < model::BranchUpdateTriesMax; ++tries) {
    VARVE_CO_TRY(auto bytes, co_await core.kv.get(context, key));
    model::Metadata values;
    if (bytes.has_value()) {
      VARVE_CO_TRY(values, format::decode_repository_metadata(*bytes));
    }
    for (const auto& [name, value] : set) values[name] = value;
    for (const std::string& name : erase) values.erase(name);
    VARVE_CO_TRY(base::Bytes encoded, format::encode_repository_metadata(values));
    ports::KvWrite write;
    write.requirements.push_back(bytes.has_value()
                                     ? ports::KvRequirement::equals(key, *std::move(bytes))
                                     : ports::KvRequirement::absent(key));
    write.updates.push_back(ports::KvUpdate::set(key, std::move(encoded)));
    auto written =
        co_await create_rows(&core.kv, context, repository, std::move(write), std::nullopt);
    if (written.has_value()) co_return Result<void>();
    if (written.error().code() != base::Code::Conflict) co_return std::move(written).error();
  }
  co_return model::too_many_tries();
}

Task<Result<void>> Repositories::set_metadata(Context context, RepositoryRef repository,
                                              model::Metadata values) {
  if (values.empty()) co_return Result<void>();
  std::vector<std::string> nothing_erased;
  co_return co_await impl_->update_metadata(std::move(context), std::move(repository),
                                            std::move(values), std::move(nothing_erased));
}

Task<Result<void>> Repositories::erase_metadata(Context context, RepositoryRef repository,
                                                std::vector<std::string> names) {
  if (names.empty()) co_return Result<void>();
  model::Metadata nothing;
  co_return co_await impl_->update_metadata(std::move(context), std::move(repository),
                                            std::move(nothing), std::move(names));
}

}  // namespace varve::engine
