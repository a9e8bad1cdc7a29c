#include "engine/core/create_rows.h"

#include <optional>
#include <string>
#include <utility>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/core/kv_write.h"
#include "format/graveler.h"
#include "format/kv_keys.h"
#include "model/errors.h"
#include "model/records.h"
#include "ports/kv_store.h"

namespace varve::engine {

using base::Context;
using base::Result;
using base::Task;
namespace keys = format::keys;

namespace {

// Why a repository that was read as `before` is not as it was; nothing: it is.
Result<void> check_still_there(const model::Repository& before,
                               const std::optional<base::Bytes>& row) {
  if (!row.has_value()) return model::repository_not_found();
  if (*row == before.record) return {};
  VARVE_TRY(const model::Repository now, format::decode_repository(*row));
  if (now.instance_uid != before.instance_uid) return model::repository_not_found();
  return model::repository_in_deletion();
}

}  // namespace

Task<Result<void>> create_rows(ports::KvStore* kv, Context context, RepositoryRef repository,
                               ports::KvWrite write, std::optional<ports::KvUpdate> witness) {
  VARVE_ASSERT(!repository->record.empty());
  const ports::KvKey key(std::string(keys::GravelerPartition), keys::repository(repository->id));
  write.requirements.push_back(ports::KvRequirement::equals(key, repository->record));
  Result<void> written;
  if (witness.has_value()) {
    written = co_await write_settled(kv, context, std::move(write), std::move(witness->key),
                                     *std::move(witness->value));
  } else {
    written = co_await kv->write(context, std::move(write));
  }
  if (written.has_value() || written.error().code() != base::Code::Conflict) co_return written;
  VARVE_CO_TRY(const auto row, co_await kv->get(std::move(context), key));
  VARVE_CO_CHECK(check_still_there(*repository, row));
  co_return written;
}

}  // namespace varve::engine
