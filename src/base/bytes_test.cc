#include "base/bytes.h"

#include <gtest/gtest.h>
#include <rapidcheck/Assertions.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <string_view>

namespace varve::base {
namespace {

RC_GTEST_PROP(Bytes, HexRoundTrips, (const std::string& bytes)) {
  Bytes back;
  RC_ASSERT(hex_decode(hex_encode(bytes), back));
  RC_ASSERT(back == bytes);
}

RC_GTEST_PROP(Bytes, Base64RoundTrips, (const std::string& bytes)) {
  Bytes back;
  RC_ASSERT(base64_decode(base64_encode(bytes), back));
  RC_ASSERT(back == bytes);
  RC_ASSERT(base64url_decode_nopad(base64url_encode_nopad(bytes), back));
  RC_ASSERT(back == bytes);
}

RC_GTEST_PROP(Bytes, EqualConstantTimeIsEquality, (const std::string& a, const std::string& b)) {
  RC_ASSERT(equal_constant_time(a, b) == (a == b));
  RC_ASSERT(equal_constant_time(a, a));
}

TEST(Bytes, HexKnownValues) {
  Bytes bytes;
  EXPECT_EQ(hex_encode(std::string_view("\x00\x7f\xff", 3)), "007fff");
  EXPECT_TRUE(hex_decode("DEADbeef", bytes));
  EXPECT_EQ(hex_encode(bytes), "deadbeef");
  for (const std::string_view bad : {"0", "0g", "zz", "00 "}) {
    EXPECT_FALSE(hex_decode(bad, bytes)) << bad;
    EXPECT_TRUE(bytes.empty()) << bad;
  }
}

TEST(Bytes, Base64KnownValues) {  // RFC 4648 section 10
  EXPECT_EQ(base64_encode(""), "");
  EXPECT_EQ(base64_encode("f"), "Zg==");
  EXPECT_EQ(base64_encode("fo"), "Zm8=");
  EXPECT_EQ(base64_encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64url_encode_nopad("\xfb\xff"), "-_8");
  EXPECT_EQ(base64_encode("\xfb\xff"), "+/8=");
}

TEST(Bytes, Base64RefusesWhatItWouldNotWrite) {
  Bytes bytes;
  for (const std::string_view bad :
       {"Zg", "Zg=", "Zh==", "Zg==Zg==", "Z===", "====", "Zm9v\n", "-_8="}) {
    EXPECT_FALSE(base64_decode(bad, bytes)) << bad;
  }
  for (const std::string_view bad : {"Z", "Zg==", "Zh", "+/8", "Zm9vY"}) {
    EXPECT_FALSE(base64url_decode_nopad(bad, bytes)) << bad;
  }
}

}  // namespace
}  // namespace varve::base
