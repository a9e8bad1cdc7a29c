// What the engine says, as S3 clients hear it (s3-gateway reference, 5.1).
#include "s3/errors.h"

#include <gtest/gtest.h>

#include <string>

#include "base/result.h"
#include "http/body.h"
#include "model/errors.h"

namespace varve::s3 {
namespace {

using model::Detail;

struct Row {
  const char* name;
  Asked asked;
  base::Error error;
  const char* code;
  int status;
};

base::Error detailed(base::Code code, Detail detail, const char* text) {
  return model::make_error(code, detail, text);
}

class Translation : public ::testing::TestWithParam<Row> {};

TEST_P(Translation, HasCodeAndStatus) {
  const Error told = translate(GetParam().asked, GetParam().error);
  EXPECT_EQ(info(told.code()).name, GetParam().code);
  EXPECT_EQ(told.status(), GetParam().status);
  EXPECT_FALSE(told.message().empty());
}

INSTANTIATE_TEST_SUITE_P(
    Engine, Translation,
    ::testing::Values(
        Row{"no_repository", Asked::Read, model::repository_not_found(), "NoSuchBucket", 404},
        Row{"repository_going", Asked::Write, model::repository_in_deletion(), "NoSuchBucket", 404},
        Row{"no_branch_read", Asked::Read, model::branch_not_found(), "NoSuchKey", 404},
        Row{"no_branch_written", Asked::Write, model::branch_not_found(), "NoSuchBucket", 404},
        Row{"no_object", Asked::Read, model::object_not_found(), "NoSuchKey", 404},
        Row{"no_data", Asked::Read, model::data_missing(), "NoSuchVersion", 404},
        Row{"no_data_to_copy", Asked::CopySource, model::data_missing(), "NoSuchKey", 404},
        Row{"bad_ref_read", Asked::Read, model::invalid_value("ref"), "NoSuchKey", 404},
        Row{"bad_ref_written", Asked::Write, model::invalid_value("ref"), "InvalidArgument", 400},
        Row{"long_path", Asked::Write,
            detailed(base::Code::InvalidArgument, Detail::PathTooLong, "long"), "KeyTooLongError",
            400},
        Row{"protected", Asked::Write, model::cannot_write_to_protected_branch(),
            "ErrWriteToProtectedBranch", 403},
        Row{"read_only", Asked::Delete, model::read_only_repository(), "ErrReadOnlyRepository",
            403},
        Row{"condition", Asked::Write, model::precondition_failed(), "PreconditionFailed", 412},
        Row{"lost_race", Asked::Write, base::Error(base::Code::Conflict, "moved"),
            "ConditionalRequestConflict", 409},
        Row{"tries", Asked::Write, model::too_many_tries(), "SlowDown", 503},
        Row{"throttled", Asked::Read, base::Error(base::Code::Unavailable, "busy"), "SlowDown",
            503},
        Row{"full", Asked::Write,
            detailed(base::Code::ResourceExhausted, Detail::StorageFull, "no space"),
            "ServiceUnavailable", 503},
        Row{"damaged", Asked::Read, base::Error(base::Code::Corruption, "bad file"),
            "InternalError", 500},
        Row{"no_upload", Asked::Upload,
            detailed(base::Code::NotFound, Detail::UploadMissing, "upload"), "NoSuchUpload", 404},
        Row{"small_part", Asked::Upload,
            detailed(base::Code::InvalidArgument, Detail::PartTooSmall, "small"), "EntityTooSmall",
            400}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Body, Translation,
    ::testing::Values(
        Row{"short", Asked::Write,
            http::make_body_error(base::Code::InvalidArgument, http::BodyFault::Short, "short"),
            "IncompleteBody", 400},
        Row{"slow", Asked::Write,
            http::make_body_error(base::Code::DeadlineExceeded, http::BodyFault::TooSlow, "slow"),
            "RequestTimeout", 400},
        Row{"large", Asked::Write,
            http::make_body_error(base::Code::ResourceExhausted, http::BodyFault::TooLarge,
                                  "large"),
            "EntityTooLarge", 400}),
    [](const auto& info) { return info.param.name; });

// What the operator must know, in the words of who noticed.
TEST(Translation, DamageAndAFullStoreAreTold) {
  EXPECT_EQ(translate(Asked::Read, base::Error(base::Code::Corruption, "repository lake: file x"))
                .message(),
            "repository lake: file x");
  const Error full =
      translate(Asked::Write, detailed(base::Code::ResourceExhausted, Detail::StorageFull,
                                       "no space left in the object store"));
  EXPECT_EQ(full.message(), "no space left in the object store");
  ASSERT_EQ(full.headers().size(), 1U);
  EXPECT_EQ(full.headers()[0].first, "Retry-After");
}

TEST(Translation, OtherInternalErrorsKeepTheirWordsToThemselves) {
  EXPECT_EQ(translate(Asked::Read, base::Error(base::Code::Internal, "secret path")).message(),
            info(Code::InternalError).message);
}

}  // namespace
}  // namespace varve::s3
