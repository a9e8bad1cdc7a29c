#include "base/hash.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/rng.h"

namespace varve::base {
namespace {

constexpr std::string_view Fox = "The quick brown fox jumps over the lazy dog";

std::string digest_hex(HashKind kind, std::string_view bytes) {
  Hasher hasher(kind);
  hasher.update(bytes);
  return hex_encode(hasher.finish());
}

struct Row {
  const char* name;
  HashKind kind;
  std::string_view input;
  std::string_view want;
};

class KnownDigest : public ::testing::TestWithParam<Row> {};

TEST_P(KnownDigest, IsThePublishedOne) {
  EXPECT_EQ(digest_hex(GetParam().kind, GetParam().input), GetParam().want);
}

TEST_P(KnownDigest, IsTheSameFromACopyHalfWay) {
  const std::string_view input = GetParam().input;
  Hasher hasher(GetParam().kind);
  hasher.update(input.substr(0, input.size() / 2));
  Hasher copy = hasher.copy();
  hasher.update("something else");
  copy.update(input.substr(input.size() / 2));
  EXPECT_EQ(hex_encode(copy.finish()), GetParam().want);
  EXPECT_NE(hex_encode(hasher.finish()), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Hash, KnownDigest,
    ::testing::Values(Row{"md5_empty", HashKind::Md5, "", "d41d8cd98f00b204e9800998ecf8427e"},
                      Row{"md5_fox", HashKind::Md5, Fox, "9e107d9d372bb6826bd81d3542a419d6"},
                      Row{"sha1_abc", HashKind::Sha1, "abc",
                          "a9993e364706816aba3e25717850c26c9cd0d89d"},
                      Row{"sha256_abc", HashKind::Sha256, "abc",
                          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
                      Row{"crc32_empty", HashKind::Crc32, "", "00000000"},
                      Row{"crc32_check", HashKind::Crc32, "123456789", "cbf43926"},
                      Row{"crc32c_empty", HashKind::Crc32c, "", "00000000"},
                      Row{"crc32c_check", HashKind::Crc32c, "123456789", "e3069283"},
                      Row{"crc64nvme_empty", HashKind::Crc64Nvme, "", "0000000000000000"},
                      Row{"crc64nvme_check", HashKind::Crc64Nvme, "123456789", "ae8b14860a799888"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Hash, HmacFollowsRfc2104) {
  EXPECT_EQ(hex_encode(hmac_sha256("key", Fox)),
            "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
  EXPECT_EQ(hex_encode(hmac_sha1("key", Fox)), "de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9");
  // RFC 4231, test case 6: a key longer than a block is hashed first.
  EXPECT_EQ(hex_encode(hmac_sha256(std::string(131, '\xaa'),
                                   "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

// Every length up to a few folds, so that each way through the checksums' loops is compared with
// the plainest one: a byte at a time.
TEST(Hash, PiecesGiveTheDigestOfTheWhole) {
  SeededRng rng(7);
  const Bytes text = rng.bytes(700);
  for (const HashKind kind : {HashKind::Md5, HashKind::Sha1, HashKind::Sha256, HashKind::Crc32,
                              HashKind::Crc32c, HashKind::Crc64Nvme}) {
    for (std::size_t size = 0; size <= text.size(); size += size < 80 ? 1 : 31) {
      const std::string_view whole = std::string_view(text).substr(0, size);
      Hasher pieces(kind);
      for (std::size_t i = 0; i < size; ++i) pieces.update(whole.substr(i, 1));
      ASSERT_EQ(hex_encode(pieces.finish()), digest_hex(kind, whole)) << "size " << size;
    }
  }
}

TEST(Hash, OneShotsAgreeWithTheHasher) {
  EXPECT_EQ(hex_encode(md5(Fox)), digest_hex(HashKind::Md5, Fox));
  EXPECT_EQ(hex_encode(sha1(Fox)), digest_hex(HashKind::Sha1, Fox));
  EXPECT_EQ(hex_encode(sha256(Fox)), digest_hex(HashKind::Sha256, Fox));
  EXPECT_EQ(crc32("123456789"), 0xcbf43926U);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
  EXPECT_EQ(crc64nvme("123456789"), 0xae8b14860a799888ULL);
}

TEST(Hash, AMovedHasherGoesOn) {
  Hasher first(HashKind::Sha256);
  first.update("a");
  Hasher second = std::move(first);
  second.update("bc");
  EXPECT_EQ(second.finish(), sha256("abc"));
}

// RFC 8439, 2.5.2.
TEST(Hash, Poly1305IsAsInItsRfc) {
  Bytes key;
  ASSERT_TRUE(hex_decode("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b", key));
  EXPECT_EQ(hex_encode(poly1305(key, "Cryptographic Forum Research Group")),
            "a8061dc1305136c6c22b8baf0c0127a9");
}

TEST(Hash, Fnv1a64KnownValues) {
  EXPECT_EQ(fnv1a64(""), 0xcbf29ce484222325ULL);
  EXPECT_EQ(fnv1a64("a"), 0xaf63dc4c8601ec8cULL);
  EXPECT_EQ(fnv1a64("foobar"), 0x85944171f73967e8ULL);
}

// RFC 4231, test case 2.
TEST(Hash, LongerHmacsMatchTheirRfc) {
  EXPECT_EQ(hex_encode(hmac_sha384("Jefe", "what do ya want for nothing?")),
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
            "8e2240ca5e69e2c78b3239ecfab21649");
  EXPECT_EQ(hex_encode(hmac_sha512("Jefe", "what do ya want for nothing?")),
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
            "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
}

}  // namespace
}  // namespace varve::base
