// The text rules that AWS signatures share: what is escaped, trimmed and compared without case.
#pragma once

#include <string>
#include <string_view>

namespace varve::kernel {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_alnum(char c) { return is_digit(c) || is_alpha(c); }
constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string to_lower(std::string_view text);
// `lower_name` is in lower case already.
bool equal_lower(std::string_view text, std::string_view lower_name);
std::string_view trim(std::string_view text);

// Escapes every byte but A-Z a-z 0-9 - _ . ~ and, if told, `/`.
void append_percent_encoded(std::string& out, std::string_view text, bool keep_slash);
// Trims, and turns a run of blanks (a folded line among them) into one space.
void append_collapsed(std::string& out, std::string_view text);

}  // namespace varve::kernel
