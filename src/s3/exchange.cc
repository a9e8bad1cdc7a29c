#include "s3/exchange.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/task.h"
#include "base/utf8.h"
#include "http/message.h"
#include "http/uri.h"
#include "model/ids.h"
#include "model/limits.h"
#include "s3/address.h"
#include "s3/call.h"
#include "s3/claim.h"
#include "s3/errors.h"
#include "s3/payload.h"
#include "s3/permissions.h"
#include "s3/router.h"
#include "s3/xml_writer.h"
#include "services/auth/auth.h"
#include "services/auth/authorizer.h"
#include "services/auth/principal.h"

namespace varve::s3 {
namespace {

// XXXXXXXX-XXXX-4XXX-YXXX-XXXXXXXXXXXX
std::string make_request_id(base::Rng& rng) {
  const std::uint64_t high = rng.next();
  const std::uint64_t low = rng.next();
  std::string bytes;
  for (int i = 56; i >= 0; i -= 8) bytes.push_back(static_cast<char>(high >> i));
  for (int i = 56; i >= 0; i -= 8) bytes.push_back(static_cast<char>(low >> i));
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
  std::string text = base::hex_encode(bytes);
  for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, 1, '-');
  return text;
}

bool is_head(const http::Request& request) { return request.method == http::Method::Head; }

}  // namespace

http::Response xml_response(base::Bytes xml, int status) {
  return http::Response(status, "application/xml", std::move(xml));
}

std::string quoted_etag(std::string_view etag) {
  std::string out;
  out.reserve(etag.size() + 2);
  out.push_back('"');
  // An ETag that came with an import may be anything; quotes and controls would break the header.
  for (const char c : etag) {
    if (c >= 0x20 && c != '"' && c != 0x7f) out.push_back(c);
  }
  out.push_back('"');
  return out;
}

base::Task<http::Response> Exchange::run() {
  assign_request_id();
  Outcome<http::Response> outcome = co_await answer();
  http::Response response = is_api_rejection_ ? unauthenticated()
                            : outcome         ? *std::move(outcome)
                                              : render_error(outcome.error());
  response.headers.set("x-amz-request-id", request_id_);
  add_cors_headers(request_, with_.options, response);
  co_return response;
}

void Exchange::assign_request_id() {
  auto& scope = *request_context_.scope;
  if (scope.request_id.empty()) scope.request_id = make_request_id(with_.rng);
  request_id_ = scope.request_id;
}

Reply Exchange::answer() {
  VARVE_CO_CHECK(locate());
  if (route_.endpoint == Endpoint::Preflight) co_return co_await preflight();
  VARVE_CO_CHECK(co_await authenticate());
  if (route_.level != Level::Root) {
    Outcome<void> found = co_await find_repository();
    if (!found) {
      if (found.error().code() != Code::NoSuchBucket) co_return std::move(found).error();
      co_return co_await missing_repository();
    }
  }
  VARVE_CO_CHECK(co_await authorise(needed_permissions()));
  VARVE_CO_CHECK(check_owner());
  if (route_.refusal && route_.configuration == Configuration::None) co_return *route_.refusal;
  co_return co_await dispatch();
}

// Splits host and path. What cannot be a key is refused here, whoever asks.
Outcome<void> Exchange::locate() {
  std::optional<std::string> decoded = http::percent_decode(request_.path);
  if (!decoded || !base::is_valid_utf8(*decoded) || decoded->find('\0') != std::string::npos) {
    return Error(Code::InvalidUri);
  }
  decoded_path_ = *std::move(decoded);
  address_ = parse_address(request_.host, decoded_path_, with_.options.domains);
  const RouterOptions options{with_.options.verify_unsupported,
                              !with_.options.create_bucket_namespace.empty()};
  route_ = route(request_, address_, query_, options);
  const bool is_copy =
      route_.endpoint == Endpoint::CopyObject || route_.endpoint == Endpoint::UploadPartCopy;
  if (is_copy) {
    auto name = parse_copy_source(header("x-amz-copy-source"));
    // Told after authentication, like every other fault of an operation.
    if (!name) {
      route_.endpoint = Endpoint::Refused;
      route_.refusal = std::move(name).error();
    } else {
      copy_name_ = *std::move(name);
    }
  }
  return {};
}

