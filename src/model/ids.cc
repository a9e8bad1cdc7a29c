#include "model/ids.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/errors.h"
#include "model/limits.h"

namespace varve::model {

using base::Code;
using base::Result;

namespace {

constexpr std::size_t FullIdDigits = 64;

// ASCII by hand: the C library's classes depend on the locale.
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_hex(char c) { return is_lower_hex(c) || (c >= 'A' && c <= 'F'); }
bool is_word(char c) { return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z') || c == '_'; }

// An empty name is not merely a bad one: lakeFS calls it a missing argument, with another status.
base::Error required_value() {
  return make_error(Code::Internal, Detail::RequirementMissing, "required value: validation error");
}

std::string above(std::string_view text, std::size_t bytes_max) {
  return std::to_string(text.size()) + " is above maximum length (" + std::to_string(bytes_max) +
         ")";
}

bool is_repository_id(std::string_view text) {
  if (text.size() < RepositoryIdBytesMin || text.size() > RepositoryIdBytesMax) return false;
  if (text.front() == '-') return false;
  return std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

bool is_branch_id(std::string_view text) {
  if (!is_word(text.front())) return false;
  return std::ranges::all_of(text, [](char c) { return is_word(c) || c == '-'; });
}

// git's rules for ref names, except that a slash is never allowed (engine.md 6.4).
bool is_tag_id(std::string_view text) {
  if (text == "@" || text.ends_with('.') || text.ends_with(".lock")) return false;
  if (text.find("..") != std::string_view::npos) return false;
  if (text.find("@{") != std::string_view::npos) return false;
  if (text.find_first_of("/^:?*[\\") != std::string_view::npos) return false;
  // Bytes of a multi-byte code point are all above 0x7f, so bytes stand for code points here.
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) > 0x20; });
}

}  // namespace

Result<RepositoryId> parse_repository_id(std::string_view text) {
  if (text.empty()) return required_value();
  if (!is_repository_id(text)) return invalid_value("repository id");
  return RepositoryId(text);
}

Result<BranchId> parse_branch_id(std::string_view text) {
  if (text.empty()) return required_value();
  if (!is_branch_id(text)) return invalid_value("branch id");
  if (text.size() > BranchIdBytesMax) {
    base::Error error = invalid_value("branch id");
    return base::Error(error.code(), error.message() + ": " + above(text, BranchIdBytesMax));
  }
  return BranchId(text);
}

Result<TagId> parse_tag_id(std::string_view text) {
  if (text.empty()) return required_value();
  if (!is_tag_id(text)) return invalid_value("tag id");
  return TagId(text);
}

Result<ObjectPath> parse_object_path(std::string_view text) {
  if (text.empty()) {
    return base::Error(Code::InvalidArgument, "missing path: required value: validation error");
  }
  if (text.size() > PathBytesMax) {
    return make_error(Code::InvalidArgument, Detail::PathTooLong,
                      "invalid value: validation error: " + above(text, PathBytesMax));
  }
  return ObjectPath(text);
}

bool is_full_commit_id(std::string_view text) {
  return text.size() == FullIdDigits && std::ranges::all_of(text, is_hex);
}

bool is_commit_prefix(std::string_view text) {
  return !text.empty() && text.size() <= FullIdDigits && std::ranges::all_of(text, is_lower_hex);
}

}  // namespace varve::model
