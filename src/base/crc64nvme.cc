// CRC-64/NVME: polynomial ad93d23594c93659, reflected, register starts and ends inverted.
//
// Two ways to the same register. Slice-by-8 tables take eight bytes a step and run anywhere. With
// carry-less multiplication, 64 bytes a step are folded: a 16-byte piece stands for a polynomial
// A = lo * x^64 + hi (its first byte holds the highest degrees), and moving it n bits further along
// the message multiplies it by x^n, which modulo P is lo * (x^(n+64) mod P) + hi * (x^n mod P). The
// product of two reflected numbers comes out one bit short, hence the exponents n+63 and n-1. What
// is left at the end, sixteen bytes congruent to everything before them, goes through the tables.
#include "base/crc64nvme.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace varve::base {
namespace {

constexpr std::uint64_t Polynomial = 0x9a6c9329ac4bc9b5ULL;  // reflected

constexpr std::uint64_t times_x(std::uint64_t value) {
  return value >> 1U ^ ((value & 1U) != 0 ? Polynomial : 0);
}

using Tables = std::array<std::array<std::uint64_t, 256>, 8>;

constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint64_t i = 0; i < 256; ++i) {
    std::uint64_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = times_x(value);
    tables[0][i] = value;
  }
  for (std::size_t t = 1; t < 8; ++t) {
    for (std::size_t i = 0; i < 256; ++i) {
      const std::uint64_t before = tables[t - 1][i];
      tables[t][i] = before >> 8U ^ tables[0][before & 255U];
    }
  }
  return tables;
}

std::uint64_t by_tables(std::uint64_t state, std::string_view bytes) {
  static constexpr Tables T = make_tables();
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);  // little-endian hosts only, as everywhere in Varve
    word ^= state;
    state = 0;
    for (std::size_t i = 0; i < 8; ++i) state ^= T[7 - i][word >> (8 * i) & 255U];
    bytes.remove_prefix(8);
  }
  for (const char c : bytes) {
    state = state >> 8U ^ T[0][(state ^ static_cast<unsigned char>(c)) & 255U];
  }
  return state;
}

#if defined(__x86_64__)

constexpr std::size_t FoldBytesMin = 256;  // below, setting up costs more than it saves

constexpr std::uint64_t power_of_x(int exponent) {
  std::uint64_t value = std::uint64_t{1} << 63U;  // x^0, reflected
  for (int i = 0; i < exponent; ++i) value = times_x(value);
  return value;
}

__attribute__((target("pclmul,sse4.1"))) __m128i fold(__m128i piece, __m128i constants) {
  return _mm_xor_si128(_mm_clmulepi64_si128(piece, constants, 0x00),
                       _mm_clmulepi64_si128(piece, constants, 0x11));
}

__attribute__((target("pclmul,sse4.1"))) __m128i load(const char* data) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(data));
}

__attribute__((target("pclmul,sse4.1"))) std::uint64_t by_folding(std::uint64_t state,
                                                                  std::string_view bytes) {
  static constexpr std::uint64_t Far[2] = {power_of_x(512 + 63), power_of_x(512 - 1)};
  static constexpr std::uint64_t Near[2] = {power_of_x(128 + 63), power_of_x(128 - 1)};
  const __m128i far =
      _mm_set_epi64x(static_cast<std::int64_t>(Far[1]), static_cast<std::int64_t>(Far[0]));
  const __m128i near =
      _mm_set_epi64x(static_cast<std::int64_t>(Near[1]), static_cast<std::int64_t>(Near[0]));
  const char* data = bytes.data();
  __m128i lane[4];
  for (int i = 0; i < 4; ++i) lane[i] = load(data + 16 * i);
  lane[0] = _mm_xor_si128(lane[0], _mm_set_epi64x(0, static_cast<std::int64_t>(state)));
  std::size_t done = 64;
  for (; done + 64 <= bytes.size(); done += 64) {
    for (int i = 0; i < 4; ++i) {
      lane[i] = _mm_xor_si128(fold(lane[i], far), load(data + done + 16 * i));
    }
  }
  __m128i rest = lane[0];
  for (int i = 1; i < 4; ++i) rest = _mm_xor_si128(fold(rest, near), lane[i]);
  char last[16];
  _mm_storeu_si128(reinterpret_cast<__m128i*>(last), rest);
  return by_tables(by_tables(0, {last, sizeof(last)}), bytes.substr(done));
}

#endif

}  // namespace

std::uint64_t crc64nvme_update(std::uint64_t state, std::string_view bytes) {
#if defined(__x86_64__)
  static const bool can_fold = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
  if (can_fold && bytes.size() >= FoldBytesMin) return by_folding(state, bytes);
#endif
  return by_tables(state, bytes);
}

}  // namespace varve::base
