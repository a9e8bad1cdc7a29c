// PutBucket and DeleteBucket (reference 3.6). Both only where the installation has said in which
// storage namespace repositories made this way are to live.

#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "engine/objects/objects.h"
#include "engine/refs/refs.h"
#include "engine/repo/repo.h"
#include "http/message.h"
#include "model/records.h"
#include "model/ref_expr.h"
#include "s3/call.h"
#include "s3/errors.h"
#include "s3/exchange.h"
#include "s3/payload.h"
#include "s3/xml_reader.h"
#include "services/auth/authorizer.h"

namespace varve::s3 {

// The repository does not exist: the pipeline has looked.
Reply Exchange::put_bucket() {
  if (with_.options.create_bucket_namespace.empty()) {
    co_return Error(Code::NotImplemented,
                    "A bucket is a repository: create it with POST /api/v1/repositories, or let S3 "
                    "clients create them by setting gateways.s3.create_bucket_namespace");
  }
  engine::NewRepository repository;
  repository.id = model::RepositoryId(address_.repository);
  repository.storage_namespace =
      model::StorageNamespace(with_.options.create_bucket_namespace + "/" + address_.repository);
  std::vector<services::Permission> permissions;
  permissions.emplace_back("fs:CreateRepository", services::repository_arn(address_.repository));
  permissions.emplace_back("fs:AttachStorageNamespace",
                           services::namespace_arn(repository.storage_namespace.view()));
  VARVE_CO_CHECK(co_await authorise(std::move(permissions)));
  if (request_.body.content_length().value_or(0) > 0 || request_.body.is_chunked()) {
    VARVE_CO_TRY(base::Bytes xml, co_await read_document(ChecksumHeaders::AboutBody));
    VARVE_CO_CHECK(read_create_bucket_request(std::move(xml)));
  }
  const auto created = co_await with_.engine.repositories().create(context_, std::move(repository));
  if (!created) {
    if (created.error().code() == base::Code::AlreadyExists) {
      co_return Error(Code::BucketAlreadyExists);
    }
    co_return translate(Asked::Write, created.error());
  }
  http::Response response(200);
  response.headers.add("Location", "/" + address_.repository);
  co_return response;
}

// Empty means as created: no object on any branch, and no commit beyond the first.
Reply Exchange::delete_bucket() {
  engine::RefQuery query;
  query.amount = 2;
  query.show_hidden = true;
  VARVE_CO_TRY(engine::BranchPage branches,
               from_engine(Asked::Write, co_await with_.engine.refs().list_branches(
                                             context_, repository_, query)));
  if (branches.rows.size() > 1) co_return Error(Code::BucketNotEmpty);
  for (const model::Branch& branch : branches.rows) {
    auto ref = model::parse_ref_expr(branch.id.view());
    if (!ref) co_return translate(Asked::Write, ref.error());
    engine::ObjectQuery objects;
    objects.amount = 1;
    VARVE_CO_TRY(
        engine::ObjectPage page,
        from_engine(Asked::Write, co_await with_.engine.objects().list(
                                      context_, repository_, *std::move(ref), std::move(objects))));
    VARVE_CO_TRY(engine::CommitRef head,
                 from_engine(Asked::Write, co_await with_.engine.refs().get_commit(
                                               context_, repository_, branch.commit_id)));
    if (!page.rows.empty() || !head->parents.empty()) co_return Error(Code::BucketNotEmpty);
  }
  VARVE_CO_CHECK(from_engine(
      Asked::Write, co_await with_.engine.repositories().erase(context_, repository_->id, false)));
  co_return http::Response(204);
}

}  // namespace varve::s3
