#include "services/auth/claims.h"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varve::services {
namespace {

constexpr int DepthMax = 16;

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&out](std::uint32_t octet) { out.push_back(static_cast<char>(octet)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xc0U | point >> 6U);
    put(0x80U | (point & 63U));
  } else if (point < 0x10000) {
    put(0xe0U | point >> 12U);
    put(0x80U | (point >> 6U & 63U));
    put(0x80U | (point & 63U));
  } else {
    put(0xf0U | point >> 18U);
    put(0x80U | (point >> 12U & 63U));
    put(0x80U | (point >> 6U & 63U));
    put(0x80U | (point & 63U));
  }
}

// Takes tokens off the front of the text. Every function answers false for what is not JSON.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool take(char c) {
    skip_space();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool is_next(char c) {
    skip_space();
    return !rest_.empty() && rest_.front() == c;
  }

  bool at_end() {
    skip_space();
    return rest_.empty();
  }

  bool string(std::string& out) {
    if (!take('"')) return false;
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c != '\\') {
        out.push_back(c);
      } else if (!escape(out)) {
        return false;
      }
    }
    return false;
  }

  bool number(double& out) {
    skip_space();
    std::size_t size = 0;
    while (size < rest_.size() && is_number_char(rest_[size])) ++size;
    const std::string text(rest_.substr(0, size));
    if (text.empty() || text.front() == '+' || text.front() == '.') return false;
    char* end = nullptr;
    out = std::strtod(text.c_str(), &end);
    rest_.remove_prefix(size);
    return end == text.c_str() + text.size() && std::isfinite(out);
  }

  bool word(std::string_view expected) {
    skip_space();
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }

 private:
  static bool is_number_char(char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
  }

  void skip_space() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t' ||
                              rest_.front() == '\n' || rest_.front() == '\r')) {
      rest_.remove_prefix(1);
    }
  }

  bool hex4(std::uint32_t& out) {
    if (rest_.size() < 4) return false;
    out = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = rest_[static_cast<std::size_t>(i)];
      const std::uint32_t digit = c >= '0' && c <= '9'   ? static_cast<std::uint32_t>(c - '0')
                                  : c >= 'a' && c <= 'f' ? static_cast<std::uint32_t>(c - 'a' + 10)
                                  : c >= 'A' && c <= 'F' ? static_cast<std::uint32_t>(c - 'A' + 10)
                                                         : 16;
      if (digit == 16) return false;
      out = out << 4U | digit;
    }
    rest_.remove_prefix(4);
    return true;
  }

  bool escape(std::string& out) {
    if (rest_.empty()) return false;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    constexpr std::string_view Names = "\"\\/bfnrt";
    constexpr std::string_view Values = "\"\\/\b\f\n\r\t";
    if (const std::size_t at = Names.find(c); at != std::string_view::npos) {
      out.push_back(Values[at]);
      return true;
    }
    std::uint32_t point = 0;
    if (c != 'u' || !hex4(point)) return false;
    if (point >= 0xd800 && point < 0xdc00) {  // the first half of a pair
      std::uint32_t low = 0;
      if (!rest_.starts_with("\\u")) return false;
      rest_.remove_prefix(2);
      if (!hex4(low) || low < 0xdc00 || low > 0xdfff) return false;
      point = 0x10000 + ((point - 0xd800) << 10U) + (low - 0xdc00);
    } else if (point >= 0xdc00 && point < 0xe000) {
      return false;
    }
    append_utf8(out, point);
    return true;
  }

  std::string_view rest_;
};

bool parse_value(Scanner& in, ClaimValue& out, int depth);

// `each` parses one element.
template <class Each>
bool parse_sequence(Scanner& in, char open, char close, Each each) {
  if (!in.take(open)) return false;
  if (in.take(close)) return true;
  do {
    if (!each()) return false;
  } while (in.take(','));
  return in.take(close);
}

bool parse_list(Scanner& in, ClaimValue& out, int depth) {
  bool is_all_text = true;
  const bool is_json = parse_sequence(in, '[', ']', [&] {
    ClaimValue element;
    if (!parse_value(in, element, depth + 1)) return false;
    is_all_text = is_all_text && element.kind == ClaimValue::Kind::Text;
    out.list.push_back(std::move(element.text));
    return true;
  });
  if (is_all_text) out.kind = ClaimValue::Kind::List;
  return is_json;
}

bool parse_object(Scanner& in, int depth) {
  return parse_sequence(in, '{', '}', [&] {
    std::string name;
    ClaimValue ignored;
    return in.string(name) && in.take(':') && parse_value(in, ignored, depth + 1);
  });
}

bool parse_value(Scanner& in, ClaimValue& out, int depth) {
  if (depth > DepthMax) return false;
  if (in.is_next('"')) {
    out.kind = ClaimValue::Kind::Text;
    return in.string(out.text);
  }
  if (in.is_next('[')) return parse_list(in, out, depth);
  if (in.is_next('{')) return parse_object(in, depth);
  if (in.word("true") || in.word("false") || in.word("null")) return true;
  double number = 0;
  if (!in.number(number) || std::fabs(number) > 1e15) return false;
  out.kind = ClaimValue::Kind::Number;
  out.number = static_cast<std::int64_t>(number);
  return true;
}

}  // namespace

bool parse_claims(std::string_view json, std::vector<Claim>& claims) {
  Scanner in(json);
  const bool is_object = parse_sequence(in, '{', '}', [&] {
    Claim claim;
    if (!in.string(claim.name) || !in.take(':') || !parse_value(in, claim.value, 1)) return false;
    claims.push_back(std::move(claim));
    return true;
  });
  return is_object && in.at_end();
}

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view Digits = "0123456789abcdef";
  out.push_back('"');
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (octet < 0x20) {
      out.append("\\u00");
      out.push_back(Digits[octet >> 4U]);
      out.push_back(Digits[octet & 15U]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

}  // namespace varve::services
