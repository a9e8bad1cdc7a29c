#include "base/bytes.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace varve::base {
namespace {

constexpr std::string_view HexDigits = "0123456789abcdef";
constexpr std::string_view Base64Alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view Base64UrlAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode64(std::string_view bytes, std::string_view alphabet, bool pad) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t group = 0;
  int bits = 0;
  for (const char c : bytes) {
    group = group << 8 | static_cast<unsigned char>(c);
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      out.push_back(alphabet[group >> bits & 63U]);
    }
  }
  if (bits > 0) out.push_back(alphabet[group << (6 - bits) & 63U]);
  while (pad && out.size() % 4 != 0) out.push_back('=');
  return out;
}

constexpr std::array<std::int8_t, 256> reversed(std::string_view alphabet) {
  std::array<std::int8_t, 256> table{};
  for (auto& value : table) value = -1;
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return table;
}

// Of a digit of either case; 255 of anything else.
constexpr std::array<std::uint8_t, 256> hex_values() {
  std::array<std::uint8_t, 256> table{};
  for (auto& value : table) value = 255;
  for (std::size_t i = 0; i < HexDigits.size(); ++i) {
    const auto digit = static_cast<unsigned char>(HexDigits[i]);
    table[digit] = static_cast<std::uint8_t>(i);
    if (i >= 10) table[digit - 'a' + 'A'] = static_cast<std::uint8_t>(i);
  }
  return table;
}

bool decode64(std::string_view text, const std::array<std::int8_t, 256>& table, Bytes& bytes) {
  bytes.clear();
  if (text.size() % 4 == 1) return false;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    const std::int8_t value = table[static_cast<unsigned char>(c)];
    if (value < 0) return false;
    group = group << 6 | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<char>(group >> bits & 255U));
    }
  }
  return (group & ((1U << bits) - 1)) == 0;  // a non-canonical tail is not a second spelling
}

}  // namespace

SharedBytes::SharedBytes(Bytes bytes) {
  auto kept = std::make_shared<const Bytes>(std::move(bytes));
  view = *kept;
  owner = std::move(kept);
}

std::string hex_encode(std::string_view bytes) {
  std::string out(bytes.size() * 2, '\0');
  char* digit = out.data();
  for (const char c : bytes) {
    const auto octet = static_cast<unsigned char>(c);
    *digit++ = HexDigits[octet >> 4U];
    *digit++ = HexDigits[octet & 15U];
  }
  return out;
}

bool hex_decode(std::string_view hex, Bytes& bytes) {
  static constexpr auto Values = hex_values();
  bytes.clear();
  if (hex.size() % 2 != 0) return false;
  bytes.resize(hex.size() / 2);
  unsigned all = 0;  // above 15 once a digit was none
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const unsigned high = Values[static_cast<unsigned char>(hex[2 * i])];
    const unsigned low = Values[static_cast<unsigned char>(hex[2 * i + 1])];
    all |= high | low;
    bytes[i] = static_cast<char>(high << 4U | low);
  }
  if (all > 15) bytes.clear();
  return all <= 15;
}

std::string base64_encode(std::string_view bytes) { return encode64(bytes, Base64Alphabet, true); }

std::string base64url_encode_nopad(std::string_view bytes) {
  return encode64(bytes, Base64UrlAlphabet, false);
}

bool base64_decode(std::string_view text, Bytes& bytes) {
  static constexpr auto Table = reversed(Base64Alphabet);
  bytes.clear();
  if (text.size() % 4 != 0) return false;
  if (text.ends_with("==")) {
    text.remove_suffix(2);
  } else if (text.ends_with('=')) {
    text.remove_suffix(1);
  }
  return decode64(text, Table, bytes);
}

bool base64url_decode_nopad(std::string_view text, Bytes& bytes) {
  static constexpr auto Table = reversed(Base64UrlAlphabet);
  return decode64(text, Table, bytes);
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  }
  return difference == 0;
}

}  // namespace varve::base
