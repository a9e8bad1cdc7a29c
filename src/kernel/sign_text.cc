#include "kernel/sign_text.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace varve::kernel {
namespace {

constexpr std::array<bool, 256> unreserved_table() {
  std::array<bool, 256> table{};
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    table[static_cast<std::size_t>(i)] =
        is_alnum(c) || c == '-' || c == '_' || c == '.' || c == '~';
  }
  return table;
}
constexpr std::array<bool, 256> Unreserved = unreserved_table();

}  // namespace

std::string to_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

bool equal_lower(std::string_view text, std::string_view lower_name) {
  if (text.size() != lower_name.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (lower(text[i]) != lower_name[i]) return false;
  }
  return true;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

void append_percent_encoded(std::string& out, std::string_view text, bool keep_slash) {
  constexpr std::string_view Digits = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (Unreserved[byte] || (keep_slash && c == '/')) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(Digits[byte >> 4U]);
      out.push_back(Digits[byte & 15U]);
    }
  }
}

void append_collapsed(std::string& out, std::string_view text) {
  text = trim(text);
  bool was_blank = false;
  for (const char c : text) {
    const bool blank = is_blank(c);
    if (!blank) {
      out.push_back(c);
    } else if (!was_blank) {
      out.push_back(' ');
    }
    was_blank = blank;
  }
}

}  // namespace varve::kernel
