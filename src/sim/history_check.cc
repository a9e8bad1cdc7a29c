#include "sim/history_check.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "engine/commits/commits.h"
#include "engine/core/core.h"
#include "engine/refs/refs.h"
#include "engine/repo/repo.h"
#include "engine/staging/staging.h"
#include "format/kv_keys.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"
#include "ports/kv_store.h"
#include "sim/clients.h"
#include "sim/expected_history.h"
#include "sim/journal.h"
#include "sim/world.h"

namespace varve::sim {
namespace {

namespace keys = format::keys;

// One check: what was found, and what it is compared with.
class HistoryCheck {
 public:
  HistoryCheck(World* world, Journal* journal, std::map<std::string, Listing> staged)
      : world_(*world),
        journal_(*journal),
        staged_(std::move(staged)),
        engine_(world->server(0).engine()) {}

  base::Task<base::Result<void>> run() {
    VARVE_CO_CHECK(co_await load());
    check_lines();
    check_requests();
    for (const auto& [id, commit] : history_) check_tree(id, commit);
    VARVE_CO_CHECK(co_await check_staged());
    VARVE_CO_CHECK(co_await sweep());
    VARVE_CO_CHECK(co_await check_staged());
    VARVE_CO_CHECK(co_await check_rows());
    co_return base::Result<void>();
  }

 private:
  void fail(std::string what) { journal_.fail(std::move(what)); }

  base::Task<base::Result<void>> load() {
    VARVE_CO_TRY(repository_, co_await engine_.repositories().get(client("checker"), Lake));
    ports::KvScan scan;
    scan.partition = repository_->partition();
    scan.from = std::string(keys::CommitPrefix);
    scan.until = engine::prefix_end(scan.from);
    scan.limit = ports::KvScanRowsMax;
    VARVE_CO_TRY(const ports::KvPage page,
                 co_await world_.kv().scan(client("checker"), std::move(scan)));
    for (const ports::KvRow& row : page.rows) {
      const model::CommitId id(keys::name_after(keys::CommitPrefix, row.key));
      VARVE_CO_TRY(engine::CommitRef commit,
                   co_await engine_.refs().get_commit(client("checker"), repository_, id));
      history_.emplace(id, *commit);
      if (trees_.contains(commit->meta_range_id)) continue;
      VARVE_CO_TRY(trees_[commit->meta_range_id], co_await list_all(&engine_, id.str()));
    }
    engine::RefQuery query;
    query.amount = model::PageMax;
    VARVE_CO_TRY(const engine::BranchPage branches,
                 co_await engine_.refs().list_branches(client("checker"), repository_, query));
    for (const model::Branch& row : branches.rows) heads_[row.id.str()] = row.commit_id;
    co_return base::Result<void>();
  }

  const Listing& tree_of(const model::CommitId& id) const {
    return trees_.at(history_.at(id).meta_range_id);
  }

  // From each head along first parents: what the branch has been.
  void check_lines() {
    for (const auto& [branch, head] : heads_) {
      std::set<model::CommitId>& line = lines_[branch];
      for (model::CommitId at = head;;) {
        const auto found = history_.find(at);
        if (found == history_.end()) {
          fail("commit " + at.str() + " below " + branch + " is missing");
          break;
        }
        line.insert(at);
        if (found->second.parents.empty()) break;
        at = found->second.parents.front();
      }
    }
    for (const auto& [id, commit] : history_) {
      for (const model::CommitId& parent : commit.parents) {
        if (!history_.contains(parent)) fail("a parent of " + id.str() + " is missing");
      }
    }
  }

  void check_requests() {
    std::map<std::string, std::vector<model::CommitId>> made;
    for (const auto& [id, commit] : history_) {
      if (!commit.parents.empty()) made[commit.message].push_back(id);
    }
    for (const auto& [message, ids] : made) {
      if (!journal_.entries().contains(message)) fail("a commit that nobody asked for: " + message);
      if (ids.size() > 1) fail(message + " was done twice");
    }
    for (const auto& [message, entry] : journal_.entries()) {
      const auto found = made.find(message);
      const bool is_made = found != made.end();
      if (entry.fate == Fate::Refused && is_made) fail(message + " was refused, and done");
      if (entry.fate == Fate::Done) {
        if (!is_made || found->second.front() != entry.id) fail(message + " is lost");
      }
      if (!is_made || journal_.is_released(entry.request.branch)) continue;
      if (!lines_[entry.request.branch].contains(found->second.front())) {
        fail(message + " is not on " + entry.request.branch);
      }
    }
  }

  void check_tree(const model::CommitId& id, const model::Commit& commit) {
    const auto entry = journal_.entries().find(commit.message);
    if (commit.parents.empty() || entry == journal_.entries().end()) return;
    std::optional<Listing> want = expected_tree(commit, entry->second.request);
    if (!want.has_value()) {
      fail(commit.message + " merges what is a conflict");
    } else if (*want != tree_of(id)) {
      fail(commit.message + " on " + entry->second.request.branch +
           " is not what it should be: " + difference(*want, tree_of(id)));
    }
  }

