#include "s3/checksum.h"

#include <gtest/gtest.h>
#include <rapidcheck/Assertions.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "format/s3_uploads.h"
#include "http/headers.h"
#include "ports/object_types.h"
#include "s3/errors.h"
#include "s3/object_properties.h"
#include "s3/part_list.h"
#include "s3/xml_reader.h"

namespace varve::s3 {
namespace {

base::Bytes digest_of(ChecksumAlgorithm algorithm, std::string_view bytes) {
  base::Hasher hasher(hash_of(algorithm));
  hasher.update(bytes);
  return hasher.finish();
}

using enum ChecksumAlgorithm;
constexpr ChecksumAlgorithm All[] = {Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};

struct Row {
  ChecksumAlgorithm algorithm;
  std::string_view name;
  std::string_view of_digits;
};
class Algorithms : public ::testing::TestWithParam<Row> {};
TEST_P(Algorithms, AreNamedAndComputedAsPublished) {
  const Row& row = GetParam();
  EXPECT_EQ(name_of(row.algorithm), row.name);
  EXPECT_EQ(checksum_algorithm(row.name), row.algorithm);
  EXPECT_EQ(checksum_of_header(header_of(row.algorithm)), row.algorithm);
  EXPECT_EQ(checksum_of_element(element_of(row.algorithm)), row.algorithm);
  EXPECT_EQ(base::base64_encode(digest_of(row.algorithm, "123456789")), row.of_digits);
}
INSTANTIATE_TEST_SUITE_P(
    Checksum, Algorithms,
    ::testing::Values(Row{Crc32, "CRC32", "y/Q5Jg=="}, Row{Crc32c, "CRC32C", "4waSgw=="},
                      Row{Crc64Nvme, "CRC64NVME", "rosUhgp5mIg="},
                      Row{Sha1, "SHA1", "98O8HYCOBHMq32eZZczDTKeuNEE="},
                      Row{Sha256, "SHA256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="}),
    [](const auto& info) { return std::string(info.param.name); });

// Three parts of 5 MiB, filled with A, B and C (reference 10.2).
TEST(Multipart, HasThePublishedChecksums) {
  constexpr std::int64_t Size = 5 << 20;
  const auto parts = [&](ChecksumAlgorithm algorithm) {
    std::vector<PartDigest> out;
    for (const char c : {'A', 'B', 'C'}) {
      out.push_back({Size, digest_of(algorithm, std::string(Size, c))});
    }
    return out;
  };
  EXPECT_EQ(composite_checksum(Sha256, parts(Sha256)),
            "uWBwpe1dxI4Vw8Gf0X9ynOdw/SS6VBzfWm9giiv1sf4=-3");
  EXPECT_EQ(composite_checksum(Crc32, parts(Crc32)), "Z+ry2Q==-3");
  EXPECT_EQ(full_object_checksum(Crc32, parts(Crc32)), "WgDhBQ==");
  EXPECT_EQ(full_object_checksum(Sha1, parts(Sha1)), std::nullopt);
}

RC_GTEST_PROP(FullObject, IsTheChecksumOfTheJoinedParts, (const std::vector<std::string>& pieces)) {
  RC_PRE(!pieces.empty());
  for (const ChecksumAlgorithm algorithm : {Crc32, Crc32c, Crc64Nvme}) {
    std::string whole;
    std::vector<PartDigest> parts;
    for (const std::string& piece : pieces) {
      whole.append(piece);
      parts.push_back({static_cast<std::int64_t>(piece.size()), digest_of(algorithm, piece)});
    }
    RC_ASSERT(full_object_checksum(algorithm, parts) ==
              base::base64_encode(digest_of(algorithm, whole)));
  }
}

http::Headers headers_of(std::initializer_list<std::pair<std::string, std::string>> fields) {
  http::Headers headers;
  for (const auto& [name, value] : fields) headers.add(name, value);
  return headers;
}

TEST(ExpectedChecksum, IsTheOneHeaderOrTheAnnouncedTrailer) {
  EXPECT_FALSE(expected_checksum(headers_of({}), true)->has_value());
  const auto header = expected_checksum(
      headers_of({{"X-Amz-Checksum-Crc32", "y/Q5Jg=="}, {"x-amz-sdk-checksum-algorithm", "CRC32"}}),
      false);
  ASSERT_TRUE(header.has_value() && header->has_value());
  EXPECT_EQ((*header)->algorithm, Crc32);
  EXPECT_EQ((*header)->digest, digest_of(Crc32, "123456789"));
  const auto trailer =
      expected_checksum(headers_of({{"x-amz-trailer", "x-amz-checksum-sha256"}}), true);
  ASSERT_TRUE(trailer.has_value() && trailer->has_value());
  EXPECT_TRUE((*trailer)->is_trailer);
  // Only the trailer modes have trailers.
  EXPECT_FALSE(expected_checksum(headers_of({{"x-amz-trailer", "x-amz-checksum-sha256"}}), false)
                   ->has_value());
  EXPECT_FALSE(expected_checksum(headers_of({{"x-amz-sdk-checksum-algorithm", "CRC32"}}), false)
                   ->has_value());
}

TEST(ExpectedChecksum, IsRefusedWhenAmbiguousOrMalformed) {
  for (const auto& headers : {
           headers_of({{"x-amz-checksum-crc32", "y/Q5Jg=="},
                       {"x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE="}}),
           headers_of({{"x-amz-checksum-crc32", "y/Q5Jg=="}, {"x-amz-checksum-crc32", "y/Q5Jg=="}}),
           headers_of(
               {{"x-amz-checksum-crc32", "y/Q5Jg=="}, {"x-amz-trailer", "x-amz-checksum-crc32"}}),
           headers_of({{"x-amz-checksum-crc32", "abc"}}),
           headers_of({{"x-amz-checksum-crc32", ""}}),
           headers_of({{"x-amz-checksum-crc32", "AAAAAAAA"}}),
           headers_of({{"x-amz-trailer", "x-amz-foo"}}),
           headers_of(
               {{"x-amz-checksum-crc32", "y/Q5Jg=="}, {"x-amz-sdk-checksum-algorithm", "SHA256"}}),
       }) {
    const auto got = expected_checksum(headers, true);
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(got.error().code(), Code::InvalidRequest);
  }
}

TEST(ExpectedMd5, IsSixteenBytes) {
  EXPECT_FALSE(expected_md5(headers_of({}))->has_value());
  EXPECT_TRUE(expected_md5(headers_of({{"Content-MD5", "eV8yArF8trw9S3cdjGyerw=="}}))->has_value());
  for (const auto text : {"", "abc", "bm90IHNpeHRlZW4="}) {
    const auto got = expected_md5(headers_of({{"Content-MD5", text}}));
    ASSERT_FALSE(got.has_value()) << text;
    EXPECT_EQ(got.error().code(), Code::InvalidDigest);
  }
}

TEST(DeclaredChecksum, KnowsWhichTypesGoWithWhichAlgorithm) {
  const auto of = [](const char* algorithm, const char* type) {
    http::Headers headers;
    if (*algorithm != 0) headers.add("x-amz-checksum-algorithm", algorithm);
    if (*type != 0) headers.add("x-amz-checksum-type", type);
    return declared_checksum(headers);
  };
  EXPECT_FALSE(of("", "")->has_value());
  EXPECT_EQ((*of("CRC32", ""))->type, ChecksumType::Composite);
  EXPECT_EQ((*of("CRC64NVME", ""))->type, ChecksumType::FullObject);
  EXPECT_EQ((*of("crc32c", "FULL_OBJECT"))->type, ChecksumType::FullObject);
  for (const auto& refused :
       {of("", "FULL_OBJECT"), of("MD4", ""), of("CRC32", "HALF"), of("CRC64NVME", "COMPOSITE"),
        of("SHA1", "FULL_OBJECT"), of("SHA256", "FULL_OBJECT")}) {
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code(), Code::InvalidRequest);
  }
}

// ---- Lists of parts ----

ports::PartInfo part(int number, std::int64_t size, std::string etag) {
  ports::PartInfo info;
  info.number = number;
  info.size = size;
  info.etag = std::move(etag);
  return info;
}
ListedPart listed(std::int64_t number, std::string etag) {
  ListedPart out;
  out.number = number;
  out.etag = std::move(etag);
  return out;
}

TEST(PartList, MustAscendExistAndBeLargeEnough) {
  constexpr std::int64_t Full = 5 << 20;
  const std::vector<ports::PartInfo> uploaded{part(1, Full, "a"), part(3, Full, "c"),
                                              part(7, 4, "g")};
  const auto good = match_parts({listed(1, "a"), listed(7, "g")}, uploaded);
  ASSERT_TRUE(good.has_value());
  EXPECT_EQ(good->size, Full + 4);
  EXPECT_EQ(good->parts.back().number, 7);
  const auto code = [&](std::vector<ListedPart> list) {
    const auto got = match_parts(list, uploaded);
    return got ? Code::NotModified : got.error().code();
  };
  EXPECT_EQ(code({listed(3, "c"), listed(1, "a")}), Code::InvalidPartOrder);
  EXPECT_EQ(code({listed(1, "a"), listed(1, "a")}), Code::InvalidPartOrder);
  EXPECT_EQ(code({listed(1, "b")}), Code::InvalidPart);
  EXPECT_EQ(code({listed(2, "b")}), Code::InvalidPart);
  EXPECT_EQ(code({listed(8, "g")}), Code::InvalidPart);
  EXPECT_EQ(code({listed(0, "a")}), Code::InvalidArgument);
  EXPECT_EQ(code({listed(10001, "a")}), Code::InvalidArgument);
  EXPECT_EQ(match_parts({listed(1, "a"), listed(3, "c")}, {part(1, 4, "a"), part(3, 4, "c")})
                .error()
                .code(),
            Code::EntityTooSmall);
}

TEST(WholeChecksum, NeedsEveryPartsOwn) {
  const auto digest = digest_of(Crc32, "x");
  const std::map<int, format::S3PartNote> notes{{1, {"a", "CRC32", digest}}};
  PartList list;
  list.parts.push_back({1, "a"});
  list.sizes.push_back(1);
  const UploadNote silent;
  const UploadNote declared{"main", DeclaredChecksum{Crc32, ChecksumType::Composite}};
  auto one = listed(1, "a");
  // Nothing declared, but all parts have one: it is kept.
  EXPECT_EQ((*whole_checksum({one}, list, notes, silent))->checksum.value,
            composite_checksum(Crc32, std::vector<PartDigest>{{1, digest}}));
  EXPECT_FALSE(whole_checksum({one}, list, {}, silent)->has_value());
  EXPECT_EQ(whole_checksum({one}, list, notes, declared).error().code(), Code::InvalidRequest);
  one.checksums.emplace_back("ChecksumCRC32", base::base64_encode(digest));
  EXPECT_TRUE(whole_checksum({one}, list, notes, declared)->has_value());
  one.checksums.back().second = "AAAAAA==";
  EXPECT_EQ(whole_checksum({one}, list, notes, declared).error().code(), Code::InvalidPart);
}

TEST(Algorithms, RefuseDigestsOfAnotherLength) {
  for (const ChecksumAlgorithm algorithm : All) {
    EXPECT_FALSE(decode_checksum(algorithm, base::base64_encode("1234567")).has_value());
    EXPECT_TRUE(decode_checksum(algorithm, base::base64_encode(digest_of(algorithm, "x"))));
  }
}

}  // namespace
}  // namespace varve::s3
