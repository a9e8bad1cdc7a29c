// Call: what is known of one request while it is answered, and the plain questions about it. Filled
// step by step by the pipeline (exchange.h); operations only read it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "engine/objects/objects.h"
#include "engine/repo/repo.h"
#include "engine/uploads/uploads.h"
#include "http/server.h"
#include "s3/address.h"
#include "s3/byte_range.h"
#include "s3/claim.h"
#include "s3/object_properties.h"
#include "s3/router.h"
#include "s3/s3.h"
#include "s3/upload_ledger.h"
#include "services/auth/auth.h"

namespace varve::s3 {

// What every exchange works with; all of it outlives them.
struct Collaborators {
  engine::Engine& engine;
  services::Auth& auth;
  services::Authorizer& authorizer;
  base::Clock& clock;
  base::Rng& rng;
  UploadLedger& ledger;
  SigningKeys& keys;
  const GatewayOptions& options;
  const std::string& host_id;
  Fallback* fallback;
};

using Reply = base::Task<Outcome<http::Response>>;

// What a read is answered with, less the bytes.
struct ReadAnswer {
  model::Entry entry;
  Span span;
  http::Response response;
};

// Where a write goes.
struct Target {
  model::BranchId branch;
  model::ObjectPath path;
  engine::StageOptions options;
};

// The source of a copy.
struct Source {
  engine::RepositoryRef repository;
  CopySource name;
  model::Entry entry;
};

struct StoredPart {
  ports::PartInfo part;
  std::optional<Checksum> checksum;
};

class Call {
 protected:
  Call(Collaborators with, http::RequestContext context, http::Request request)
      : with_(with),
        request_context_(std::move(context)),
        context_(request_context_.context()),
        request_(std::move(request)),
        query_(request_.parse_query()) {}

  base::Timestamp now() const { return with_.clock.now(); }
  std::string_view header(std::string_view name) const {
    return request_.headers.get_or_empty(name);
  }
  std::string_view parameter(std::string_view name) const {
    return query_.get(name).value_or(std::string_view());
  }

  Collaborators with_;
  http::RequestContext request_context_;
  base::Context context_;
  http::Request request_;
  http::Query query_;
  Address address_;
  std::string decoded_path_;
  Route route_;
  Claim claim_;
  Proof proof_;
  services::UserRef user_;
  engine::RepositoryRef repository_;
  std::optional<CopySource> copy_name_;
  std::string request_id_;
  bool is_api_rejection_ = false;  // 401 in the API's own words
};

// An XML document as a response.
http::Response xml_response(base::Bytes xml, int status = 200);
std::string quoted_etag(std::string_view etag);
// ETag, Last-Modified, Content-Type, metadata, … of an object (object_reply.cc).
void add_object_headers(http::Headers& headers, const model::Entry& entry);
// The elements a stored checksum is shown as: Checksum<ALG>, ChecksumType (multipart.cc).
std::vector<std::pair<std::string_view, std::string>> checksum_elements(
    const std::optional<StoredChecksum>& stored);

}  // namespace varve::s3
