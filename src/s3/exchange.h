// Exchange: one S3 request and its answer. Made per request, it outlives every task of it, so its
// operations are members and share what the pipeline found out: who asks, which repository, what
// for. One source file per operation.
//
//   address -> claim -> proof -> repository -> permissions -> route -> operation
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "engine/objects/objects.h"
#include "engine/refs/refs.h"
#include "engine/repo/repo.h"
#include "engine/uploads/uploads.h"
#include "http/server.h"
#include "s3/address.h"
#include "s3/byte_range.h"
#include "s3/claim.h"
#include "s3/delete_conditions.h"
#include "s3/object_properties.h"
#include "s3/router.h"
#include "s3/s3.h"
#include "s3/upload_ledger.h"
#include "s3/xml_reader.h"
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

struct ListPage;

class Exchange {
 public:
  Exchange(Collaborators with, http::RequestContext context, http::Request request);

  base::Task<http::Response> run();
  std::string_view operation() const { return operation_label(request_, route_); }

 private:
  // ---- The pipeline ----
  Reply answer();
  Outcome<void> locate();
  base::Task<Outcome<void>> authenticate();
  base::Task<Outcome<void>> authenticate_by_api();
  base::Task<Outcome<void>> find_repository();
  Outcome<void> check_owner() const;
  base::Task<Outcome<void>> authorise(std::vector<services::Permission> permissions);
  std::vector<services::Permission> needed_permissions() const;
  Reply missing_repository();
  Reply dispatch();
  void assign_request_id();
  http::Response render_error(const Error& error) const;
  http::Response unauthenticated() const;

  // ---- Operations, each in the file of its name ----
  Reply list_buckets();
  Reply head_bucket();
  Reply put_bucket();
  Reply delete_bucket();
  Reply list_objects();
  base::Task<Outcome<ListPage>> list_branches(ListPage page);
  Reply list_uploads();
  Reply bucket_configuration();
  Reply delete_objects();
  Reply get_object();
  Reply head_object();
  Reply object_configuration();
  Reply object_attributes();
  Reply list_parts();
  Reply put_object();
  Reply copy_object();
  Reply delete_object();
  Reply create_upload();
  Reply upload_part();
  Reply upload_part_copy();
  Reply complete_upload();
  Reply abort_upload();
  Reply put_ref();
  Reply preflight();

  // ---- What operations share ----
  const base::Context& context() const { return context_; }
  base::Timestamp now() const { return with_.clock.now(); }
  std::string_view header(std::string_view name) const {
    return request_.headers.get_or_empty(name);
  }
  std::string_view parameter(std::string_view name) const {
    return query_.get(name).value_or(std::string_view());
  }
  // The plan of this request's body, of at most `bytes_max`.
  Outcome<BodyPlan> plan_body_of(std::int64_t bytes_max, ChecksumHeaders what);
  base::Task<Outcome<base::Bytes>> read_document(ChecksumHeaders what);
  // versionId: only the current version is known by one, "null".
  Outcome<void> check_version() const;

  // The visible object at the address (object_lookup.cc).
  base::Task<Outcome<model::Entry>> find_entry();
  base::Task<Outcome<model::Entry>> find_entry_in(engine::RepositoryRef repository, std::string ref,
                                                  std::string path, Asked asked);

  // What a read is answered with, less the bytes (get_object.cc).
  struct Read {
    model::Entry entry;
    Span span;
    http::Response response;
  };
  base::Task<Outcome<Read>> read_object();

  // Where a write goes (write_target.cc).
  struct Target {
    model::BranchId branch;
    model::ObjectPath path;
    engine::StageOptions options;
  };
  // Checks all that can be known before the body is read.
  base::Task<Outcome<Target>> write_target();
  // Without conditions, for parts.
  base::Task<Outcome<Target>> plain_target();
  Outcome<Target> parse_target() const;
  base::Task<Outcome<void>> check_writable(Target target);
  base::Task<Outcome<void>> stage(Target target, model::Entry entry);
  base::Task<Outcome<void>> explain_missing_branch();
  // Metadata a new object takes from the request's headers.
  Outcome<model::Metadata> requested_metadata() const;
  std::string requested_content_type() const;

  // Deleting (delete_object.cc, delete_objects.cc).
  base::Task<Outcome<void>> erase_one(std::string ref, std::string path,
                                      DeleteConditions conditions);
  base::Task<Outcome<std::optional<Target>>> place_target(DeleteTarget request);
  base::Task<std::map<std::string, Error>> erase_group(model::BranchId branch,
                                                       std::vector<model::ObjectPath> paths);

  // The source of a copy (copy_source.cc).
  struct Source {
    engine::RepositoryRef repository;
    CopySource name;
    model::Entry entry;
  };
  base::Task<Outcome<Source>> copy_source();
  base::Task<Outcome<std::unique_ptr<engine::ByteSource>>> open_copy(
      Source source, ports::ByteRange range, std::optional<ChecksumAlgorithm> algorithm,
      std::shared_ptr<BodyVerdict> verdict);
  base::Task<Outcome<void>> probe_data(Source source);
  Outcome<model::Entry> describe_copy(const Source& source) const;
  base::Task<Outcome<model::Entry>> copy_bytes(Source source, model::Entry entry,
                                               std::optional<ChecksumAlgorithm> algorithm);

  // Multipart (multipart.cc, complete_upload.cc).
  base::Task<Outcome<engine::MultipartUpload>> find_upload();
  Outcome<int> part_number() const;
  struct StoredPart {
    ports::PartInfo part;
    std::optional<Checksum> checksum;
  };
  base::Task<Outcome<StoredPart>> store_part(engine::MultipartUpload upload, int number,
                                             std::unique_ptr<engine::ByteSource> source,
                                             std::shared_ptr<BodyVerdict> verdict);
  base::Task<Outcome<std::vector<ports::PartInfo>>> all_parts(engine::MultipartUpload upload);
  Reply repeat_completed(std::vector<ListedPart> listed);
  base::Task<Outcome<void>> remember_completed(engine::MultipartUpload upload,
                                               std::vector<ListedPart> listed, std::string etag,
                                               std::optional<StoredChecksum> stored);
  base::Task<Outcome<model::Entry>> assemble(engine::MultipartUpload upload,
                                             std::vector<ListedPart> listed);
  base::Bytes render_completed(std::string_view etag,
                               const std::optional<StoredChecksum>& stored) const;

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

// The elements a stored checksum is shown as: Checksum<ALG>, ChecksumType.
std::vector<std::pair<std::string_view, std::string>> checksum_elements(
    const std::optional<StoredChecksum>& stored);
// An XML document as a response.
http::Response xml_response(base::Bytes xml, int status = 200);
std::string quoted_etag(std::string_view etag);
// Adds ETag, Last-Modified, Content-Type, metadata, … of an object (object_reply.cc).
void add_object_headers(http::Headers& headers, const model::Entry& entry);

}  // namespace varve::s3