  // nullopt: a conflict.
  std::optional<Listing> expected_tree(const model::Commit& commit, const HistoryRequest& request) {
    const model::CommitId& head = commit.parents.front();
    const Listing& below = tree_of(head);
    switch (request.verb) {
      case Verb::Commit:
        return expected_overlay(below, request.changes);
      case Verb::Import:
        return expected_import(below, request.destination, request.changes);
      case Verb::Merge:
      case Verb::Squash: {
        check_parents(commit, request);
        const auto base = expected_base(history_, head, request.source);
        if (!base.has_value()) return std::nullopt;
        return expected_merge(tree_of(*base), tree_of(request.source), below, request.winner);
      }
      case Verb::Revert:
        return expected_merge(tree_of(request.source), tree_of(parent_of(request)), below,
                              Side::None);
      case Verb::Pick:
        break;
    }
    return expected_merge(tree_of(parent_of(request)), tree_of(request.source), below, Side::None);
  }

  void check_parents(const model::Commit& commit, const HistoryRequest& request) {
    const bool is_squash = request.verb == Verb::Squash;
    if (commit.parents.size() != (is_squash ? 1U : 2U)) {
      fail(commit.message + " has " + std::to_string(commit.parents.size()) + " parents");
    } else if (!is_squash && commit.parents.back() != request.source) {
      fail(commit.message + " merges another commit");
    }
  }

  model::CommitId parent_of(const HistoryRequest& request) const {
    const std::size_t number = request.parent == 0 ? 1 : static_cast<std::size_t>(request.parent);
    return history_.at(request.source).parents.at(number - 1);
  }

  base::Task<base::Result<void>> check_staged() {
    for (const auto& [branch, staged] : staged_) {
      VARVE_CO_TRY(const Listing now, co_await list_all(&engine_, branch));
      const Listing want = expected_overlay(tree_of(heads_.at(branch)), staged);
      if (now != want) fail(branch + " does not show what is staged: " + difference(want, now));
    }
    co_return base::Result<void>();
  }

  // Removes what was dropped, when nobody reads it any more.
  base::Task<base::Result<void>> sweep() {
    engine::Staging& staging = engine_.staging();
    VARVE_CO_CHECK(co_await staging.sweep_dropped(client("checker")));
    constexpr std::int64_t NanosecondsPerSecond = 1'000'000'000;
    world_.scheduler().clock().advance(2 * model::FilledTokenGraceSeconds * NanosecondsPerSecond);
    co_return co_await staging.sweep_dropped(client("checker"));
  }

  base::Task<base::Result<std::size_t>> rows_of(std::string partition) {
    ports::KvScan scan;
    scan.partition = std::move(partition);
    scan.limit = ports::KvScanRowsMax;
    VARVE_CO_TRY(const ports::KvPage page,
                 co_await world_.kv().scan(client("checker"), std::move(scan)));
    co_return page.rows.size();
  }

  // After the sweep the store holds the repository and what is staged on its branches, and nothing
  // that nobody will ever look at again.
  base::Task<base::Result<void>> check_rows() {
    std::vector<std::string> partitions = {repository_->partition(),
                                           std::string(keys::GravelerPartition)};
    for (const auto& [branch, head] : heads_) {
      const model::BranchId id(branch);
      VARVE_CO_TRY(const model::Branch row,
                   co_await engine_.refs().get_branch(client("checker"), repository_, id));
      for (const model::StagingToken& token : engine::Staging::tokens(row)) {
        partitions.push_back(token.str());
      }
    }
    std::size_t known = 0;
    for (const std::string& partition : partitions) {
      VARVE_CO_TRY(const std::size_t rows, co_await rows_of(partition));
      known += rows;
    }
    if (known != world_.kv_rows()) {
      fail(std::to_string(world_.kv_rows() - known) + " rows are left that nobody needs");
    }
    co_return base::Result<void>();
  }

  static std::string difference(const Listing& want, const Listing& found) {
    std::string text;
    for (const auto& [path, content] : want) {
      const auto at = found.find(path);
      if (at == found.end()) text += " -" + path + "=" + content;
      if (at != found.end() && at->second != content) {
        text += " " + path + "=" + at->second + " instead of " + content;
      }
    }
    for (const auto& [path, content] : found) {
      if (!want.contains(path)) text += " +" + path + "=" + content;
    }
    return text;
  }

  World& world_;
  Journal& journal_;
  std::map<std::string, Listing> staged_;
  engine::Engine& engine_;
  engine::RepositoryRef repository_;
  History history_;
  std::map<model::MetaRangeId, Listing> trees_;
  std::map<std::string, model::CommitId> heads_;
  std::map<std::string, std::set<model::CommitId>> lines_;  // by branch
};

}  // namespace

base::Task<void> check_history(World* world, Journal* journal,
                               std::map<std::string, Listing> staged) {
  HistoryCheck check(world, journal, std::move(staged));
  const auto done = co_await check.run();
  if (!done) journal->fail("the check: " + done.error().message());
}

}  // namespace varve::sim
