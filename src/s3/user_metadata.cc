#include "s3/user_metadata.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "base/utf8.h"
#include "http/headers.h"
#include "model/records.h"
#include "s3/errors.h"

namespace varve::s3 {
namespace {

constexpr std::size_t WordContentMax = 63;  // 75 less `=?utf-8?q?` and `?=`
constexpr std::string_view WordStart = "=?utf-8?q?";
constexpr std::string_view WordEnd = "?=";

bool is_token_character(char c) {
  const bool is_alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return is_alnum || std::string_view("-_.#!$%&'*+^~`|").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 0x20 && c <= 0x7e) || c == '\t'; });
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

struct Word {
  std::string_view charset;
  char encoding = 0;  // 'q' or 'b'
  std::string_view content;
  std::size_t size = 0;  // of the whole word
};

// The encoded word that `text` begins with, if it is well-formed.
std::optional<Word> cut_word(std::string_view text) {
  if (!text.starts_with("=?")) return std::nullopt;
  const auto first = text.find('?', 2);
  if (first == std::string_view::npos || first == 2) return std::nullopt;
  if (first + 2 >= text.size() || text[first + 2] != '?') return std::nullopt;
  const auto end = text.find("?=", first + 3);
  if (end == std::string_view::npos) return std::nullopt;
  Word word;
  word.charset = text.substr(2, first - 2);
  word.encoding = lower(text[first + 1]);
  word.content = text.substr(first + 3, end - first - 3);
  word.size = end + 2;
  const bool has_blank = word.content.find(' ') != std::string_view::npos;
  if ((word.encoding != 'q' && word.encoding != 'b') || has_blank) return std::nullopt;
  return word;
}

std::optional<std::string> decode_q(std::string_view content) {
  std::string out;
  for (std::size_t i = 0; i < content.size(); ++i) {
    if (content[i] == '_') {
      out.push_back(' ');
    } else if (content[i] == '=') {
      base::Bytes byte;
      if (content.size() - i < 3 || !base::hex_decode(content.substr(i + 1, 2), byte)) {
        return std::nullopt;
      }
      out.append(byte);
      i += 2;
    } else {
      out.push_back(content[i]);
    }
  }
  return out;
}

std::optional<std::string> decode_content(const Word& word) {
  if (word.encoding == 'q') return decode_q(word.content);
  base::Bytes bytes;
  std::string padded(word.content);
  while (padded.size() % 4 != 0) padded.push_back('=');
  if (!base::base64_decode(padded, bytes)) return std::nullopt;
  return bytes;
}

std::string latin1_to_utf8(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out.push_back(c);
    } else {
      out.push_back(static_cast<char>(0xC0U | byte >> 6U));
      out.push_back(static_cast<char>(0x80U | (byte & 0x3FU)));
    }
  }
  return out;
}

// The text of a word; absent if the word is not well-formed after all.
Outcome<std::optional<std::string>> decode_word(const Word& word) {
  std::optional<std::string> bytes = decode_content(word);
  if (!bytes) return std::optional<std::string>();
  if (http::equal_ignoring_case(word.charset, "iso-8859-1")) {
    return std::optional<std::string>(latin1_to_utf8(*bytes));
  }
  const bool is_ascii = http::equal_ignoring_case(word.charset, "us-ascii");
  if (!is_ascii && !http::equal_ignoring_case(word.charset, "utf-8")) {
    return Error(Code::InvalidArgument, "Invalid header value.");
  }
  return bytes;
}

void append_hex(std::string& out, char c) {
  constexpr std::string_view Digits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out.push_back('=');
  out.push_back(Digits[byte >> 4U]);
  out.push_back(Digits[byte & 15U]);
}

std::string q_encode(std::string_view character) {
  std::string out;
  for (const char c : character) {
    if (c == ' ') {
      out.push_back('_');
    } else if (c > 0x20 && c <= 0x7e && c != '=' && c != '?' && c != '_') {
      out.push_back(c);
    } else {
      append_hex(out, c);
    }
  }
  return out;
}

