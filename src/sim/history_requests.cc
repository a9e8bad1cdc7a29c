#include "sim/history_requests.h"

#include <memory>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/task.h"
#include "engine/commits/commits.h"
#include "engine/core/core.h"
#include "engine/engine.h"
#include "engine/imports/imports.h"
#include "engine/merge/merge.h"
#include "engine/refs/refs.h"
#include "engine/repo/repo.h"
#include "model/ids.h"
#include "sim/clients.h"
#include "sim/expected_history.h"
#include "sim/journal.h"

namespace varve::sim {
namespace {

engine::MergeStrategy strategy_of(Side winner) {
  if (winner == Side::Source) return engine::MergeStrategy::SourceWins;
  if (winner == Side::Destination) return engine::MergeStrategy::DestinationWins;
  return engine::MergeStrategy::None;
}

using CommitAnswer = base::Result<model::CommitId>;

CommitAnswer id_of(const base::Result<engine::CommitRef>& made) {
  if (!made) return made.error();
  return (*made)->id;
}

base::Task<CommitAnswer> ask_commit(engine::Engine* engine, engine::RepositoryRef repository,
                                    std::string message, HistoryRequest asked) {
  engine::CommitRequest request;
  request.message = std::move(message);
  auto made = co_await engine->commits().commit(client("team"), std::move(repository),
                                                model::BranchId(asked.branch), request);
  co_return id_of(made);
}

base::Task<CommitAnswer> ask_merge(engine::Engine* engine, engine::RepositoryRef repository,
                                   std::string message, HistoryRequest asked) {
  engine::MergeRequest request;
  request.message = std::move(message);
  request.strategy = strategy_of(asked.winner);
  request.is_squash = asked.verb == Verb::Squash;
  co_return co_await engine->merges().merge(client("team"), std::move(repository),
                                            model::BranchId(asked.branch),
                                            parsed(asked.source.str()), request);
}

base::Task<CommitAnswer> ask_replay(engine::Engine* engine, engine::RepositoryRef repository,
                                    std::string message, HistoryRequest asked) {
  if (asked.verb == Verb::Revert) {
    engine::RevertRequest request;
    request.ref = parsed(asked.source.str());
    request.parent_number = asked.parent;
    request.overrides.message = std::move(message);
    auto made = co_await engine->merges().revert(client("team"), std::move(repository),
                                                 model::BranchId(asked.branch), request);
    co_return id_of(made);
  }
  engine::CherryPickRequest request;
  request.ref = parsed(asked.source.str());
  if (asked.parent > 0) request.parent_number = asked.parent;
  request.overrides.message = std::move(message);
  auto made = co_await engine->merges().cherry_pick(client("team"), std::move(repository),
                                                    model::BranchId(asked.branch), request);
  co_return id_of(made);
}

base::Task<CommitAnswer> ask_import(engine::Engine* engine, engine::RepositoryRef repository,
                                    std::string message, HistoryRequest asked, std::string source) {
  engine::ImportRequest request;
  engine::ImportSource from;
  from.path = std::move(source);
  from.destination = asked.destination;
  request.sources.push_back(std::move(from));
  request.message = std::move(message);
  auto progress = std::make_shared<engine::ImportProgress>();
  auto done = co_await engine->imports().run(client("team"), std::move(repository),
                                             model::BranchId(asked.branch), std::move(request),
                                             std::move(progress));
  if (!done) co_return done.error();
  co_return done->commit->id;
}

}  // namespace

base::Task<CommitAnswer> ask(engine::Engine* engine, std::string message, HistoryRequest asked,
                             std::string import_source) {
  VARVE_CO_TRY(auto repository, co_await engine->repositories().get(client("team"), Lake));
  switch (asked.verb) {
    case Verb::Commit:
      co_return co_await ask_commit(engine, std::move(repository), std::move(message),
                                    std::move(asked));
    case Verb::Merge:
    case Verb::Squash:
      co_return co_await ask_merge(engine, std::move(repository), std::move(message),
                                   std::move(asked));
    case Verb::Revert:
    case Verb::Pick:
      co_return co_await ask_replay(engine, std::move(repository), std::move(message),
                                    std::move(asked));
    case Verb::Import:
      break;
  }
  co_return co_await ask_import(engine, std::move(repository), std::move(message), std::move(asked),
                                std::move(import_source));
}

}  // namespace varve::sim