base::Task<Outcome<void>> Exchange::authenticate() {
  VARVE_CO_TRY(claim_, read_claim(request_, query_));
  if (claim_.scheme == Claim::Scheme::None) co_return Error(Code::AccessDenied);
  if (claim_.scheme == Claim::Scheme::Api) co_return co_await authenticate_by_api();
  auto found = co_await with_.auth.credential(context_, claim_.access_key_id);
  if (!found) {
    if (found.error().code() != base::Code::NotFound) {
      co_return translate(Asked::Read, found.error());
    }
    co_return Error(Code::InvalidAccessKeyId).with("AWSAccessKeyId", claim_.access_key_id);
  }
  const services::CredentialRef credential = *std::move(found);
  bool is_trusted = false;
  for (const std::string& proxy : with_.options.trusted_proxies) {
    is_trusted = is_trusted || proxy == request_.peer.address;
  }
  const ClaimCheck check{.claim = claim_,
                         .request = request_,
                         .query = query_,
                         .address = address_,
                         .decoded_path = decoded_path_,
                         .secret = credential->key.secret.reveal(),
                         .now = now(),
                         .is_proxy_trusted = is_trusted};
  VARVE_CO_TRY(proof_, check_claim(check, with_.keys));
  if (proof_.is_plus_literal) query_ = http::Query::parse(with_plus_escaped(request_.query));
  user_ = credential->user;
  request_context_.scope->principal = user_->committer();
  co_return Outcome<void>();
}

base::Task<Outcome<void>> Exchange::authenticate_by_api() {
  const services::RequestCredentials credentials(header("Authorization"), header("Cookie"));
  auto user = co_await with_.auth.authenticate(context_, credentials);
  if (!user) {
    if (user.error().code() != base::Code::Unauthenticated) {
      co_return translate(Asked::Read, user.error());
    }
    is_api_rejection_ = true;
    co_return Error(Code::AccessDenied);
  }
  user_ = *std::move(user);
  if (!user_) co_return Error(Code::AccessDenied);
  request_context_.scope->principal = user_->committer();
  VARVE_CO_TRY(proof_.mode, parse_payload_mode(header("x-amz-content-sha256")));
  co_return Outcome<void>();
}

base::Task<Outcome<void>> Exchange::find_repository() {
  auto id = model::parse_repository_id(address_.repository);
  if (!id) {
    if (route_.endpoint == Endpoint::PutBucket) {
      co_return Error(Code::InvalidBucketName,
                      "The specified bucket is not valid: '" + address_.repository +
                          "'; a repository's name has 3 to 63 characters of a-z, 0-9 and '-', and "
                          "does not begin with '-'");
    }
    co_return Error(Code::NoSuchBucket);
  }
  auto found = co_await with_.engine.repositories().get(context_, *std::move(id));
  if (found) {
    repository_ = *std::move(found);
    co_return Outcome<void>();
  }
  co_return translate(Asked::Write, found.error());
}

// In this order: who may not list repositories learns nothing of which exist (reference 1.9).
Reply Exchange::missing_repository() {
  std::vector<services::Permission> list;
  list.emplace_back("fs:ListRepositories", "*");
  VARVE_CO_CHECK(co_await authorise(std::move(list)));
  if (with_.fallback != nullptr) {
    co_return co_await with_.fallback->forward(request_context_, std::move(request_));
  }
  if (request_.target.starts_with("/api/v1")) {
    co_return Error(Code::NoSuchBucketPossibleApiEndpoint);
  }
  if (route_.endpoint == Endpoint::PutBucket) co_return co_await put_bucket();
  co_return Error(Code::NoSuchBucket).with("BucketName", address_.repository);
}

Outcome<void> Exchange::check_owner() const {
  for (const std::string_view name :
       {"x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"}) {
    const auto expected = header(name);
    if (!expected.empty() && expected != user_->name) return Error(Code::AccessDenied);
  }
  return {};
}

base::Task<Outcome<void>> Exchange::authorise(std::vector<services::Permission> permissions) {
  if (permissions.empty() || with_.authorizer.allows_everything()) co_return Outcome<void>();
  const auto allowed = co_await with_.authorizer.allow(context_, user_, std::move(permissions));
  if (!allowed) co_return translate(Asked::Read, allowed.error());
  co_return Outcome<void>();
}

std::vector<services::Permission> Exchange::needed_permissions() const {
  if (with_.authorizer.allows_everything()) return {};
  return permissions_of(request_, route_, address_, query_, copy_name_ ? &*copy_name_ : nullptr);
}

