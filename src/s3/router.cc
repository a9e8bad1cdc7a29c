#include "s3/router.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "http/message.h"
#include "http/uri.h"
#include "s3/address.h"
#include "s3/errors.h"

namespace varve::s3 {
namespace {

using http::Method;

// What a sub-resource of one level and verb is answered with. NotSupported is lakeFS's 405,
// NotImplemented 501; both are known names. Names in no table are ignored, as S3 does.
struct SubResource {
  std::string_view name;
  Configuration configuration = Configuration::None;
  Code code = Code::LakeFsNotSupported;
};

constexpr SubResource fixed(std::string_view name, Configuration answer) {
  return {name, answer, Code::LakeFsNotSupported};
}
constexpr SubResource missing(std::string_view name, Code code) {
  return {name, Configuration::Missing, code};
}
constexpr SubResource refused(std::string_view name) {
  return {name, Configuration::None, Code::LakeFsNotSupported};
}
constexpr SubResource unimplemented(std::string_view name) {
  return {name, Configuration::None, Code::NotImplemented};
}

constexpr std::array GetBucket{
    fixed("location", Configuration::Location),
    fixed("versioning", Configuration::Versioning),
    fixed("acl", Configuration::Acl),
    fixed("ownershipControls", Configuration::OwnershipControls),
    fixed("notification", Configuration::Notification),
    fixed("logging", Configuration::Logging),
    fixed("accelerate", Configuration::Accelerate),
    fixed("requestPayment", Configuration::RequestPayment),
    missing("policy", Code::NoSuchBucketPolicy),
    missing("lifecycle", Code::NoSuchLifecycleConfiguration),
    missing("cors", Code::NoSuchCorsConfiguration),
    missing("tagging", Code::NoSuchTagSet),
    missing("encryption", Code::ServerSideEncryptionConfigurationNotFound),
    missing("website", Code::NoSuchWebsiteConfiguration),
    missing("replication", Code::ReplicationConfigurationNotFound),
    missing("publicAccessBlock", Code::NoSuchPublicAccessBlockConfiguration),
    missing("object-lock", Code::ObjectLockConfigurationNotFound),
    refused("events"),
    refused("versions"),
    refused("policyStatus"),
    unimplemented("inventory"),
    unimplemented("metrics"),
    unimplemented("analytics"),
    unimplemented("intelligent-tiering"),
    unimplemented("session"),
    unimplemented("metadataTable"),
    unimplemented("metadataConfiguration"),
    unimplemented("metadataInventoryTable"),
    unimplemented("metadataJournalTable"),
    unimplemented("abac"),
};
constexpr std::array PutBucketNames{
    refused("cors"),
    refused("metrics"),
    refused("website"),
    refused("logging"),
    refused("accelerate"),
    refused("requestPayment"),
    refused("acl"),
    refused("publicAccessBlock"),
    refused("ownershipControls"),
    refused("intelligent-tiering"),
    refused("analytics"),
    refused("lifecycle"),
    refused("replication"),
    refused("encryption"),
    refused("policy"),
    refused("object-lock"),
    refused("tagging"),
    refused("versioning"),
    refused("notification"),
    unimplemented("inventory"),
    unimplemented("metadataTable"),
    unimplemented("metadataConfiguration"),
    unimplemented("metadataInventoryTable"),
    unimplemented("metadataJournalTable"),
    unimplemented("abac"),
};
constexpr std::array HeadBucketNames{refused("acl")};
constexpr std::array RootNames{refused("events")};
constexpr std::array GetObjectNames{
    refused("torrent"),
    refused("lambdaArn"),
    fixed("acl", Configuration::Acl),
    fixed("tagging", Configuration::Tagging),
    fixed("versioning", Configuration::Versioning),
    missing("retention", Code::NoSuchObjectLockConfiguration),
    missing("legal-hold", Code::NoSuchObjectLockConfiguration),
    unimplemented("annotation"),
    unimplemented("annotations"),
};
constexpr std::array PutObjectNames{
    refused("torrent"),          refused("acl"),
    refused("tagging"),          refused("retention"),
    refused("legal-hold"),       refused("restore"),
    refused("select"),           unimplemented("renameObject"),
    unimplemented("annotation"), unimplemented("annotations"),
    unimplemented("encryption"), unimplemented("attributes"),
    unimplemented("uploads"),    unimplemented("object-lock"),
    unimplemented("policy"),     unimplemented("versioning"),
};
constexpr std::array PostObjectNames{refused("select"), refused("restore")};
constexpr std::array DeleteObjectNames{
    refused("tagging"),           refused("acl"),
    refused("torrent"),           refused("retention"),
    refused("legal-hold"),        unimplemented("annotation"),
    unimplemented("annotations"), unimplemented("attributes"),
    unimplemented("uploads"),
};

const SubResource* find(std::span<const SubResource> names, const http::Query& query) {
  for (const http::QueryParameter& one : query.parameters()) {
    const auto found = std::find_if(names.begin(), names.end(), [&](const SubResource& candidate) {
      return candidate.name == one.name;
    });
    if (found != names.end()) return &*found;
  }
  return nullptr;
}

Route plain(Endpoint endpoint) {
  Route route;
  route.endpoint = endpoint;
  return route;
}

Route refuse(Error error) {
  Route route;
  route.refusal = std::move(error);
  return route;
}

Route refuse_without_body(Code code) {
  Route route = refuse(Error(code));
  route.is_body_dropped = true;
  return route;
}

Route refuse_verb(const http::Request& request, std::string_view resource, std::string allow) {
  return refuse(Error(Code::MethodNotAllowed)
                    .with("Method", request.method_name)
                    .with("ResourceType", std::string(resource))
                    .with_header("Allow", std::move(allow)));
}

// The answer a table has for one of the query's names; absent: none, or none that counts.
std::optional<Route> sub_resource(std::span<const SubResource> names, const http::Query& query,
                                  Endpoint configured, bool is_refused) {
  const SubResource* found = find(names, query);
  if (found == nullptr) return std::nullopt;
  if (found->configuration == Configuration::None) {
    if (!is_refused) return std::nullopt;
    return refuse(Error(found->code));
  }
  Route route = plain(configured);
  route.configuration = found->configuration;
  if (found->configuration == Configuration::Missing) route.refusal = Error(found->code);
  return route;
}

Route root_route(const http::Request& request, const http::Query& query, RouterOptions options) {
  if (request.method != Method::Get) return refuse_verb(request, "SERVICE", "GET");
  if (auto found =
          sub_resource(RootNames, query, Endpoint::ListBuckets, options.verify_unsupported)) {
    return *std::move(found);
  }
  return plain(Endpoint::ListBuckets);
}

Route bucket_route(const http::Request& request, const http::Query& query, RouterOptions options) {
  const bool is_refused = options.verify_unsupported;
  switch (request.method) {
    case Method::Get:
      if (query.has("uploads")) return plain(Endpoint::ListUploads);
      if (auto found = sub_resource(GetBucket, query, Endpoint::BucketConfiguration, is_refused)) {
        return *std::move(found);
      }
      return plain(Endpoint::ListObjects);
    case Method::Head:
      if (auto found = sub_resource(HeadBucketNames, query, Endpoint::HeadBucket, is_refused)) {
        return *std::move(found);
      }
      return plain(Endpoint::HeadBucket);
    case Method::Put:
      if (auto found = sub_resource(PutBucketNames, query, Endpoint::PutBucket, true)) {
        return *std::move(found);
      }
      return plain(Endpoint::PutBucket);
    case Method::Post:
      if (query.has("delete")) return plain(Endpoint::DeleteObjects);
      return refuse(Error(Code::LakeFsNotSupported));
    case Method::Delete:
      if (options.can_create_buckets && find(PutBucketNames, query) == nullptr) {
        return plain(Endpoint::DeleteBucket);
      }
      return refuse(Error(Code::LakeFsNotSupported));
    case Method::Patch:
    case Method::Options:
    case Method::Connect:
    case Method::Trace:
    case Method::Other:
      break;
  }
  return refuse_without_body(Code::NotFound);
}

Route ref_route(const http::Request& request) {
  switch (request.method) {
    case Method::Get:
    case Method::Head:
      return plain(Endpoint::ReadRef);
    case Method::Put:
      return plain(Endpoint::PutRef);
    case Method::Delete:
      return plain(Endpoint::DeleteRef);
    case Method::Post:
    case Method::Patch:
    case Method::Options:
    case Method::Connect:
    case Method::Trace:
    case Method::Other:
      break;
  }
  return refuse_without_body(Code::NotFound);
}

Route get_object_route(const http::Query& query, RouterOptions options) {
  if (auto found = sub_resource(GetObjectNames, query, Endpoint::ObjectConfiguration,
                                options.verify_unsupported)) {
    return *std::move(found);
  }
  if (query.has("attributes")) return plain(Endpoint::ObjectAttributes);
  if (query.has("uploadId")) return plain(Endpoint::ListParts);
  return plain(Endpoint::GetObject);
}

Route put_object_route(const http::Request& request, const http::Query& query) {
  if (auto found = sub_resource(PutObjectNames, query, Endpoint::PutObject, true)) {
    return *std::move(found);
  }
  const bool is_copy = !request.headers.get_or_empty("x-amz-copy-source").empty();
  const bool has_id = query.has("uploadId");
  if (has_id != query.has("partNumber")) {
    return refuse(invalid_argument(has_id ? "partNumber" : "uploadId", "",
                                   "This operation needs both partNumber and uploadId."));
  }
  if (has_id) return plain(is_copy ? Endpoint::UploadPartCopy : Endpoint::UploadPart);
  return plain(is_copy ? Endpoint::CopyObject : Endpoint::PutObject);
}

Route post_object_route(const http::Query& query) {
  if (auto found = sub_resource(PostObjectNames, query, Endpoint::CreateUpload, true)) {
    return *std::move(found);
  }
  if (query.has("uploads")) return plain(Endpoint::CreateUpload);
  if (query.has("uploadId")) return plain(Endpoint::CompleteUpload);
  return refuse_without_body(Code::MethodNotAllowed);
}

Route delete_object_route(const http::Query& query) {
  if (auto found = sub_resource(DeleteObjectNames, query, Endpoint::DeleteObject, true)) {
    return *std::move(found);
  }
  return plain(query.has("uploadId") ? Endpoint::AbortUpload : Endpoint::DeleteObject);
}

Route object_route(const http::Request& request, const http::Query& query, RouterOptions options) {
  switch (request.method) {
    case Method::Get:
      return get_object_route(query, options);
    case Method::Head:
      return plain(Endpoint::HeadObject);
    case Method::Put:
      return put_object_route(request, query);
    case Method::Post:
      return post_object_route(query);
    case Method::Delete:
      return delete_object_route(query);
    case Method::Patch:
    case Method::Options:
    case Method::Connect:
    case Method::Trace:
    case Method::Other:
      break;
  }
  return refuse_without_body(Code::NotFound);
}

}  // namespace

Route route(const http::Request& request, const Address& address, const http::Query& query,
            RouterOptions options) {
  Level level = Level::Object;
  Route found;
  if (request.method == Method::Options) {
    found = plain(Endpoint::Preflight);
  } else if (address.repository.empty() &&
             (request.method == Method::Get || (address.ref.empty() && address.path.empty()))) {
    // A GET of `//...` has no repository either; lakeFS lists buckets, and so do we.
    level = Level::Root;
    found = root_route(request, query, options);
  } else if (address.repository.empty()) {
    level = Level::Root;
    found = refuse_without_body(Code::NotFound);
  } else if (address.ref.empty() && address.path.empty()) {
    level = Level::Bucket;
    found = bucket_route(request, query, options);
  } else if (address.ref.empty()) {
    level = Level::Ref;
    found = refuse_without_body(Code::NotFound);
  } else if (address.path.empty()) {
    level = Level::Ref;
    found = ref_route(request);
  } else {
    found = object_route(request, query, options);
  }
  found.level = level;
  return found;
}

std::string_view operation_label(const http::Request& request, const Route& route) {
  if (route.is_body_dropped) return "not_found";
  if (route.refusal) return "unsupported";
  const bool is_bucket = route.level == Level::Bucket;
  switch (route.level) {
    case Level::Root:
      return route.endpoint == Endpoint::ListBuckets ? "list_buckets" : "unsupported";
    case Level::Ref:
      return "not_found";
    case Level::Bucket:
    case Level::Object:
      break;
  }
  switch (request.method) {
    case Method::Get:
      return is_bucket ? "list_objects" : "get_object";
    case Method::Head:
      return is_bucket ? "head_bucket" : "head_object";
    case Method::Put:
      return is_bucket ? "put_bucket" : "put_object";
    case Method::Post:
      return is_bucket ? "delete_objects" : "post_object";
    case Method::Delete:
      return is_bucket ? "unsupported" : "delete_object";
    case Method::Patch:
    case Method::Options:
    case Method::Connect:
    case Method::Trace:
    case Method::Other:
      break;
  }
  return "unsupported";
}

}  // namespace varve::s3
