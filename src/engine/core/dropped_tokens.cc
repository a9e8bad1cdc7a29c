#include "engine/core/dropped_tokens.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "format/kv_keys.h"
#include "model/ids.h"
#include "ports/kv_store.h"

namespace varve::engine {

using base::Context;
using base::Result;
using base::Task;
namespace keys = format::keys;

std::vector<model::StagingToken> add_dropped(ports::KvWrite& write,
                                             std::vector<model::StagingToken> tokens,
                                             std::size_t updates_to_come) {
  std::erase_if(tokens, [](const model::StagingToken& token) { return token.empty(); });
  VARVE_ASSERT(write.updates.size() + updates_to_come <= ports::KvUpdatesMax);
  const std::size_t room = ports::KvUpdatesMax - write.updates.size() - updates_to_come;
  const std::size_t count = std::min(room, tokens.size());
  for (std::size_t i = 0; i < count; ++i) {
    write.updates.push_back(
        ports::KvUpdate::set({std::string(keys::CleanupTokensPartition), tokens[i].str()},
                             base::Bytes(keys::CleanupTokenValue)));
  }
  tokens.erase(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(count));
  return tokens;
}

Task<Result<void>> queue_dropped(ports::KvStore* kv, Context context,
                                 std::vector<model::StagingToken> tokens) {
  while (!tokens.empty()) {
    ports::KvWrite write;
    tokens = add_dropped(write, std::move(tokens), 0);
    if (!write.updates.empty()) VARVE_CO_CHECK(co_await kv->write(context, std::move(write)));
  }
  co_return Result<void>();
}

}  // namespace varve::engine
