#include "sim/histories.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/commits/commits.h"
#include "engine/engine.h"
#include "engine/objects/objects.h"
#include "engine/refs/refs.h"
#include "engine/repo/repo.h"
#include "engine/staging/staging.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/records.h"
#include "ports/object_types.h"
#include "sim/clients.h"
#include "sim/expected_history.h"
#include "sim/history_check.h"
#include "sim/history_requests.h"
#include "sim/journal.h"
#include "sim/workloads.h"
#include "sim/world.h"

namespace varve::sim {
namespace {

constexpr int SettleTries = 200;
constexpr std::uint64_t OwnPaths = 30;    // of each team
constexpr std::uint64_t SharedPaths = 6;  // of all: where conflicts come from
constexpr std::uint64_t WritesMax = 6;    // before a commit
constexpr std::uint64_t DeleteOneIn = 4;
constexpr std::uint64_t SharedOneIn = 5;
constexpr int OutsideSets = 3;
constexpr std::uint64_t CrashPatience = 1500;  // turns between two crashes, at most
constexpr std::uint64_t SweepPatience = 150;   // turns between two sweeps, at most
constexpr std::int64_t SweepNanoseconds = 4'000'000'000;

struct Team {
  std::string branch;
  Listing staged;  // on the branch, not committed; "" deletes
  int values = 0;  // written so far
};

// Everything the teams of one story share; outlives their tasks.
struct Play {
  Play(std::uint64_t seed, const HistoryStory& s)
      : world(seed, static_cast<std::size_t>(s.servers), s.is_single_writer), story(s) {}

  std::uint64_t draw(std::uint64_t below) { return world.rng().below(below); }
  Server& any_server() { return world.server(draw(world.servers())); }

