#include "services/auth/secret_box.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/rng.h"

namespace varve::services {
namespace {

constexpr const char* Key = "THIS_MUST_BE_CHANGED_IN_PRODUCTION";
constexpr const char* Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

// Made by an independent implementation of scrypt, XSalsa20 and Poly1305.
constexpr const char* Sealed =
    "00010203040506076465666768696a6b6c6d6e6f707172737475767778797a7b"
    "3a9abe071a03dad77d2b6be92ff85af139d6136550673d78134d217fa09e99e0"
    "4439113ccf75071657f4241486aade34a658eb46746112c2";

TEST(SecretBox, OpensWhatOthersSealed) {
  base::Bytes sealed;
  ASSERT_TRUE(base::hex_decode(Sealed, sealed));
  const auto secret = open_secret(Key, sealed);
  ASSERT_TRUE(secret.has_value()) << secret.error().message();
  EXPECT_EQ(*secret, Secret);
}

TEST(SecretBox, OpensWhatItSealed) {
  base::SeededRng rng(1);
  for (const std::string& secret : {std::string(), std::string("x"), std::string(5000, 'y')}) {
    const auto opened = open_secret("k", seal_secret("k", secret, rng));
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(*opened, secret);
  }
}

TEST(SecretBox, SealsTheSameSecretDifferentlyEachTime) {
  base::SeededRng rng(1);
  EXPECT_NE(seal_secret("k", "s", rng), seal_secret("k", "s", rng));
}

TEST(SecretBox, RefusesAnotherKeyAndEveryDamagedByte) {
  base::Bytes sealed;
  ASSERT_TRUE(base::hex_decode(Sealed, sealed));
  EXPECT_FALSE(open_secret("another", sealed).has_value());
  EXPECT_FALSE(open_secret(Key, sealed.substr(0, 47)).has_value());
  EXPECT_FALSE(open_secret(Key, "").has_value());
  for (const std::size_t at : {0U, 8U, 31U, 32U, 47U, 48U, 87U}) {
    base::Bytes damaged = sealed;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    const auto opened = open_secret(Key, damaged);
    ASSERT_FALSE(opened.has_value()) << at;
    EXPECT_EQ(opened.error().code(), base::Code::Corruption);
    EXPECT_EQ(opened.error().message().find(Secret), std::string::npos);
  }
}

}  // namespace
}  // namespace varve::services
