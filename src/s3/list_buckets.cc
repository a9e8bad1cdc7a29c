// ListBuckets: GET / (reference 3.1).

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/repo/repo.h"
#include "model/limits.h"
#include "s3/call.h"
#include "s3/errors.h"
#include "s3/exchange.h"
#include "s3/listing.h"
#include "s3/xml_writer.h"
#include "services/auth/authorizer.h"

namespace varve::s3 {
namespace {

constexpr std::int64_t BucketsMax = 10000;

base::Bytes render(const std::vector<engine::RepositoryRef>& rows, bool has_more,
                   std::string_view owner, std::string_view prefix) {
  XmlWriter xml;
  xml.open_root("ListAllMyBucketsResult");
  xml.open("Buckets");
  for (const engine::RepositoryRef& repository : rows) {
    xml.open("Bucket");
    xml.element("CreationDate", repository->creation_date);
    xml.element("Name", repository->id.view());
    xml.close("Bucket");
  }
  xml.close("Buckets");
  xml.open("Owner");
  xml.element("DisplayName", owner);
  xml.element("ID", owner);
  xml.close("Owner");
  if (has_more) {
    xml.element("ContinuationToken", make_token(rows.back()->id.view()));
  }
  if (!prefix.empty()) xml.element("Prefix", prefix);
  xml.close("ListAllMyBucketsResult");
  return xml.take();
}

}  // namespace

Reply Exchange::list_buckets() {
  VARVE_CO_TRY(const std::int64_t amount, read_count_within(query_, "max-buckets", BucketsMax, 1));
  const auto region = parameter("bucket-region");
  engine::RepositoryQuery query;
  query.prefix = parameter("prefix");
  VARVE_CO_TRY(query.after, read_token(parameter("continuation-token")));
  std::vector<engine::RepositoryRef> rows;
  bool has_more = region.empty() || region == with_.options.region;
  while (has_more && static_cast<std::int64_t>(rows.size()) < amount) {
    query.amount = model::PageMax;
    VARVE_CO_TRY(
        engine::RepositoryPage page,
        from_engine(Asked::Read, co_await with_.engine.repositories().list(context_, query)));
    has_more = page.has_more;
    for (engine::RepositoryRef& one : page.rows) {
      if (static_cast<std::int64_t>(rows.size()) == amount) {
        has_more = true;
        break;
      }
      query.after = one->id.str();
      // Only what the caller may list; the pipeline has asked whether there may be any.
      std::vector<services::Permission> permissions;
      permissions.emplace_back("fs:ListRepositories", services::repository_arn(one->id.view()));
      const auto allowed = co_await authorise(std::move(permissions));
      if (allowed) rows.push_back(std::move(one));
    }
    if (page.rows.empty()) break;
  }
  co_return xml_response(render(rows, has_more && !rows.empty(), user_->name, parameter("prefix")));
}

}  // namespace varve::s3
