#include "rest/errors.h"

#include <string>

#include "base/result.h"
#include "http/body.h"
#include "model/errors.h"

namespace varve::rest {
namespace {

using base::Code;
using model::Detail;

int status_of_code(Code code) {
  switch (code) {
    case Code::InvalidArgument:
      return 400;
    case Code::NotFound:
      return 404;
    case Code::AlreadyExists:
    case Code::Conflict:
      return 409;
    case Code::PreconditionFailed:
      return 412;
    case Code::Unauthenticated:
    case Code::PermissionDenied:
      return 401;
    case Code::ResourceExhausted:
    case Code::Unavailable:
      return 503;
    case Code::Unsupported:
      return 501;
    case Code::DeadlineExceeded:
    case Code::OutcomeUnknown:
    case Code::Corruption:
    case Code::Internal:
      return 500;
    case Code::Cancelled:
      return 499;
  }
  return 500;
}

// 0: the code says it all.
int status_of_detail(Detail detail) {
  switch (detail) {
    case Detail::None:
    case Detail::RepositoryMissing:
    case Detail::BranchMissing:
    case Detail::TagMissing:
    case Detail::CommitMissing:
    case Detail::ObjectMissing:
    case Detail::UploadMissing:
    case Detail::PullMissing:
    case Detail::DirtyBranch:
    case Detail::NoChanges:
    case Detail::StagingIsNoCommit:
    case Detail::InvalidAddress:
    case Detail::NamespaceInUse:
    case Detail::MergeConflict:
    case Detail::NameClash:
    case Detail::RevertParent:
    case Detail::NoMergeBase:
    case Detail::HookFailed:
    case Detail::PathExists:
    case Detail::BadDigest:
    case Detail::SizeMismatch:
    case Detail::InvalidPart:
    case Detail::InvalidPartOrder:
    case Detail::PartTooSmall:
    case Detail::PathTooLong:
      return 0;
    case Detail::StagingBranchSource:
    case Detail::RequirementMissing:
      return 400;  // lakeFS: 500; the register of quirks says fix
    case Detail::ReadOnlyRepository:
    case Detail::ProtectedBranch:
    case Detail::DefaultBranch:
    case Detail::StorageForbidden:
      return 403;
    case Detail::DataMissing:
    case Detail::RepositoryInDeletion:
      return 410;
    case Detail::TooManyTries:
      return 429;
    case Detail::StorageFull:
      return 507;
  }
  return 0;
}

// 0: not an error of a body.
int status_of_body(http::BodyFault fault) {
  switch (fault) {
    case http::BodyFault::None:
      return 0;
    case http::BodyFault::Short:
    case http::BodyFault::BadFraming:
      return 400;
    case http::BodyFault::TooLarge:
      return 413;
    case http::BodyFault::TooSlow:
      return 408;
  }
  return 0;
}

}  // namespace

int status_of(const base::Error& error) {
  if (const int status = status_of_body(http::body_fault_of(error)); status != 0) return status;
  if (const int status = status_of_detail(model::detail_of(error)); status != 0) return status;
  return status_of_code(error.code());
}

std::string message_of(const base::Error& error) {
  switch (model::detail_of(error)) {
    case Detail::DataMissing:
      return "No data";
    case Detail::TooManyTries:
      return "Too many attempts, try again later";
    case Detail::HookFailed:
    case Detail::PathExists:
      return error.message();
    default:
      break;
  }
  if (http::body_fault_of(error) != http::BodyFault::None) return error.message();
  if (error.code() == Code::Unavailable) return "Throughput exceeded. Slow down and retry";
  return error.message();
}

base::Error not_implemented() { return {Code::Unsupported, "Not Implemented"}; }

base::Error unauthenticated() { return {Code::Unauthenticated, "error authenticating request"}; }

}  // namespace varve::rest
