#include "rest/json_writer.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/utf8.h"
#include "model/records.h"

namespace varve::rest {
namespace {

enum : unsigned char { Plain = 0, Escaped = 1, Multibyte = 2 };

constexpr std::array<unsigned char, 256> make_classes() {
  std::array<unsigned char, 256> classes{};
  for (std::size_t i = 0; i < 256; ++i) {
    if (i < 0x20) classes[i] = Escaped;
    if (i >= 0x80) classes[i] = Multibyte;
  }
  for (const char c : {'"', '\\', '<', '>', '&'}) classes[static_cast<unsigned char>(c)] = Escaped;
  return classes;
}
constexpr std::array<unsigned char, 256> Classes = make_classes();

unsigned char class_of(char c) { return Classes[static_cast<unsigned char>(c)]; }

void append_escape(base::Bytes& out, char c) {
  constexpr std::string_view Digits = "0123456789abcdef";
  switch (c) {
    case '"':
      out.append("\\\"");
      return;
    case '\\':
      out.append("\\\\");
      return;
    case '\n':
      out.append("\\n");
      return;
    case '\r':
      out.append("\\r");
      return;
    case '\t':
      out.append("\\t");
      return;
    default:
      out.append("\\u00");
      out.push_back(Digits[static_cast<unsigned char>(c) >> 4U]);
      out.push_back(Digits[static_cast<unsigned char>(c) & 15U]);
  }
}

// The size of the well-formed sequence that `text` starts with; 0 if it does not.
std::size_t sequence_size(std::string_view text) {
  for (const std::size_t size : {std::size_t{2}, std::size_t{3}, std::size_t{4}}) {
    if (text.size() < size) return 0;
    if (base::is_valid_utf8(text.substr(0, size))) return size;
  }
  return 0;
}

// Whether none of eight bytes needs attention. Each test sets the top bit of a byte that does; a
// borrow may set it for a neighbour too, which costs a look and nothing else.
bool are_plain(std::uint64_t word) {
  constexpr std::uint64_t Ones = 0x0101010101010101ULL;
  constexpr std::uint64_t Tops = 0x8080808080808080ULL;
  const auto equals = [word](char c) {
    const std::uint64_t difference = word ^ (Ones * static_cast<unsigned char>(c));
    return (difference - Ones) & ~difference;
  };
  const std::uint64_t below_space = (word - Ones * 0x20) & ~word;
  return ((word | below_space | equals('"') | equals('\\') | equals('<') | equals('>') |
           equals('&')) &
          Tops) == 0;
}

// How many bytes at the beginning are written as they are.
std::size_t plain_run(std::string_view text) {
  std::size_t run = 0;
  while (run + sizeof(std::uint64_t) <= text.size()) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + run, sizeof word);
    if (!are_plain(word)) break;
    run += sizeof word;
  }
  while (run < text.size() && class_of(text[run]) == Plain) ++run;
  return run;
}

void append_text(base::Bytes& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t run = plain_run(text);
    out.append(text.substr(0, run));
    text.remove_prefix(run);
    if (text.empty()) return;
    if (class_of(text.front()) == Escaped) {
      append_escape(out, text.front());
      text.remove_prefix(1);
      continue;
    }
    const std::size_t size = sequence_size(text);
    const std::string_view sequence = text.substr(0, size);
    if (size == 0) {
      out.append("\\ufffd");
    } else if (sequence == "\xe2\x80\xa8") {
      out.append("\\u2028");
    } else if (sequence == "\xe2\x80\xa9") {
      out.append("\\u2029");
    } else {
      out.append(sequence);
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
}

}  // namespace

void JsonWriter::key(std::string_view name) {
  if (wants_comma_) out_.push_back(',');
  out_.push_back('"');
  out_.append(name);
  out_.append("\":", 2);
  wants_comma_ = false;
}

void JsonWriter::text(std::string_view value) {
  separate();
  out_.push_back('"');
  append_text(out_, value);
  out_.push_back('"');
}

void JsonWriter::number(std::int64_t value) {
  separate();
  std::array<char, 24> digits{};
  const auto [end, failure] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  static_cast<void>(failure);  // 24 characters hold every 64-bit number
  out_.append(digits.data(), end);
}

void JsonWriter::boolean(bool value) {
  separate();
  out_.append(value ? "true" : "false");
}

void JsonWriter::null() {
  separate();
  out_.append("null");
}

void JsonWriter::map(const model::Metadata& values) {
  begin_object();
  for (const auto& [name, value] : values) {
    text(name);  // a key needs escaping here as a value does
    out_.push_back(':');
    wants_comma_ = false;
    text(value);
  }
  end_object();
}

std::string with_valid_utf8(std::string_view text) {
  if (base::is_valid_utf8(text)) return std::string(text);
  std::string out;
  while (!text.empty()) {
    const std::size_t size = class_of(text.front()) == Multibyte ? sequence_size(text) : 1;
    if (size == 0) {
      out.append("\xef\xbf\xbd");
    } else {
      out.append(text.substr(0, size));
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return out;
}

}  // namespace varve::rest