std::size_t character_size(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

}  // namespace

Outcome<std::string> decode_metadata_value(std::string_view value) {
  std::string out;
  std::string blanks;  // since the last word: they vanish if another word follows
  bool after_word = false;
  while (!value.empty()) {
    if (const auto word = cut_word(value)) {
      VARVE_TRY(const auto text, decode_word(*word));
      if (text) {
        if (!after_word) out.append(blanks);
        blanks.clear();
        out.append(*text);
        value.remove_prefix(word->size);
        after_word = true;
        continue;
      }
    }
    const char c = value.front();
    value.remove_prefix(1);
    if (c == ' ' || c == '\t') {
      blanks.push_back(c);
      continue;
    }
    out.append(blanks).push_back(c);
    blanks.clear();
    after_word = false;
  }
  out.append(blanks);
  if (!base::is_valid_utf8(out)) return Error(Code::InvalidArgument, "Invalid header value.");
  return out;
}

std::string encode_metadata_value(std::string_view value) {
  if (is_plain(value)) return std::string(value);
  std::string out(WordStart);
  std::size_t content = 0;
  while (!value.empty()) {
    const auto size = std::min(character_size(value.front()), value.size());
    const std::string encoded = q_encode(value.substr(0, size));
    value.remove_prefix(size);
    if (content + encoded.size() > WordContentMax) {
      out.append(WordEnd).append(" ").append(WordStart);
      content = 0;
    }
    out.append(encoded);
    content += encoded.size();
  }
  return out.append(WordEnd);
}

namespace {

Error too_large(std::size_t bytes, std::size_t bytes_max) {
  return Error(Code::MetadataTooLarge)
      .with("Size", std::to_string(bytes))
      .with("MaxSizeAllowed", std::to_string(bytes_max));
}

}  // namespace

Outcome<model::Metadata> read_user_metadata(const http::Headers& headers) {
  model::Metadata raw;
  std::size_t encoded_bytes = 0;
  for (const http::Headers::Field field : headers) {
    if (field.name.size() <= MetaPrefix.size()) continue;
    if (!http::equal_ignoring_case(field.name.substr(0, MetaPrefix.size()), MetaPrefix)) continue;
    const auto name = field.name.substr(MetaPrefix.size());
    if (!is_token(name)) continue;
    std::string key(MetaPrefix);
    std::transform(name.begin(), name.end(), std::back_inserter(key), lower);
    encoded_bytes += field.value.size();
    const auto [at, is_new] = raw.try_emplace(std::move(key), field.value);
    if (!is_new) at->second.append(",").append(field.value);
  }
  // Looking for words takes the square of what is looked at.
  if (encoded_bytes > EncodedMetadataBytesMax) {
    return too_large(encoded_bytes, EncodedMetadataBytesMax);
  }
  std::size_t bytes = 0;
  for (auto& [key, value] : raw) {
    VARVE_TRY(value, decode_metadata_value(value));
    bytes += key.size() - MetaPrefix.size() + value.size();
  }
  if (bytes > UserMetadataBytesMax) return too_large(bytes, UserMetadataBytesMax);
  return raw;
}

void add_user_metadata(http::Headers& headers, const model::Metadata& metadata) {
  int missing = 0;
  for (const auto& [key, value] : metadata) {
    if (key.size() <= MetaPrefix.size()) continue;
    if (!http::equal_ignoring_case(key.substr(0, MetaPrefix.size()), MetaPrefix)) continue;
    if (!is_token(std::string_view(key).substr(MetaPrefix.size()))) {
      ++missing;
      continue;
    }
    std::string name = "x-amz-meta-";
    std::transform(key.begin() + MetaPrefix.size(), key.end(), std::back_inserter(name), lower);
    headers.add(name, encode_metadata_value(value));
  }
  if (missing > 0) headers.add("x-amz-missing-meta", std::to_string(missing));
}

}  // namespace varve::s3