Reply Exchange::dispatch() {
  switch (route_.endpoint) {
    case Endpoint::ListBuckets:
      co_return co_await list_buckets();
    case Endpoint::Preflight:
      co_return co_await preflight();
    case Endpoint::HeadBucket:
      co_return co_await head_bucket();
    case Endpoint::PutBucket:
      co_return Error(Code::BucketAlreadyExists).with("BucketName", address_.repository);
    case Endpoint::DeleteBucket:
      co_return co_await delete_bucket();
    case Endpoint::ListObjects:
      co_return co_await list_objects();
    case Endpoint::ListUploads:
      co_return co_await list_uploads();
    case Endpoint::BucketConfiguration:
      co_return co_await bucket_configuration();
    case Endpoint::DeleteObjects:
      co_return co_await delete_objects();
    case Endpoint::GetObject:
      co_return co_await get_object();
    case Endpoint::HeadObject:
      co_return co_await head_object();
    case Endpoint::ObjectConfiguration:
      co_return co_await object_configuration();
    case Endpoint::ObjectAttributes:
      co_return co_await object_attributes();
    case Endpoint::ListParts:
      co_return co_await list_parts();
    case Endpoint::PutObject:
      co_return co_await put_object();
    case Endpoint::CopyObject:
      co_return co_await copy_object();
    case Endpoint::DeleteObject:
      co_return co_await delete_object();
    case Endpoint::CreateUpload:
      co_return co_await create_upload();
    case Endpoint::UploadPart:
      co_return co_await upload_part();
    case Endpoint::UploadPartCopy:
      co_return co_await upload_part_copy();
    case Endpoint::CompleteUpload:
      co_return co_await complete_upload();
    case Endpoint::AbortUpload:
      co_return co_await abort_upload();
    case Endpoint::ReadRef:
      co_return Error(Code::NoSuchKey);
    case Endpoint::PutRef:
      co_return co_await put_ref();
    case Endpoint::DeleteRef:
      co_return http::Response(204);
    case Endpoint::Refused:
      break;
  }
  co_return route_.refusal.value_or(Error(Code::NotImplemented));
}

http::Response Exchange::render_error(const Error& error) const {
  http::Response response(error.status());
  for (const auto& [name, value] : error.headers()) response.headers.add(name, value);
  const bool is_bare = is_head(request_) || error.code() == Code::NotModified ||
                       error.code() == Code::ClientGone || route_.is_body_dropped;
  if (is_bare) return response;
  XmlWriter xml;
  xml.open_plain_root("Error");
  xml.element("Code", info(error.code()).name);
  xml.element("Message", error.message());
  if (!address_.path.empty()) xml.element("Key", address_.key());
  bool names_bucket = false;
  for (const auto& [name, text] : error.elements()) {
    names_bucket = names_bucket || name == "BucketName";
    xml.element(name, text);
  }
  if (!names_bucket && !address_.repository.empty()) {
    xml.element("BucketName", address_.repository);
  }
  xml.element("Resource", decoded_path_.empty() ? request_.path : decoded_path_);
  xml.element("Region", with_.options.region);
  xml.element("RequestId", request_id_);
  xml.element("HostId", with_.host_id);
  xml.close("Error");
  response.headers.add("Content-Type", "application/xml");
  response.body = xml.take();
  return response;
}

// The words of the API's authentication, which stands in front of both.
http::Response Exchange::unauthenticated() const {
  http::Response response(401, "application/json",
                          R"({"message":"error authenticating request"})"
                          "\n");
  response.headers.add("X-Content-Type-Options", "nosniff");
  return response;
}

Outcome<BodyPlan> Exchange::plan_body_of(std::int64_t bytes_max, ChecksumHeaders what) {
  return plan_body(request_, std::move(proof_), BodyRules{bytes_max, what});
}

base::Task<Outcome<base::Bytes>> Exchange::read_document(ChecksumHeaders what) {
  constexpr auto BytesMax = static_cast<std::int64_t>(model::XmlBodyBytesMax);
  VARVE_CO_TRY(BodyPlan plan, plan_body_of(BytesMax, what));
  co_return co_await read_verified(std::move(request_.body), std::move(plan),
                                   model::XmlBodyBytesMax, Code::MalformedXml);
}

Outcome<void> Exchange::check_version() const {
  const auto version = parameter("versionId");
  if (version.empty() || version == "null") return {};
  return invalid_argument("versionId", std::string(version), "Invalid version id specified");
}

}  // namespace varve::s3