  World world;
  HistoryStory story;
  Journal journal;
  std::vector<std::unique_ptr<Team>> teams;
  int compactions = 0;
};

std::string outside_prefix(std::uint64_t set) {
  return "mem://outside/set" + std::to_string(set) + "/";
}

// Whether the fleet may refuse a request with this. `is_uncertain`: it may have been done already.
bool may_refuse(const HistoryRequest& asked, const base::Error& error, bool is_uncertain) {
  const bool is_merge = asked.verb != Verb::Commit && asked.verb != Verb::Import;
  if (model::is(error, model::Detail::DirtyBranch)) {
    return asked.verb != Verb::Commit && (asked.is_dirty || asked.may_be_dirty);
  }
  if (model::is(error, model::Detail::NoChanges)) {
    return is_merge || (asked.verb == Verb::Commit && (asked.changes.empty() || is_uncertain));
  }
  if (model::is(error, model::Detail::MergeConflict)) return is_merge && asked.winner == Side::None;
  return false;
}

base::Task<base::Result<model::CommitId>> head_of(Play* play, std::string branch) {
  engine::Engine& engine = play->any_server().engine();
  VARVE_CO_TRY(auto repository, co_await engine.repositories().get(client("team"), Lake));
  VARVE_CO_TRY(model::Branch row, co_await engine.refs().get_branch(client("team"), repository,
                                                                    model::BranchId(branch)));
  co_return row.commit_id;
}

// Whoever is asked: the head of a branch is what was acknowledged last, if nobody else moves it.
base::Task<void> check_head(Play* play, std::string branch, model::CommitId expected) {
  if (branch == "main") co_return;
  const auto head = co_await head_of(play, branch);
  if (head && *head != expected) play->journal.fail("an old head of " + branch + " is shown");
}

// Asks until it is known what became of it. The commit, if there is one.
base::Task<std::optional<model::CommitId>> settle(Play* play, HistoryRequest asked,
                                                  std::string import_source = {}) {
  bool is_uncertain = false;
  for (int tries = 0; tries < SettleTries; ++tries) {
    const std::string message = play->journal.begin(asked);
    auto answer = co_await ask(&play->any_server().engine(), message, asked, import_source);
    if (answer) {
      play->journal.done(message, *answer);
      if (asked.is_dirty && asked.verb != Verb::Commit) {
        play->journal.fail(message + " moved " + asked.branch + " under staged changes");
      }
      co_await check_head(play, asked.branch, *answer);
      co_return *answer;
    }
    if (!is_fault(answer.error())) {
      play->journal.refuse(message);
      if (!may_refuse(asked, answer.error(), is_uncertain)) {
        play->journal.fail(message + " on " + asked.branch +
                           " refused: " + answer.error().message());
      }
      co_return std::nullopt;
    }
    is_uncertain = true;
  }
  play->journal.fail("a request on " + asked.branch + " was never answered");
  co_return std::nullopt;
}

// ---- Work on a branch -------------------------------------------------------------------------

base::Task<base::Result<void>> stage(Play* play, std::string branch, std::string path,
                                     std::string content) {
  engine::Engine& engine = play->any_server().engine();
  VARVE_CO_TRY(auto repository, co_await engine.repositories().get(client("team"), Lake));
  const model::BranchId on(branch);
  if (content.empty()) {
    co_return co_await engine.objects().erase(client("team"), repository, on,
                                              model::ObjectPath(path), false);
  }
  model::Entry entry;
  entry.address = "data/" + content;
  entry.size = 1;
  entry.etag = content;
  engine::StageOptions options;
  co_return co_await engine.objects().stage(client("team"), repository, on, model::ObjectPath(path),
                                            entry, options);
}

// Whether the head of the branch has the path. Nobody but the team moves that head.
base::Task<base::Result<bool>> is_committed(Play* play, std::string branch, std::string path) {
  engine::Engine& engine = play->any_server().engine();
  VARVE_CO_TRY(auto repository, co_await engine.repositories().get(client("team"), Lake));
  const auto entry = co_await engine.objects().get(client("team"), repository, parsed(branch + "@"),
                                                   model::ObjectPath(path));
  if (!entry && !model::is(entry.error(), model::Detail::ObjectMissing)) co_return entry.error();
  co_return entry.has_value();
}

// Asks again and again, until it is done; whether it was.
base::Task<bool> insist(Play* play, std::string what, auto ask_once) {
  for (int tries = 0; tries < SettleTries; ++tries) {
    const base::Result<void> done = co_await ask_once();
    if (done) co_return true;
    if (is_fault(done.error())) continue;
    play->journal.fail(what + ": " + done.error().message());
    co_return false;
  }
  play->journal.fail(what + " was never answered");
  co_return false;
}

base::Task<base::Result<void>> write_once(Play* play, Team* team, std::string path,
                                          std::string content) {
  bool is_change = true;
  if (content.empty()) {
    VARVE_CO_TRY(is_change, co_await is_committed(play, team->branch, path));
  }
  VARVE_CO_CHECK(co_await stage(play, team->branch, path, content));
  team->staged[path] = content;
  if (!is_change) team->staged.erase(path);
  co_return base::Result<void>();
}

base::Task<void> write(Play* play, Team* team) {
  const bool is_shared = play->draw(SharedOneIn) == 0;
  const std::uint64_t number = play->draw(is_shared ? SharedPaths : OwnPaths);
  // Others move main, so what is there to delete cannot be told.
  const bool is_delete = play->draw(DeleteOneIn) == 0 && team->branch != "main";
  const std::string path = (is_shared ? "shared" : team->branch) + "/" + std::to_string(number);
  std::string content;
  if (!is_delete) content = team->branch + "=" + std::to_string(++team->values);
  auto ask_once = [=] { return write_once(play, team, path, content); };
  (void)co_await insist(play, "write of " + path, ask_once);
}

base::Task<void> commit(Play* play, Team* team) {
  HistoryRequest asked(Verb::Commit, team->branch);
  asked.changes = team->staged;
  (void)co_await settle(play, std::move(asked));
  // Done, or nothing to do: a refusal for another reason has failed the run.
  team->staged.clear();
}

base::Task<void> write_and_commit(Play* play, Team* team) {
  for (std::uint64_t left = 1 + play->draw(WritesMax); left > 0; --left) {
    co_await write(play, team);
  }
  if (play->draw(4) != 0) co_await commit(play, team);
}

base::Task<base::Result<void>> reset_once(Play* play, std::string branch, std::string prefix) {
  engine::Engine& engine = play->any_server().engine();
  VARVE_CO_TRY(auto repository, co_await engine.repositories().get(client("team"), Lake));
  const model::BranchId on(branch);
  if (prefix.empty()) {
    co_return co_await engine.objects().reset_branch(client("team"), repository, on, false);
  }
  co_return co_await engine.objects().reset_prefix(client("team"), repository, on, prefix, false);
}

// Discards what is staged below a prefix.
base::Task<void> reset(Play* play, Team* team, std::string prefix) {
  const std::string branch = team->branch;
  auto ask_once = [=] { return reset_once(play, branch, prefix); };
  if (!co_await insist(play, "reset of " + branch, ask_once)) co_return;
  std::erase_if(team->staged, [&](const auto& one) { return one.first.starts_with(prefix); });
}

// ---- Between branches -------------------------------------------------------------------------

void mark_dirty(Play* play, Team* team, HistoryRequest* asked) {
  const bool is_own = asked->branch == team->branch;
  asked->is_dirty = is_own && !team->staged.empty();
  asked->may_be_dirty = !is_own && play->story.has_main_writer;
}

base::Task<void> merge(Play* play, Team* team, std::string source, std::string destination) {
  const bool is_squash = play->draw(5) == 0;
  HistoryRequest asked(is_squash ? Verb::Squash : Verb::Merge, destination);
  asked.winner = static_cast<Side>(play->draw(3));
  mark_dirty(play, team, &asked);
  const auto head = co_await head_of(play, source);
  if (!head) co_return;  // a fault: not today
  asked.source = *head;
  (void)co_await settle(play, std::move(asked));
}

// Some commit that somebody was told of, to undo or to take.
base::Task<void> replay(Play* play, Team* team, Verb verb) {
  const std::vector<std::string>& known = play->journal.acknowledged();
  if (known.empty()) co_return;
  const JournalEntry& entry = play->journal.entries().at(known[play->draw(known.size())]);
  const bool is_merge = entry.request.verb == Verb::Merge;
  const bool is_on_main = play->draw(2) == 0;
  HistoryRequest asked(verb, is_on_main ? "main" : team->branch);
  asked.source = entry.id;
  if (is_merge) asked.parent = 1 + static_cast<int>(play->draw(2));
  mark_dirty(play, team, &asked);
  (void)co_await settle(play, std::move(asked));
}

base::Task<void> import(Play* play, Team* team) {
  const bool is_on_main = play->draw(2) == 0;
  HistoryRequest asked(Verb::Import, is_on_main ? "main" : team->branch);
  // Its own folder, or what others write below, too.
  asked.destination = play->draw(3) == 0 ? "shared" : "in" + std::to_string(play->draw(2)) + "/";
  mark_dirty(play, team, &asked);
  const std::uint64_t set = play->draw(OutsideSets);
  const std::string folder = asked.destination == "shared" ? "shared/" : asked.destination;
  for (std::uint64_t i = 0; i <= set * 4; ++i) {
    const std::string content = std::to_string(set) + "-" + std::to_string(i);
    asked.changes[folder + std::to_string(i)] = base::hex_encode(base::md5(content));
  }
  (void)co_await settle(play, std::move(asked), outside_prefix(set));
}

base::Task<base::Result<void>> hard_reset_once(Play* play, std::string branch,
                                               model::CommitId target) {
  engine::Engine& engine = play->any_server().engine();
  VARVE_CO_TRY(auto repository, co_await engine.repositories().get(client("team"), Lake));
  co_return co_await engine.commits().hard_reset(
      client("team"), repository, model::BranchId(branch), parsed(target.str()), false);
}

// Moves the team's branch to where some branch has been. Nothing is staged then, not even what
// changes nothing: what that would mean on the new head is for the tests of hard reset.
base::Task<void> hard_reset(Play* play, Team* team) {
  const std::vector<std::string>& known = play->journal.acknowledged();
  if (known.empty()) co_return;
  co_await reset(play, team, "");
  const model::CommitId target = play->journal.entries().at(known[play->draw(known.size())]).id;
  const std::string branch = team->branch;
  play->journal.release(branch);
  auto ask_once = [=] { return hard_reset_once(play, branch, target); };
  (void)co_await insist(play, "hard reset of " + branch, ask_once);
}

base::Task<base::Result<void>> create_once(Play* play, std::string branch) {
  engine::Engine& engine = play->any_server().engine();
  VARVE_CO_TRY(auto repository, co_await engine.repositories().get(client("team"), Lake));
  const auto made = co_await engine.refs().create_branch(
      client("team"), repository, model::BranchId(branch), parsed("main"), false, false);
  if (!made && made.error().code() != base::Code::AlreadyExists) co_return made.error();
  co_return base::Result<void>();
}

base::Task<base::Result<void>> erase_once(Play* play, std::string branch) {
  engine::Engine& engine = play->any_server().engine();
  VARVE_CO_TRY(auto repository, co_await engine.repositories().get(client("team"), Lake));
  const auto gone = co_await engine.refs().erase_branch(client("team"), repository,
                                                        model::BranchId(branch), false);
  if (!gone && !model::is(gone.error(), model::Detail::BranchMissing)) co_return gone.error();
  co_return base::Result<void>();
}

// A branch for one piece of work: made, worked on, merged, deleted.
base::Task<void> short_lived(Play* play, Team* team) {
  Team brief;
  brief.branch = team->branch + "-" + std::to_string(play->journal.entries().size());
  play->journal.release(brief.branch);
  const std::string branch = brief.branch;
  auto create = [=] { return create_once(play, branch); };
  if (!co_await insist(play, "branch " + branch, create)) co_return;
  co_await write(play, &brief);
  co_await commit(play, &brief);
  co_await merge(play, &brief, branch, "main");
  auto erase = [=] { return erase_once(play, branch); };
  (void)co_await insist(play, "deletion of " + branch, erase);
}

base::Task<void> work(Play* play, Team* team) {
  const bool is_main = team->branch == "main";
  for (int i = 0; i < play->story.operations; ++i) {
    const std::uint64_t what = is_main ? 0 : play->draw(20);
    if (what < 8) co_await write_and_commit(play, team);
    if (what == 8) {
      std::string prefix = play->draw(2) == 0 ? "" : team->branch + "/";
      co_await reset(play, team, std::move(prefix));
    }
    if (what >= 9 && what < 12) co_await merge(play, team, team->branch, "main");
    if (what >= 12 && what < 14) co_await merge(play, team, "main", team->branch);
    if (what == 14) co_await replay(play, team, Verb::Revert);
    if (what == 15) co_await replay(play, team, Verb::Pick);
    if (what == 16) co_await import(play, team);
    if (what == 17) co_await short_lived(play, team);
    if (what == 18) co_await commit(play, team);
    if (what == 19 && play->draw(3) == 0) co_await hard_reset(play, team);
  }
}

base::Task<void> crash(Play* play) {
  for (int i = 0; i < play->story.crashes; ++i) {
    const std::uint64_t patience = play->draw(CrashPatience);
    for (std::uint64_t turn = 0; turn < patience; ++turn) {
      co_await play->world.scheduler().turn();
    }
    play->world.restart(play->draw(play->world.servers()));
  }
}

// What is left of a commit that came to nothing after it had begun: one more sealed token.
base::Task<void> seal(Play* play, model::BranchId branch) {
  engine::Engine& engine = play->any_server().engine();
  const auto repository = co_await engine.repositories().get(client("sealer"), Lake);
  if (!repository) co_return;
  engine::Staging& staging = engine.staging();
  const auto before = co_await staging.read_branch(client("sealer"), *repository, branch);
  if (!before) co_return;
  model::Branch after = staging.sealed(**repository, before->branch);
  // A lost race is one commit fewer that came to nothing.
  static_cast<void>(
      co_await staging.replace_branch(client("sealer"), *repository, *before, std::move(after)));
}

base::Task<void> compact(Play* play, model::BranchId branch) {
  engine::Engine& engine = play->any_server().engine();
  const auto repository = co_await engine.repositories().get(client("compaction"), Lake);
  if (!repository) co_return;
  const auto done = co_await engine.staging().compact(client("compaction"), *repository, branch);
  if (!done && !is_fault(done.error())) {
    play->journal.fail("compaction: " + done.error().message());
  }
  if (done && *done) ++play->compactions;
}

// Time passes faster while somebody sweeps, but no request takes as long as dropped rows stay.
base::Task<void> sweep(Play* play) {
  for (int i = 0; i < play->story.sweeps; ++i) {
    for (std::uint64_t left = play->draw(SweepPatience); left > 0; --left) {
      co_await play->world.scheduler().turn();
    }
    play->world.scheduler().clock().advance(SweepNanoseconds);
    const auto swept =
        co_await play->any_server().engine().staging().sweep_dropped(client("sweep"));
    if (!swept && !is_fault(swept.error())) play->journal.fail("sweep: " + swept.error().message());
    for (const std::unique_ptr<Team>& team : play->teams) {
      const model::BranchId branch(team->branch);
      if (play->draw(2) == 0) co_await seal(play, branch);
      co_await compact(play, branch);
    }
  }
}

base::Task<base::Result<void>> prepare(Play* play) {
  engine::Engine& engine = play->world.server(0).engine();
  engine::NewRepository fresh;
  fresh.id = Lake;
  fresh.storage_namespace = model::StorageNamespace("mem://lake");
  VARVE_CO_TRY(auto repository, co_await engine.repositories().create(client("admin"), fresh));
  for (const std::unique_ptr<Team>& team : play->teams) {
    if (team->branch == "main") continue;
    VARVE_CO_CHECK(co_await engine.refs().create_branch(
        client("admin"), repository, model::BranchId(team->branch), parsed("main"), false, false));
  }
  for (std::uint64_t set = 0; set < OutsideSets; ++set) {
    for (std::uint64_t i = 0; i <= set * 4; ++i) {
      ports::ObjectAddress address(outside_prefix(set) + std::to_string(i));
      const std::string content = std::to_string(set) + "-" + std::to_string(i);
      VARVE_CO_CHECK(co_await play->world.objects().put_bytes(client("admin"), std::move(address),
                                                              content, ports::PutMode::Overwrite));
    }
  }
  co_return base::Result<void>();
}

base::Task<void> begin(Play* play) {
  const auto prepared = co_await prepare(play);
  if (!prepared) play->journal.fail("prepare: " + prepared.error().message());
}

}  // namespace

Outcome play_history(std::uint64_t seed, const HistoryStory& story) {
  Play play(seed, story);
  for (int i = 0; i < story.teams; ++i) {
    play.teams.push_back(std::make_unique<Team>());
    play.teams.back()->branch = "t" + std::to_string(i);
  }
  if (story.has_main_writer) {
    play.teams.push_back(std::make_unique<Team>());
    play.teams.back()->branch = "main";
  }
  play.world.spawn(begin(&play));
  play.world.run_until_idle();
  play.world.set_rates(story.rates);
  for (const std::unique_ptr<Team>& team : play.teams) play.world.spawn(work(&play, team.get()));
  if (story.crashes > 0) play.world.spawn(crash(&play));
  if (story.sweeps > 0) play.world.spawn(sweep(&play));
  play.world.run_until_idle();
  play.world.set_rates(FaultRates());
  std::map<std::string, Listing> staged;
  for (const std::unique_ptr<Team>& team : play.teams) staged[team->branch] = team->staged;
  play.world.spawn(check_history(&play.world, &play.journal, std::move(staged)));
  play.world.run_until_idle();
  auto done = play.journal.tally();
  done["compaction"] += play.compactions;
  return {.failures = play.journal.failures(),
          .turns = play.world.scheduler().turns(),
          .commits = play.journal.acknowledged().size(),
          .done = std::move(done)};
}

}  // namespace varve::sim
