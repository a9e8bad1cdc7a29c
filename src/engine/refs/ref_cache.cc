#include "engine/refs/ref_cache.h"

#include <memory>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "engine/core/lru_cache.h"
#include "engine/refs/refs.h"
#include "format/graveler.h"
#include "model/records.h"

namespace varve::engine {

base::Result<BranchVersionRef> RefCache::branch_of(const model::Repository& repository,
                                                   std::string_view id, base::Bytes bytes) {
  const CacheKey key(repository.partition(), id);
  BranchVersionRef known = branches_.get(key.view());
  if (known != nullptr && known->bytes == bytes) return known;
  auto version = std::make_shared<BranchVersion>();
  VARVE_TRY(version->branch, format::decode_branch(bytes));
  version->bytes = std::move(bytes);
  BranchVersionRef fresh = std::move(version);
  branches_.put(key.view(), fresh);
  return fresh;
}

}  // namespace varve::engine
