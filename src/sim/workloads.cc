#include "sim/workloads.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/commits/commits.h"
#include "engine/merge/merge.h"
#include "engine/objects/objects.h"
#include "engine/refs/refs.h"
#include "engine/repo/repo.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/ref_expr.h"
#include "sim/clients.h"
#include "sim/world.h"

namespace varve::sim {
namespace {

constexpr std::uint64_t PathsPerWriter = 24;
constexpr std::uint64_t DeleteOneIn = 4;
constexpr int SettleTries = 50;

const model::BranchId Release("release");

// Everything the clients of one story share; outlives their tasks.
struct Play {
  Play(std::uint64_t seed, const Story& s)
      : world(seed, static_cast<std::size_t>(s.servers), s.is_single_writer), story(s) {}
  World world;
  Story story;
  Ledger ledger;
};

// What a server says `path` holds, read or listed; nothing if it cannot say.
base::Task<std::optional<std::string>> value_at(Server* server, std::string path, bool is_listed) {
  const base::Context context = client("reader");
  auto repository = co_await server->engine().repositories().get(context, Lake);
  if (!repository) co_return std::nullopt;
  if (is_listed) {
    engine::ObjectQuery query;
    query.prefix = path;
    query.amount = 1;
    auto page =
        co_await server->engine().objects().list(context, *repository, parsed("main"), query);
    if (!page) co_return std::nullopt;
    const bool is_there = !page->rows.empty() && page->rows.front().path == path;
    co_return is_there ? page->rows.front().entry->etag : std::string();
  }
  auto entry = co_await server->engine().objects().get(context, *repository, parsed("main"),
                                                       model::ObjectPath(path));
  if (entry) co_return entry->etag;
  if (model::is(entry.error(), model::Detail::ObjectMissing)) co_return std::string();
  co_return std::nullopt;
}

// An acknowledged write is there for everybody from now on.
base::Task<void> read_back(Play* play, std::string path, std::string value) {
  const bool is_listed = play->world.rng().below(2) == 0;
  Server& server = play->world.server(play->world.rng().below(play->world.servers()));
  const auto found = co_await value_at(&server, path, is_listed);
  if (!found.has_value() || *found == value) co_return;
  play->ledger.fail(path + " was written as '" + value + "' and is " +
                    (is_listed ? "listed" : "read") + " as '" + *found + "'");
}

base::Task<void> write_once(Play* play, std::string path, std::string value) {
  Server& server = play->world.server(play->world.rng().below(play->world.servers()));
  const base::Context context = client("writer");
  play->ledger.attempt(path, value);
  auto repository = co_await server.engine().repositories().get(context, Lake);
  if (!repository) co_return;
  base::Result<void> answer;
  if (value.empty()) {
    answer = co_await server.engine().objects().erase(context, *repository, Main,
                                                      model::ObjectPath(path), false);
  } else {
    model::Entry entry;
    entry.address = "data/" + value;
    entry.size = 1;
    entry.etag = value;
    answer = co_await server.engine().objects().stage(
        context, *repository, Main, model::ObjectPath(path), entry, engine::StageOptions());
  }
  if (answer) {
    play->ledger.acknowledge(path, value);
    co_await read_back(play, std::move(path), std::move(value));
  } else if (!is_fault(answer.error())) {
    play->ledger.fail("write of " + path + ": " + answer.error().message());
  }
}

base::Task<void> writer(Play* play, int number) {
  for (int i = 0; i < play->story.operations; ++i) {
    const std::uint64_t pick = play->world.rng().below(PathsPerWriter);
    const bool is_delete = play->world.rng().below(DeleteOneIn) == 0;
    std::string path = "w" + std::to_string(number) + "/" + std::to_string(pick);
    std::string value =
        is_delete ? std::string() : std::to_string(number) + "-" + std::to_string(i);
    co_await write_once(play, std::move(path), std::move(value));
  }
}

base::Task<void> commit_once(Play* play, std::string who) {
  Server& server = play->world.server(play->world.rng().below(play->world.servers()));
  const base::Context context = client(who);
  auto repository = co_await server.engine().repositories().get(context, Lake);
  if (!repository) co_return;
  engine::CommitRequest request;
  request.message = "by " + who;
  auto commit = co_await server.engine().commits().commit(context, *repository, Main, request);
  if (commit) {
    play->ledger.promise_commit((*commit)->id);
  } else if (!is_fault(commit.error()) && !model::is(commit.error(), model::Detail::NoChanges)) {
    play->ledger.fail("commit: " + commit.error().message());
  }
}

base::Task<void> committer(Play* play, int number) {
  for (int i = 0; i < play->story.operations; ++i) {
    co_await commit_once(play, "committer" + std::to_string(number));
  }
}

base::Task<bool> merge_once(Play* play) {
  Server& server = play->world.server(play->world.rng().below(play->world.servers()));
  const base::Context context = client("merger");
  auto repository = co_await server.engine().repositories().get(context, Lake);
  if (!repository) co_return false;
  engine::MergeRequest request;
  auto merged = co_await server.engine().merges().merge(context, *repository, Release,
                                                        parsed("main"), request);
  if (merged) co_return true;
  if (model::is(merged.error(), model::Detail::NoChanges)) co_return true;
  if (!is_fault(merged.error())) play->ledger.fail("merge: " + merged.error().message());
  co_return false;
}

base::Task<void> merger(Play* play) {
  for (int i = 0; i < play->story.operations; ++i) {
    (void)co_await merge_once(play);
  }
}

base::Task<void> crasher(Play* play) {
  for (int i = 0; i < play->story.crashes; ++i) {
    const std::uint64_t patience = play->world.rng().below(400);
    for (std::uint64_t turn = 0; turn < patience; ++turn) {
      co_await play->world.scheduler().turn();
    }
    play->world.restart(play->world.rng().below(play->world.servers()));
  }
}

base::Task<void> prepare(Play* play) {
  engine::Engine& engine = play->world.server(0).engine();
  const base::Context context = client("admin");
  engine::NewRepository fresh;
  fresh.id = Lake;
  fresh.storage_namespace = model::StorageNamespace("mem://lake");
  auto repository = co_await engine.repositories().create(context, fresh);
  if (!repository) {
    play->ledger.fail("create repository: " + repository.error().message());
    co_return;
  }
  auto branch = co_await engine.refs().create_branch(context, *repository, Release, parsed("main"),
                                                     false, false);
  if (!branch) play->ledger.fail("create branch: " + branch.error().message());
}

base::Task<Listing> read_all(Play* play, engine::Engine* engine, std::string at) {
  auto listing = co_await list_all(engine, at);
  if (listing) co_return *std::move(listing);
  play->ledger.fail("list " + at + ": " + listing.error().message());
  co_return Listing();
}

base::Task<void> check_log(Play* play, engine::Engine* engine) {
  const base::Context context = client("checker");
  auto repository = co_await engine->repositories().get(context, Lake);
  if (!repository) co_return;
  std::set<model::CommitId> seen;
  engine::LogQuery query;
  query.ref = parsed("main");
  query.amount = model::PageMax;
  auto page = co_await engine->commits().log(context, *repository, query);
  if (!page) {
    play->ledger.fail("log: " + page.error().message());
    co_return;
  }
  for (const engine::CommitRef& commit : page->rows) seen.insert(commit->id);
  for (const model::CommitId& promised : play->ledger.commits()) {
    if (!seen.contains(promised)) play->ledger.fail("promised commit lost: " + promised.str());
  }
}

void check_paths(Play* play, const Listing& main) {
  for (const auto& [path, values] : play->ledger.possible()) {
    const auto found = main.find(path);
    const std::string value = found == main.end() ? std::string() : found->second;
    if (!values.contains(value)) {
      play->ledger.fail(path + " holds '" + value + "', which nobody was promised");
    }
  }
  for (const auto& [path, value] : main) {
    if (!play->ledger.possible().contains(path)) play->ledger.fail("a path from nowhere: " + path);
  }
}

base::Task<void> check(Play* play) {
  engine::Engine* engine = &play->world.server(0).engine();
  const Listing before = co_await read_all(play, engine, "main");
  check_paths(play, before);
  co_await commit_once(play, "checker");
  const Listing after = co_await read_all(play, engine, "main@");
  if (before != after) play->ledger.fail("the last commit is not what main showed");
  for (int i = 0; i < SettleTries && !co_await merge_once(play); ++i) {
  }
  const Listing release = co_await read_all(play, engine, "release@");
  if (release != after) play->ledger.fail("release does not equal main after the last merge");
  co_await check_log(play, engine);
}

}  // namespace

void Ledger::attempt(const std::string& path, const std::string& value) {
  std::set<std::string>& values = possible_[path];
  if (values.empty()) values.insert(std::string());
  values.insert(value);
}

void Ledger::acknowledge(const std::string& path, const std::string& value) {
  possible_[path] = {value};
}

Outcome play(std::uint64_t seed, const Story& story) {
  Play play(seed, story);
  play.world.spawn(prepare(&play));
  play.world.run_until_idle();
  play.world.set_rates(story.rates);
  for (int i = 0; i < story.writers; ++i) play.world.spawn(writer(&play, i));
  for (int i = 0; i < story.committers; ++i) play.world.spawn(committer(&play, i));
  for (int i = 0; i < story.mergers; ++i) play.world.spawn(merger(&play));
  if (story.crashes > 0) play.world.spawn(crasher(&play));
  play.world.run_until_idle();
  play.world.set_rates(FaultRates());
  play.world.spawn(check(&play));
  play.world.run_until_idle();
  return {.failures = play.ledger.failures(),
          .turns = play.world.scheduler().turns(),
          .commits = play.ledger.commits().size(),
          .done = {}};
}

}  // namespace varve::sim
