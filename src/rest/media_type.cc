#include "rest/media_type.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace varve::rest {
namespace {

bool is_token(char c) {
  constexpr std::string_view Marks = "!#$%&'*+-.^_`|~";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         Marks.find(c) != std::string_view::npos;
}

void skip_space(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
}

std::string_view take_token(std::string_view& text) {
  std::size_t size = 0;
  while (size < text.size() && is_token(text[size])) ++size;
  const std::string_view token = text.substr(0, size);
  text.remove_prefix(size);
  return token;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// A quoted string, without its quotes and escapes. Browsers send a file name's backslashes bare, so
// only `\"` and `\\` are escapes.
bool take_quoted(std::string_view& text, std::string& out) {
  text.remove_prefix(1);
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '"') return true;
    if (c == '\\' && !text.empty() && (text.front() == '"' || text.front() == '\\')) {
      out.push_back(text.front());
      text.remove_prefix(1);
    } else {
      out.push_back(c);
    }
  }
  return false;
}

bool take_value(std::string_view& text, std::string& out) {
  if (text.starts_with('"')) return take_quoted(text, out);
  out = take_token(text);
  return !out.empty();
}

}  // namespace

const std::string* MediaType::find(std::string_view name) const {
  for (const Parameter& parameter : parameters) {
    if (parameter.name == name) return &parameter.value;
  }
  return nullptr;
}

std::optional<MediaType> parse_media_type(std::string_view text) {
  MediaType out;
  skip_space(text);
  out.type = lower(take_token(text));
  if (out.type.empty()) return std::nullopt;
  if (text.starts_with('/')) {
    text.remove_prefix(1);
    const std::string_view subtype = take_token(text);
    if (subtype.empty()) return std::nullopt;
    out.type.append("/").append(lower(subtype));
  }
  for (;;) {
    skip_space(text);
    if (text.empty()) return out;
    if (!text.starts_with(';')) return std::nullopt;
    text.remove_prefix(1);
    skip_space(text);
    if (text.empty()) return out;  // a trailing `;` is common
    MediaType::Parameter parameter;
    parameter.name = lower(take_token(text));
    if (parameter.name.empty() || !text.starts_with('=')) return std::nullopt;
    text.remove_prefix(1);
    if (!take_value(text, parameter.value)) return std::nullopt;
    if (out.find(parameter.name) != nullptr) return std::nullopt;
    out.parameters.push_back(std::move(parameter));
  }
}

}  // namespace varve::rest
