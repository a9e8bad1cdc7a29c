// Where a write goes, and whether it may: everything that can be known before the body is read, so
// that a client that waits for 100 Continue saves the upload.

#include <utility>

#include "base/result.h"
#include "base/task.h"
#include "engine/objects/objects.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/records.h"
#include "model/ref_expr.h"
#include "s3/call.h"
#include "s3/conditions.h"
#include "s3/errors.h"
#include "s3/exchange.h"
#include "s3/object_properties.h"
#include "s3/user_metadata.h"

namespace varve::s3 {

Outcome<Target> Exchange::parse_target() const {
  if (repository_->read_only) return Error(Code::ReadOnlyRepository);
  Target target;
  auto branch = model::parse_branch_id(address_.ref);
  if (!branch) {
    return Error(Code::InvalidArgument,
                 "'" + address_.ref + "' is not a branch: only branches can be written to");
  }
  target.branch = *std::move(branch);
  auto path = model::parse_object_path(address_.path);
  if (!path) return translate(Asked::Write, path.error());
  target.path = *std::move(path);
  return target;
}

base::Task<Outcome<Target>> Exchange::plain_target() {
  VARVE_CO_TRY(Target target, parse_target());
  VARVE_CO_CHECK(co_await check_writable(target));
  co_return target;
}

base::Task<Outcome<Target>> Exchange::write_target() {
  VARVE_CO_TRY(Target target, parse_target());
  Outcome<engine::WriteCondition> condition = write_condition(request_.headers);
  if (condition) target.options.condition = *condition;
  VARVE_CO_CHECK(co_await check_writable(target));
  if (!condition) co_return std::move(condition).error();
  co_return target;
}

base::Task<Outcome<void>> Exchange::check_writable(Target target) {
  const auto allowed = co_await with_.engine.objects().check_writable(
      context_, repository_, std::move(target.branch), std::move(target.path),
      std::move(target.options));
  if (allowed) co_return Outcome<void>();
  if (model::is(allowed.error(), model::Detail::BranchMissing)) {
    co_return co_await explain_missing_branch();
  }
  Error error = translate(Asked::Write, allowed.error());
  if (error.code() == Code::PreconditionFailed) {
    co_return std::move(error).with("Condition",
                                    header("If-Match").empty() ? "If-None-Match" : "If-Match");
  }
  co_return error;
}

// S3 knows no word for a missing branch; the text says whether it is a tag or a commit.
base::Task<Outcome<void>> Exchange::explain_missing_branch() {
  auto ref = model::parse_ref_expr(address_.ref);
  if (ref) {
    const auto resolved =
        co_await with_.engine.refs().resolve(context_, repository_, *std::move(ref));
    if (resolved) {
      co_return Error(Code::NoSuchBucket, "The specified bucket does not exist: '" + address_.ref +
                                              "' is not a branch, and only branches can be "
                                              "written to");
    }
  }
  co_return Error(Code::NoSuchBucket, "The specified bucket does not exist: repository '" +
                                          address_.repository + "' has no branch '" + address_.ref +
                                          "'");
}

base::Task<Outcome<void>> Exchange::stage(Target target, model::Entry entry) {
  const bool is_match = target.options.condition.kind == engine::WriteCondition::Kind::IfMatch;
  const auto staged = co_await with_.engine.objects().stage(
      context_, repository_, std::move(target.branch), std::move(target.path), std::move(entry),
      std::move(target.options));
  if (staged) co_return Outcome<void>();
  Error error = translate(Asked::Write, staged.error());
  // It held when the request came: somebody else was faster.
  if (is_match && error.code() == Code::PreconditionFailed) {
    co_return Error(Code::ConditionalRequestConflict);
  }
  co_return error;
}

std::string Exchange::requested_content_type() const {
  const auto type = header("Content-Type");
  return type.empty() ? "application/octet-stream" : std::string(type);
}

Outcome<model::Metadata> Exchange::requested_metadata() const {
  VARVE_TRY(model::Metadata metadata, read_user_metadata(request_.headers));
  read_system_headers(request_.headers, metadata);
  return metadata;
}

}  // namespace varve::s3
