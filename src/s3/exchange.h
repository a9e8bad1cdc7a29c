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

#include "s3/call.h"
#include "s3/delete_conditions.h"
#include "s3/xml_reader.h"

namespace varve::s3 {

struct ListPage;

class Exchange : private Call {
 public:
  Exchange(Collaborators with, http::RequestContext context, http::Request request)
      : Call(with, std::move(context), std::move(request)) {}

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
  base::Task<Outcome<ReadAnswer>> read_object();

  // Where a write goes (write_target.cc).
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
  base::Task<Outcome<StoredPart>> store_part(engine::MultipartUpload upload, int number,
                                             std::unique_ptr<engine::ByteSource> source,
                                             std::shared_ptr<BodyVerdict> verdict);
  base::Task<Outcome<std::vector<ports::PartInfo>>> all_parts(engine::MultipartUpload upload);
  Reply repeat_completed(std::vector<ListedPart> listed);
  base::Task<Outcome<void>> remember_completed(engine::MultipartUpload upload,
                                               std::vector<ListedPart> listed, std::string etag,
                                               std::optional<StoredChecksum> stored);
  base::Task<Outcome<void>> end_upload(engine::MultipartUpload upload);
  base::Task<Outcome<model::Entry>> assemble(engine::MultipartUpload upload,
                                             std::vector<ListedPart> listed);
  base::Bytes render_completed(std::string_view etag,
                               const std::optional<StoredChecksum>& stored) const;
};

}  // namespace varve::s3
