#include "services/auth/names.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/rng.h"
#include "base/secret.h"
#include "services/auth/principal.h"

namespace varve::services {
namespace {

constexpr std::size_t AddressBytesMax = 254;  // RFC 5321 4.5.3.1.3, without its brackets
constexpr std::size_t LocalBytesMax = 64;
constexpr std::size_t LabelBytesMax = 63;

bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// RFC 5322's atext, and any byte of a longer UTF-8 sequence.
bool is_atom(char c) {
  constexpr std::string_view Marks = "!#$%&'*+-/=?^_`{|}~";
  return is_alpha(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80 ||
         Marks.find(c) != std::string_view::npos;
}

bool is_local_part(std::string_view text) {
  if (text.empty() || text.size() > LocalBytesMax) return false;
  if (text.front() == '.' || text.back() == '.') return false;
  if (text.find("..") != std::string_view::npos) return false;
  for (const char c : text) {
    if (c != '.' && !is_atom(c)) return false;
  }
  return true;
}

bool is_label(std::string_view text) {
  if (text.empty() || text.size() > LabelBytesMax) return false;
  if (text.front() == '-' || text.back() == '-') return false;
  for (const char c : text) {
    if (!is_alpha(c) && !is_digit(c) && c != '-') return false;
  }
  return true;
}

bool is_domain(std::string_view text) {
  std::size_t labels = 0;
  std::string_view last;
  for (;;) {
    const std::size_t dot = text.find('.');
    last = text.substr(0, dot);
    if (!is_label(last)) return false;
    ++labels;
    if (dot == std::string_view::npos) break;
    text.remove_prefix(dot + 1);
  }
  return labels >= 2 && last.size() >= 2 && is_alpha(last.front());
}

}  // namespace

bool is_email_address(std::string_view text) {
  const std::size_t at = text.rfind('@');
  return text.size() <= AddressBytesMax && at != std::string_view::npos &&
         is_local_part(text.substr(0, at)) && is_domain(text.substr(at + 1));
}

KeyPair generate_key_pair(base::Rng& rng) {
  constexpr std::string_view Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string id = "AKIAJ";
  for (int i = 0; i < 14; ++i) id.push_back(Base32[rng.below(Base32.size())]);
  id.push_back('Q');
  std::string secret = base::base64_encode(rng.bytes(30));
  return {std::move(id), base::Secret<std::string>(std::move(secret))};
}

}  // namespace varve::services
