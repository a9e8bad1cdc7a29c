#include "format/snappy.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/rng.h"

namespace varve::format {
namespace {

constexpr std::size_t NoLimit = std::size_t{1} << 30U;

base::Bytes from_hex(std::string_view text) {
  base::Bytes bytes;
  EXPECT_TRUE(base::hex_decode(text, bytes)) << text;
  return bytes;
}

void expect_round_trip(std::string_view raw) {
  const base::Bytes stream = snappy_compress(raw);
  base::Bytes back;
  ASSERT_TRUE(snappy_decompress(stream, NoLimit, back).has_value());
  ASSERT_EQ(back, raw);
}

// Text over a small alphabet, so that there is something to find.
std::string text_of(base::Rng& rng, std::size_t size, std::uint64_t alphabet) {
  std::string text;
  while (text.size() < size) {
    if (text.size() > 20 && rng.below(4) == 0) {
      const std::size_t from = rng.below(text.size() - 10);
      text += text.substr(from, 4 + rng.below(100));
    } else {
      text.push_back(static_cast<char>('a' + rng.below(alphabet)));
    }
  }
  text.resize(size);
  return text;
}

RC_GTEST_PROP(Snappy, RoundTrips, (const std::string& raw)) { expect_round_trip(raw); }

TEST(Snappy, RoundTripsEverySizeAndKindOfText) {
  base::SeededRng rng(11);
  for (std::size_t size = 0; size < 300; ++size) expect_round_trip(text_of(rng, size, 3));
  for (const std::size_t size : {4095U, 4096U, 65535U, 65536U, 65537U, 131072U, 200000U}) {
    expect_round_trip(text_of(rng, size, 2));
    expect_round_trip(text_of(rng, size, 26));
    expect_round_trip(rng.bytes(size));
    expect_round_trip(std::string(size, 'x'));
  }
}

TEST(Snappy, StreamsAreTheClassicOnes) {
  EXPECT_EQ(base::hex_encode(snappy_compress("")), "00");
  EXPECT_EQ(base::hex_encode(snappy_compress("abc")), "0308616263");
  // A literal of one, then a run: copies of 64 while at least 68 are left.
  EXPECT_EQ(base::hex_encode(snappy_compress(std::string(100, 'x'))), "640078fe01008a0100");
  // Sixteen octets stay one literal, however repetitive.
  EXPECT_EQ(base::hex_encode(snappy_compress(std::string(16, 'x'))),
            "103c" + base::hex_encode(std::string(16, 'x')));
}

// One encoder for many blocks: what it remembers of one must not show in the next.
TEST(Snappy, AnEncoderForgets) {
  base::SeededRng rng(12);
  SnappyEncoder encoder;
  base::Bytes reused;
  for (int i = 0; i < 50; ++i) {
    const std::string text = text_of(rng, 10 + rng.below(9000), 5);
    encoder.compress(text, reused);
    ASSERT_EQ(reused, snappy_compress(text));
  }
}

struct StreamRow {
  const char* name;
  std::string_view stream;
  std::string_view want;  // hex
};

class SoundStream : public ::testing::TestWithParam<StreamRow> {};

TEST_P(SoundStream, Decodes) {
  base::Bytes out;
  ASSERT_TRUE(snappy_decompress(from_hex(GetParam().stream), NoLimit, out).has_value());
  EXPECT_EQ(base::hex_encode(out), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(Snappy, SoundStream,
                         ::testing::Values(StreamRow{"empty", "00", ""},
                                           StreamRow{"literal",
                                                     "020461"
                                                     "62",
                                                     "6162"},
                                           StreamRow{"literal_one_octet_size",
                                                     "02f00161"
                                                     "62",
                                                     "6162"},
                                           StreamRow{"literal_four_octet_size",
                                                     "02fc0100000061"
                                                     "62",
                                                     "6162"},
                                           StreamRow{"near_copy_overlapping", "0500610101",
                                                     "6161616161"},
                                           StreamRow{"far_copy", "04046162060200", "61626162"},
                                           StreamRow{"farthest_copy",
                                                     "0404616207"
                                                     "02000000",
                                                     "61626162"}),
                         [](const auto& test) { return std::string(test.param.name); });

class BadStream : public ::testing::TestWithParam<StreamRow> {};

TEST_P(BadStream, IsCorruption) {
  base::Bytes out;
  const auto done = snappy_decompress(from_hex(GetParam().stream), NoLimit, out);
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().code(), base::Code::Corruption);
}

INSTANTIATE_TEST_SUITE_P(Snappy, BadStream,
                         ::testing::Values(StreamRow{"nothing", "", ""},
                                           StreamRow{"size_truncated", "80", ""},
                                           StreamRow{"size_too_long", "ffffffffffffffffffff01", ""},
                                           StreamRow{"size_beyond_expansion", "ffff0f0061", ""},
                                           StreamRow{"ends_early", "020061", ""},
                                           StreamRow{"literal_truncated", "020461", ""},
                                           StreamRow{"literal_size_truncated",
                                                     "02f4"
                                                     "01",
                                                     ""},
                                           StreamRow{"literal_too_long", "01046162", ""},
                                           StreamRow{"copy_offset_zero", "0500610100", ""},
                                           StreamRow{"copy_before_start", "0500610102", ""},
                                           StreamRow{"copy_too_long", "0300610101", ""},
                                           StreamRow{"copy_truncated",
                                                     "0404616206"
                                                     "02",
                                                     ""},
                                           StreamRow{"copy_first", "040100", ""},
                                           StreamRow{"more_than_promised", "0100610061", ""}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Snappy, EveryTruncationIsCorruption) {
  base::SeededRng rng(13);
  const base::Bytes stream = snappy_compress(text_of(rng, 2000, 3));
  base::Bytes out;
  for (std::size_t size = 0; size < stream.size(); ++size) {
    EXPECT_FALSE(snappy_decompress(std::string_view(stream).substr(0, size), NoLimit, out));
  }
}

TEST(Snappy, TheLimitIsTheCallers) {
  const base::Bytes stream = snappy_compress(std::string(1000, 'x'));
  base::Bytes out;
  EXPECT_TRUE(snappy_decompress(stream, 1000, out));
  EXPECT_FALSE(snappy_decompress(stream, 999, out));
}

}  // namespace
}  // namespace varve::format
