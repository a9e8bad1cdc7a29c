#include "engine/refs/protection.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/hash.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/core/core.h"
#include "engine/core/create_rows.h"
#include "engine/core/lru_cache.h"
#include "engine/refs/glob.h"
#include "format/graveler.h"
#include "format/kv_keys.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/records.h"
#include "ports/kv_store.h"

namespace varve::engine {

using base::Context;
using base::Result;
using base::Task;

namespace {

constexpr auto RulesLifetime = std::chrono::seconds(3);
constexpr std::size_t RulesCachedMax = 10000;

// The rules of one repository, ready to be asked. Shared read-only by the cache and its readers.
struct Compiled {
  struct Rule {
    Glob pattern;
    bool blocks_staging_write = false;
    bool blocks_commit = false;
  };
  std::vector<Rule> rules;
  base::MonotonicTime expires;
};
using CompiledRef = std::shared_ptr<const Compiled>;

bool has_action(const std::vector<format::BlockedAction>& actions, format::BlockedAction wanted) {
  return std::find(actions.begin(), actions.end(), wanted) != actions.end();
}

bool blocks_write(const Compiled& rules, const model::BranchId& branch) {
  for (const Compiled::Rule& rule : rules.rules) {
    if (rule.blocks_staging_write && rule.pattern.matches(branch.view())) return true;
  }
  return false;
}

bool blocks_commit(const Compiled& rules, const model::BranchId& branch) {
  for (const Compiled::Rule& rule : rules.rules) {
    if (rule.blocks_commit && rule.pattern.matches(branch.view())) return true;
  }
  return false;
}

ports::KvKey rules_key(const model::Repository& repository) {
  return {repository.partition(), std::string(format::keys::ProtectedBranches)};
}

}  // namespace

struct Protection::Impl {
  explicit Impl(Core& c) : core(c), cache(RulesCachedMax) {}

  CompiledRef cached(const model::Repository& repository) {
    CompiledRef rules = cache.get(repository.partition());
    if (rules == nullptr || rules->expires <= core.clock.monotonic()) return nullptr;
    return rules;
  }
  Task<Result<CompiledRef>> load(Context context, RepositoryRef repository);

  Core& core;
  LruCache<CompiledRef> cache;
};

Task<Result<CompiledRef>> Protection::Impl::load(Context context, RepositoryRef repository) {
  if (CompiledRef rules = cached(*repository); rules != nullptr) co_return rules;
  const std::string partition = repository->partition();
  const std::uint64_t epoch = cache.epoch(partition);
  ports::KvKey key = rules_key(*repository);
  VARVE_CO_TRY(auto bytes, co_await core.kv.get(std::move(context), std::move(key)));
  auto rules = std::make_shared<Compiled>();
  rules->expires = core.clock.monotonic() + RulesLifetime;
  if (bytes.has_value()) {
    VARVE_CO_TRY(auto stored, format::decode_branch_protection(*bytes));
    for (const auto& [pattern, actions] : stored.blocked_by_pattern) {
      Compiled::Rule rule{Glob(pattern), has_action(actions, format::BlockedAction::StagingWrite),
                          has_action(actions, format::BlockedAction::Commit)};
      rules->rules.push_back(std::move(rule));
    }
  }
  CompiledRef loaded = std::move(rules);
  cache.put_if(partition, loaded, epoch);
  co_return loaded;
}

Protection::Protection(Core& core) : impl_(std::make_unique<Impl>(core)) {}
Protection::~Protection() = default;

Task<Result<ProtectionRules>> Protection::get(Context context, RepositoryRef repository) {
  ports::KvKey key = rules_key(*repository);
  VARVE_CO_TRY(auto bytes, co_await impl_->core.kv.get(std::move(context), std::move(key)));
  ProtectionRules rules;
  if (!bytes.has_value() || bytes->empty()) co_return rules;
  VARVE_CO_TRY(auto stored, format::decode_branch_protection(*bytes));
  for (const auto& [pattern, actions] : stored.blocked_by_pattern) {
    ProtectionRule rule;
    rule.pattern = pattern;
    rule.blocks_staging_write = has_action(actions, format::BlockedAction::StagingWrite);
    rule.blocks_commit = has_action(actions, format::BlockedAction::Commit);
    rules.rules.push_back(std::move(rule));
  }
  rules.etag = base::hex_encode(base::sha256(*bytes));
  co_return rules;
}

Task<Result<void>> Protection::set(Context context, RepositoryRef repository,
                                   std::vector<ProtectionRule> rules,
                                   std::optional<std::string> if_match) {
  if (repository->read_only) co_return model::read_only_repository();
  format::BranchProtectionRules stored;
  for (const ProtectionRule& rule : rules) {
    std::vector<format::BlockedAction>& actions = stored.blocked_by_pattern[rule.pattern];
    actions.clear();
    if (rule.blocks_staging_write) actions.push_back(format::BlockedAction::StagingWrite);
    if (rule.blocks_commit) actions.push_back(format::BlockedAction::Commit);
  }
  VARVE_CO_TRY(base::Bytes bytes, format::encode_branch_protection(stored));

  ports::KvWrite write;
  if (if_match.has_value()) {
    ports::KvKey key = rules_key(*repository);
    VARVE_CO_TRY(auto current, co_await impl_->core.kv.get(context, std::move(key)));
    const bool has_rules = current.has_value() && !current->empty();
    const std::string etag = has_rules ? base::hex_encode(base::sha256(*current)) : "";
    if (*if_match != etag) co_return model::precondition_failed();
    write.requirements.push_back(
        current.has_value()
            ? ports::KvRequirement::equals(rules_key(*repository), *std::move(current))
            : ports::KvRequirement::absent(rules_key(*repository)));
  }
  // No rules are no row, so that the etag is the empty one again.
  write.updates.push_back(bytes.empty() ? ports::KvUpdate::erase(rules_key(*repository))
                                        : ports::KvUpdate::set(rules_key(*repository), bytes));
  auto written = co_await create_rows(&impl_->core.kv, std::move(context), repository,
                                      std::move(write), std::nullopt);
  impl_->cache.drop(repository->partition());
  if (written.has_value()) co_return Result<void>();
  if (written.error().code() == base::Code::Conflict) co_return model::precondition_failed();
  co_return std::move(written).error();
}

std::optional<Result<void>> Protection::check_write_cached(const model::Repository& repository,
                                                           const model::BranchId& branch) {
  const CompiledRef rules = impl_->cached(repository);
  if (rules == nullptr) return std::nullopt;
  if (!blocks_write(*rules, branch)) return Result<void>();
  return Result<void>(model::cannot_write_to_protected_branch());
}

Task<Result<void>> Protection::check_write(Context context, RepositoryRef repository,
                                           model::BranchId branch) {
  VARVE_CO_TRY(CompiledRef rules, co_await impl_->load(std::move(context), std::move(repository)));
  if (blocks_write(*rules, branch)) co_return model::cannot_write_to_protected_branch();
  co_return Result<void>();
}

Task<Result<void>> Protection::check_commit(Context context, RepositoryRef repository,
                                            model::BranchId branch) {
  VARVE_CO_TRY(CompiledRef rules, co_await impl_->load(std::move(context), std::move(repository)));
  if (blocks_commit(*rules, branch)) co_return model::cannot_commit_to_protected_branch();
  co_return Result<void>();
}

}  // namespace varve::engine
