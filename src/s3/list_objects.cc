// ListObjects, versions 1 and 2: GET /bucket (reference 3.3).

#include <optional>
#include <utility>

#include "base/result.h"
#include "base/task.h"
#include "engine/objects/objects.h"
#include "engine/refs/refs.h"
#include "model/records.h"
#include "model/ref_expr.h"
#include "s3/address.h"
#include "s3/call.h"
#include "s3/errors.h"
#include "s3/exchange.h"
#include "s3/list_page.h"
#include "s3/listing.h"
#include "s3/permissions.h"

namespace varve::s3 {

Reply Exchange::list_objects() {
  VARVE_CO_TRY(ListPage page, read_list_request(query_, address_.repository));
  page.owner = user_->name;
  if (lists_branches(query_)) {
    VARVE_CO_TRY(page, co_await list_branches(std::move(page)));
    co_return xml_response(render(page));
  }
  const std::optional<SplitKey> prefix = split_key(page.prefix);
  if (!prefix) co_return Error(Code::BadRequest);
  page.ref = prefix->ref;
  VARVE_CO_TRY(const std::string token, read_token(page.token));
  const MarkerEffect marker = apply_marker(token.empty() ? page.marker : token, page.ref);
  if (page.keys_max == 0 || marker.is_past_end) co_return xml_response(render(page));
  auto ref = model::parse_ref_expr(page.ref);
  if (!ref) co_return Error(Code::BadRequest, "The prefix begins with a malformed ref.");
  engine::ObjectQuery query;
  query.prefix = prefix->path;
  query.after = marker.after;
  query.delimiter = page.delimiter;
  query.amount = static_cast<int>(page.keys_max);
  auto listed = co_await with_.engine.objects().list(context_, repository_, *std::move(ref),
                                                     std::move(query));
  if (!listed) {
    Error error = translate(Asked::Read, listed.error());
    // A ref that does not exist, or no longer, has no objects.
    if (error.code() == Code::NoSuchKey) co_return xml_response(render(page));
    co_return error;
  }
  page.rows = std::move(listed->rows);
  page.is_truncated = listed->has_more;
  co_return xml_response(render(page));
}

// At the root of a bucket there are branches, whatever the delimiter: a careless recursive listing
// must not walk them all (reference 1.7).
base::Task<Outcome<ListPage>> Exchange::list_branches(ListPage page) {
  page.is_root = true;
  if (page.keys_max == 0) co_return page;
  VARVE_CO_TRY(const std::string token, read_token(page.token));
  const auto marker = split_key(token.empty() ? page.marker : token);
  if (!marker) co_return Error(Code::BadRequest);
  engine::RefQuery query;
  query.prefix = split_key(page.prefix)->ref;
  query.after = marker->ref;
  query.amount = static_cast<int>(page.keys_max);
  VARVE_CO_TRY(engine::BranchPage branches,
               from_engine(Asked::Read, co_await with_.engine.refs().list_branches(
                                            context_, repository_, query)));
  page.is_truncated = branches.has_more;
  for (const model::Branch& branch : branches.rows) page.branches.push_back(branch.id.str());
  co_return page;
}

}  // namespace varve::s3
