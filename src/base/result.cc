#include "base/result.h"

#include <string>
#include <string_view>
#include <utility>

namespace varve::base {

std::string_view to_string(Code code) {
  switch (code) {
    case Code::InvalidArgument:
      return "invalid argument";
    case Code::NotFound:
      return "not found";
    case Code::AlreadyExists:
      return "already exists";
    case Code::Conflict:
      return "conflict";
    case Code::PreconditionFailed:
      return "precondition failed";
    case Code::Unauthenticated:
      return "unauthenticated";
    case Code::PermissionDenied:
      return "permission denied";
    case Code::ResourceExhausted:
      return "resource exhausted";
    case Code::Unsupported:
      return "unsupported";
    case Code::DeadlineExceeded:
      return "deadline exceeded";
    case Code::Cancelled:
      return "cancelled";
    case Code::Unavailable:
      return "unavailable";
    case Code::OutcomeUnknown:
      return "outcome unknown";
    case Code::Corruption:
      return "corruption";
    case Code::Internal:
      return "internal";
  }
  return "unknown code";
}

Error Error::with(std::string_view context) && {
  std::string message;
  message.reserve(context.size() + 2 + message_.size());
  message.append(context).append(": ").append(message_);
  message_ = std::move(message);
  return std::move(*this);
}

}  // namespace varve::base
