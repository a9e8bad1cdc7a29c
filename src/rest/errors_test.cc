#include "rest/errors.h"

#include <gtest/gtest.h>

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "http/body.h"
#include "http/message.h"
#include "model/errors.h"
#include "rest/response.h"

namespace varve::rest {
namespace {

using base::Code;
using model::Detail;

struct Row {
  const char* name;
  base::Error error;
  int status;
  const char* message;
};

class Answers : public ::testing::TestWithParam<Row> {};

TEST_P(Answers, Error) {
  EXPECT_EQ(status_of(GetParam().error), GetParam().status);
  EXPECT_EQ(message_of(GetParam().error), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Errors, Answers,
    ::testing::Values(
        Row{"missing", model::repository_not_found(), 404, "repository not found"},
        Row{"in_deletion", model::repository_in_deletion(), 410, "repository in deletion"},
        Row{"no_data", model::data_missing(), 410, "No data"},
        Row{"protected_branch", model::cannot_write_to_protected_branch(), 403,
            "cannot write to protected branch"},
        Row{"read_only", model::read_only_repository(), 403, "read-only repository"},
        Row{"dirty", model::dirty_branch(), 400, "uncommitted changes (dirty branch)"},
        Row{"conflict", model::conflict_found(), 409, "conflict found"},
        Row{"tries", model::too_many_tries(), 429, "Too many attempts, try again later"},
        Row{"empty_name", model::make_error(Code::Internal, Detail::RequirementMissing, "required"),
            400, "required"},
        Row{"no_base", model::make_error(Code::Internal, Detail::NoMergeBase, "no merge base"), 500,
            "no merge base"},
        Row{"path_exists",
            model::make_error(Code::PreconditionFailed, Detail::PathExists, "path already exists"),
            412, "path already exists"},
        Row{"not_allowed", base::Error(Code::PermissionDenied, "insufficient permissions"), 401,
            "insufficient permissions"},
        Row{"who", unauthenticated(), 401, "error authenticating request"},
        Row{"unsupported", not_implemented(), 501, "Not Implemented"},
        Row{"slow_down", base::Error(Code::Unavailable, "kv: busy"), 503,
            "Throughput exceeded. Slow down and retry"},
        Row{"full", model::make_error(Code::ResourceExhausted, Detail::StorageFull, "no space"),
            507, "no space"},
        Row{"gone", base::Error(Code::Cancelled, "client gone"), 499, "client gone"},
        Row{"unknown", base::Error(Code::OutcomeUnknown, "lost"), 500, "lost"},
        Row{"body_cut_off",
            http::make_body_error(Code::InvalidArgument, http::BodyFault::Short, "short"), 400,
            "short"},
        Row{"body_too_large",
            http::make_body_error(Code::ResourceExhausted, http::BodyFault::TooLarge, "large"), 413,
            "large"}),
    [](const auto& info) { return info.param.name; });

TEST(Errors, AreJsonWithNothingButAMessage) {
  const http::Response response = error_response(model::repository_not_found());
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.headers.get("Content-Type"), "application/json");
  EXPECT_EQ(response.headers.get("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(std::get<base::Bytes>(response.body), "{\"message\":\"repository not found\"}\n");
}

}  // namespace
}  // namespace varve::rest
