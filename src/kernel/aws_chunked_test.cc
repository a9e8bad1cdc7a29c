#include "kernel/aws_chunked.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "kernel/sigv4.h"

namespace varve::kernel {
namespace {

const SigV4Scope Scope{"20130524", "us-east-1", "s3"};
const std::string Seed(64, '0');

SigV4ChunkChain chain() {
  return {sigv4_signing_key("secret", Scope), "20130524T000000Z", Scope.text(), Seed};
}

std::string hex_sha(std::string_view bytes) { return base::hex_encode(base::sha256(bytes)); }

// The pieces as signed chunks, the zero chunk last, and trailer lines if there are any.
std::string signed_body(const std::vector<std::string>& pieces, const std::string& trailer = {}) {
  SigV4ChunkChain signer = chain();
  std::string out;
  char size[17];
  for (const std::string& piece : pieces) {
    std::snprintf(size, sizeof size, "%zx", piece.size());
    out.append(size).append(";chunk-signature=").append(signer.next(hex_sha(piece)));
    out.append("\r\n").append(piece).append("\r\n");
  }
  out.append("0;chunk-signature=").append(signer.next(EmptySha256)).append("\r\n");
  if (!trailer.empty()) {
    out.append(trailer).append("\r\nx-amz-trailer-signature:");
    out.append(signer.trailer(trailer + "\n")).append("\r\n");
  }
  return out.append("\r\n");
}

struct Decoded {
  bool is_ok = false;
  ChunkFault fault = ChunkFault::None;
  std::string data;
  std::vector<ChunkTrailer> trailers;
};

Decoded decode(std::string_view body, bool has_trailer, bool is_signed, std::size_t step) {
  AwsChunkedDecoder decoder(has_trailer, is_signed ? std::optional(chain()) : std::nullopt);
  Decoded out;
  while (!body.empty()) {
    const auto fed = decoder.feed(body.substr(0, step), out.data);
    if (!fed) {
      out.fault = chunk_fault_of(fed.error());
      return out;
    }
    body.remove_prefix(std::min(step, body.size()));
  }
  const auto finished = decoder.finish();
  out.is_ok = finished.has_value();
  if (!finished) out.fault = chunk_fault_of(finished.error());
  out.trailers = decoder.trailers();
  return out;
}

struct Framing {
  const char* name;
  std::string body;
  bool has_trailer;
  bool is_ok;
  std::string data;
};

class Frames : public ::testing::TestWithParam<Framing> {};

// However the bytes arrive, the outcome is the same.
TEST_P(Frames, AreReadAlikeInAnySteps) {
  const Framing& one = GetParam();
  for (const std::size_t step : {1UL, 2UL, 3UL, 7UL, 1000000UL}) {
    const Decoded got = decode(one.body, one.has_trailer, false, step);
    EXPECT_EQ(got.is_ok, one.is_ok) << "step " << step;
    if (one.is_ok) {
      EXPECT_EQ(got.data, one.data);
    } else {
      EXPECT_NE(got.fault, ChunkFault::None);
    }
  }
}

const std::string Long(ChunkLineBytesMax + 10, 'x');
INSTANTIATE_TEST_SUITE_P(
    AwsChunked, Frames,
    ::testing::Values(
        //     name                     body                                     trailer ok  data
        Framing{"empty", "0\r\n\r\n", false, true, ""},
        Framing{"one", "3\r\nabc\r\n0\r\n\r\n", false, true, "abc"},
        Framing{"two", "3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n", false, true, "abcd"},
        Framing{"capital_hex", "A\r\n0123456789\r\n0\r\n\r\n", false, true, "0123456789"},
        Framing{"leading_zeros", "00003\r\nabc\r\n000\r\n\r\n", false, true, "abc"},
        Framing{"extension", "3;foo=bar;chunk-signature=x\r\nabc\r\n0;x\r\n\r\n", false, true,
                "abc"},
        Framing{"line_ends_in_data", "4\r\n\r\n\r\n\r\n0\r\n\r\n", false, true, "\r\n\r\n"},
        Framing{"surplus", "0\r\n\r\nmore", false, true, ""},
        Framing{"trailer", "1\r\na\r\n0\r\nX-Amz-A: b \r\n\r\n", true, true, "a"},
        Framing{"no_trailer_came", "1\r\na\r\n0\r\n\r\n", true, true, "a"},
        Framing{"empty_line_before_trailer", "0\r\n\r\nx-amz-a:b\r\n\r\n", true, true, ""},
        Framing{"lone_lf_in_trailer", "0\r\nx-amz-a:b\n\r\nx-amz-b:c\r\n\r\n", true, true, ""},
        Framing{"lone_lf_at_the_end", "0\r\nx-amz-a:b\n\r\n", true, true, ""},
        Framing{"nothing", "", false, false, ""}, Framing{"ends_in_size", "3", false, false, ""},
        Framing{"ends_in_data", "3\r\nab", false, false, ""},
        Framing{"ends_after_data", "3\r\nabc", false, false, ""},
        Framing{"ends_without_last", "3\r\nabc\r\n", false, false, ""},
        Framing{"ends_after_last", "3\r\nabc\r\n0\r\n", false, false, ""},
        Framing{"ends_in_trailer", "0\r\nx-amz-a:b\r\n", true, false, ""},
        Framing{"no_size", ";x\r\n", false, false, ""},
        Framing{"no_hex", "g\r\n", false, false, ""},
        Framing{"negative", "-1\r\n", false, false, ""},
        Framing{"size_and_rubbish", "3x\r\nabc\r\n", false, false, ""},
        Framing{"seventeen_digits", "00000000000000003\r\nabc\r\n0\r\n\r\n", false, false, ""},
        Framing{"lf_after_size", "3\nabc\r\n0\r\n\r\n", false, false, ""},
        Framing{"data_too_long", "3\r\nabcd\r\n0\r\n\r\n", false, false, ""},
        Framing{"no_line_end_after_data", "3\r\nabc0\r\n\r\n", false, false, ""},
        Framing{"trailer_unasked", "0\r\nx-amz-a:b\r\n\r\n", false, false, ""},
        Framing{"trailer_without_colon", "0\r\nxyz\r\n\r\n", true, false, ""},
        Framing{"trailer_without_name", "0\r\n:xyz\r\n\r\n", true, false, ""},
        Framing{"long_line", "3;" + Long + "\r\nabc\r\n0\r\n\r\n", false, false, ""}),
    [](const auto& info) { return info.param.name; });

TEST(AwsChunked, GivesTrailersLowerCaseAndTrimmed) {
  const Decoded got = decode("0\r\nX-Amz-A:  b c \r\nx-amz-d:\r\n\r\n", true, false, 5);
  ASSERT_TRUE(got.is_ok);
  ASSERT_EQ(got.trailers.size(), 2U);
  EXPECT_EQ(got.trailers[0].name, "x-amz-a");
  EXPECT_EQ(got.trailers[0].value, "b c");
  EXPECT_EQ(got.trailers[1].value, "");
}

TEST(AwsChunked, RefusesEndlessTrailersAndSurplus) {
  std::string trailers = "0\r\n";
  for (int i = 0; i < 100; ++i) trailers += "x:" + std::string(1000, 'a') + "\r\n";
  EXPECT_EQ(decode(trailers + "\r\n", true, false, 1000).fault, ChunkFault::Trailer);
  EXPECT_EQ(decode("0\r\n\r\n" + std::string(SurplusBytesMax + 1, 'x'), false, false, 1000).fault,
            ChunkFault::Framing);
}

TEST(AwsChunkedSigned, PassesARightChain) {
  for (const std::size_t step : {1UL, 13UL, 1000000UL}) {
    const Decoded got = decode(signed_body({"hello ", "world"}), false, true, step);
    EXPECT_TRUE(got.is_ok);
    EXPECT_EQ(got.data, "hello world");
  }
}

TEST(AwsChunkedSigned, PassesARightTrailer) {
  const auto body = signed_body({"data"}, "x-amz-checksum-crc32:AAAAAA==");
  const Decoded got = decode(body, true, true, 9);
  EXPECT_TRUE(got.is_ok);
  ASSERT_EQ(got.trailers.size(), 1U);
  EXPECT_EQ(got.trailers[0].value, "AAAAAA==");
}

TEST(AwsChunkedSigned, RefusesAnyChange) {
  const std::string good = signed_body({"hello ", "world"}, "x-amz-checksum-crc32:AAAAAA==");
  for (const std::string_view part : {"world", "AAAAAA=="}) {
    std::string body = good;
    body[body.find(part)] = 'B';
    EXPECT_EQ(decode(body, true, true, 1000).fault, ChunkFault::Signature) << part;
  }
  std::string body = good;
  const auto at = body.rfind("x-amz-trailer-signature");
  body.erase(at, body.find("\r\n", at) + 2 - at);
  EXPECT_EQ(decode(body, true, true, 1000).fault, ChunkFault::Signature);
}

TEST(AwsChunkedSigned, RefusesAMissingOrForeignSignature) {
  EXPECT_EQ(decode("3\r\nabc\r\n0\r\n\r\n", false, true, 4).fault, ChunkFault::Signature);
  EXPECT_EQ(decode("3;chunk-signature=\r\nabc\r\n0\r\n\r\n", false, true, 4).fault,
            ChunkFault::Signature);
  // Swapped chunks: each is right by itself, the chain is not.
  const std::string good = signed_body({"aa", "bb"});
  const auto half = good.find("2;", 1);
  const auto last = good.find("0;chunk");
  const std::string swapped =
      good.substr(half, last - half) + good.substr(0, half) + good.substr(last);
  EXPECT_EQ(decode(swapped, false, true, 1000).fault, ChunkFault::Signature);
}

}  // namespace
}  // namespace varve::kernel
