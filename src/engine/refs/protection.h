// Branch protection: which branches refuse staged writes or commits. engine.md 8.1;
// rest-semantics.md 21.
//
// Any thread may call. Rules are cached for a few seconds and dropped at once when this server
// changes them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::engine {

struct ProtectionRule {
  std::string pattern;  // glob over branch names; * also matches everything
  bool blocks_staging_write = true;
  bool blocks_commit = true;
};

struct ProtectionRules {
  std::vector<ProtectionRule> rules;  // by pattern
  std::string etag;                   // hex; changes with the rules
};

class Protection {
 public:
  explicit Protection(Core& core);
  ~Protection();

  base::Task<base::Result<ProtectionRules>> get(base::Context context, RepositoryRef repository);
  // Replaces all rules. `if_match`: only if the etag is still this one (PreconditionFailed).
  base::Task<base::Result<void>> set(base::Context context, RepositoryRef repository,
                                     std::vector<ProtectionRule> rules,
                                     std::optional<std::string> if_match);

  //   PermissionDenied  Detail::ProtectedBranch, "cannot write to protected branch" or "cannot
  //   commit
  //                     to protected branch"
  base::Task<base::Result<void>> check_write(base::Context context, RepositoryRef repository,
                                             model::BranchId branch);
  base::Task<base::Result<void>> check_commit(base::Context context, RepositoryRef repository,
                                              model::BranchId branch);

  // The answer of check_write() without suspending, if the rules are in the cache: nothing if not.
  std::optional<base::Result<void>> check_write_cached(const model::Repository& repository,
                                                       const model::BranchId& branch);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::engine
