#include "s3/permissions.h"

#include <string_view>
#include <vector>

#include "http/message.h"
#include "http/uri.h"
#include "s3/address.h"
#include "s3/router.h"
#include "services/auth/authorizer.h"

namespace varve::s3 {
namespace {

using services::Permission;

std::string_view object_action(http::Method method) {
  if (method == http::Method::Get || method == http::Method::Head) return "fs:ReadObject";
  return method == http::Method::Delete ? "fs:DeleteObject" : "fs:WriteObject";
}

std::string_view bucket_action(const http::Request& request, const Route& route,
                               const http::Query& query) {
  switch (request.method) {
    case http::Method::Head:
      return "fs:ReadRepository";
    case http::Method::Put:
      return "fs:CreateRepository";
    case http::Method::Delete:
      return "fs:DeleteRepository";
    default:
      break;
  }
  const bool is_listing = route.endpoint == Endpoint::ListObjects;
  return is_listing && lists_branches(query) ? "fs:ListBranches" : "fs:ListObjects";
}

}  // namespace

bool lists_branches(const http::Query& query) {
  const auto prefix = split_key(query.get("prefix").value_or(""));
  return prefix && !prefix->with_path;
}

std::vector<Permission> permissions_of(const http::Request& request, const Route& route,
                                       const Address& address, const http::Query& query,
                                       const CopySource* copy) {
  std::vector<Permission> out;
  switch (route.level) {
    case Level::Root:
      out.emplace_back("fs:ListRepositories", "*");
      break;
    case Level::Bucket:
      if (route.endpoint == Endpoint::DeleteObjects) break;
      out.emplace_back(bucket_action(request, route, query),
                       services::repository_arn(address.repository));
      break;
    case Level::Ref:
    case Level::Object:
      out.emplace_back(object_action(request.method),
                       services::object_arn(address.repository, address.path));
      break;
  }
  if (copy != nullptr) {
    out.emplace_back("fs:ReadObject", services::object_arn(copy->repository, copy->path));
  }
  return out;
}

}  // namespace varve::s3
