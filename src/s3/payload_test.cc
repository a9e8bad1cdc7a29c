// Bodies that are not what their headers say: refused with both values, so that the client sees
// which of them is wrong.
#include "s3/payload.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/run.h"
#include "http/body.h"
#include "s3/checksum.h"
#include "s3/errors.h"

namespace varve::s3 {
namespace {

class PayloadTest : public ::testing::Test {
 protected:
  // What reading `body` by the plan ends with: "", or the message of the error.
  std::string read(std::string body, BodyPlan plan) {
    auto whole = base::run(
        read_verified(http::body_of(std::move(body)), std::move(plan), 1000, Code::EntityTooLarge));
    if (whole.has_value()) return "";
    code_ = whole.error().code();
    elements_ = whole.error().elements();
    return std::string(whole.error().message());
  }

  Code code_ = Code::InternalError;
  std::vector<std::pair<std::string, std::string>> elements_;
};

TEST_F(PayloadTest, AWrongMd5IsToldWithTheRightOne) {
  BodyPlan plan;
  plan.md5 = base::md5("something else");
  const std::string expected = base::base64_encode(*plan.md5);
  const std::string computed = base::base64_encode(base::md5("body"));
  EXPECT_EQ(read("body", std::move(plan)), "The Content-MD5 you specified, " + expected +
                                               ", did not match what we received, which has " +
                                               computed + ".");
  EXPECT_EQ(code_, Code::BadDigest);
}

TEST_F(PayloadTest, AWrongChecksumIsToldWithTheRightOne) {
  BodyPlan plan;
  plan.checksum.emplace();
  plan.checksum->algorithm = ChecksumAlgorithm::Crc32;
  plan.checksum->digest = base::Bytes(4, '\0');
  base::Hasher crc32(hash_of(ChecksumAlgorithm::Crc32));
  crc32.update("body");
  EXPECT_EQ(read("body", std::move(plan)),
            "The CRC32 you specified, AAAAAA==, did not match the calculated checksum, " +
                base::base64_encode(crc32.finish()) + ".");
  EXPECT_EQ(code_, Code::BadDigest);
}

TEST_F(PayloadTest, ABodyOfAnotherSizeIsToldWithBoth) {
  BodyPlan plan;
  plan.size = 7;
  EXPECT_EQ(read("body", std::move(plan)), "7 bytes were announced, and the body has 4.");
  EXPECT_EQ(code_, Code::IncompleteBody);
  BodyPlan small;
  small.size = 3;
  EXPECT_EQ(read("body", std::move(small)), "3 bytes were announced, and the body has more.");
}

}  // namespace
}  // namespace varve::s3
