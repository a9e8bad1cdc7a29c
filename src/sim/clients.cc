#include "sim/clients.h"

#include <string>
#include <utility>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/engine.h"
#include "engine/objects/objects.h"
#include "engine/repo/repo.h"

namespace varve::sim {

namespace {

constexpr int PageRows = 7;  // many pages of few rows

}  // namespace

base::Task<base::Result<Listing>> list_all(engine::Engine* engine, std::string at) {
  Listing listing;
  const base::Context context = client("checker");
  VARVE_CO_TRY(auto repository, co_await engine->repositories().get(context, Lake));
  engine::ObjectQuery query;
  query.amount = PageRows;
  for (;;) {
    VARVE_CO_TRY(engine::ObjectPage page,
                 co_await engine->objects().list(context, repository, parsed(at), query));
    for (const engine::ObjectRow& row : page.rows) {
      if (!listing.empty() && listing.rbegin()->first >= row.path) {
        co_return base::Error(base::Code::Internal,
                              "the list of " + at + " does not ascend at " + row.path);
      }
      listing[row.path] = row.entry ? row.entry->etag : std::string("(prefix)");
    }
    if (!page.has_more || page.rows.empty()) co_return listing;
    query.after = page.rows.back().path;
  }
}

}  // namespace varve::sim
