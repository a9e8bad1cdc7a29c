#include "kernel/sigv4.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "kernel/sign_text.h"

namespace varve::kernel {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::string_view Terminator = "aws4_request";

bool is_header_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_alnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool is_calendar_day(std::string_view text) {
  if (text.size() != 8 || !std::all_of(text.begin(), text.end(), is_digit)) return false;
  const int month = (text[4] - '0') * 10 + (text[5] - '0');
  const int day = (text[6] - '0') * 10 + (text[7] - '0');
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

Error malformed(std::string message) { return Error(Code::InvalidArgument, std::move(message)); }

// Cuts the last `/`-separated field off `text`.
std::optional<std::string_view> cut_last(std::string_view& text) {
  const auto slash = text.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto field = text.substr(slash + 1);
  text = text.substr(0, slash);
  return field;
}

// "name:value\n" of one signed header: its occurrences in arrival order, joined by commas.
void append_header_line(std::string& out, std::span<const SigV4Field> headers,
                        std::string_view name) {
  out.append(name).push_back(':');
  bool is_first = true;
  for (const SigV4Field& field : headers) {
    if (!equal_lower(field.name, name)) continue;
    if (!is_first) out.push_back(',');
    is_first = false;
    append_collapsed(out, field.value);
  }
  out.push_back('\n');
}

void append_query(std::string& out, std::span<const SigV4Field> query) {
  std::vector<std::pair<std::string, std::string>> encoded;
  encoded.reserve(query.size());
  for (const SigV4Field& field : query) {
    if (field.name == "X-Amz-Signature") continue;
    auto& pair = encoded.emplace_back();
    append_percent_encoded(pair.first, field.name, false);
    append_percent_encoded(pair.second, field.value, false);
  }
  std::sort(encoded.begin(), encoded.end());
  bool is_first = true;
  for (const auto& [name, value] : encoded) {
    if (!is_first) out.push_back('&');
    is_first = false;
    out.append(name).append("=").append(value);
  }
}

}  // namespace

std::string SigV4Scope::text() const {
  std::string out;
  out.reserve(date.size() + region.size() + service.size() + Terminator.size() + 3);
  out.append(date).append("/").append(region).append("/").append(service).append("/");
  return out.append(Terminator);
}

bool SigV4Authorization::signs(std::string_view lower_name) const {
  return std::binary_search(signed_headers.begin(), signed_headers.end(), lower_name);
}

bool is_signature_text(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return is_digit(c) || (c >= 'a' && c <= 'f');
         });
}

Result<SigV4Credential> parse_sigv4_credential(std::string_view text) {
  const auto terminator = cut_last(text);
  const auto service = cut_last(text);
  const auto region = cut_last(text);
  const auto date = cut_last(text);
  if (!terminator || !service || !region || !date || text.empty()) {
    return malformed(
        "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/"
        "aws4_request\".");
  }
  if (*terminator != Terminator) {
    return malformed("incorrect terminal. This endpoint uses 'aws4_request'.");
  }
  if (!is_calendar_day(*date)) {
    return malformed(
        "incorrect date format. This date in the credential must be in the format "
        "\"yyyyMMdd\".");
  }
  return SigV4Credential{std::string(text),
                         {std::string(*date), std::string(*region), std::string(*service)}};
}

Result<std::vector<std::string>> parse_signed_headers(std::string_view text) {
  std::vector<std::string> names;
  for (;;) {
    const auto end = text.find(';');
    const auto name = text.substr(0, end);
    if (!is_header_name(name) || names.size() == SignedHeadersMax) {
      return malformed("the SignedHeaders are mal-formed.");
    }
    names.push_back(to_lower(name));
    if (end == std::string_view::npos) break;
    text = text.substr(end + 1);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

Result<SigV4Authorization> parse_sigv4_authorization(std::string_view value) {
  if (!value.starts_with(SigV4Algorithm)) return malformed("unsupported algorithm.");
  value = value.substr(SigV4Algorithm.size());
  if (!value.empty() && !is_blank(value.front())) return malformed("unsupported algorithm.");
  SigV4Authorization out;
  bool has_credential = false;
  bool has_headers = false;
  bool has_signature = false;
  while (!value.empty()) {
    const auto comma = value.find(',');
    const auto field = trim(value.substr(0, comma));
    value = comma == std::string_view::npos ? std::string_view() : value.substr(comma + 1);
    const auto equals = field.find('=');
    const auto name = field.substr(0, equals);
    const auto text =
        equals == std::string_view::npos ? std::string_view() : field.substr(equals + 1);
    if (name == "Credential" && !has_credential) {
      VARVE_TRY(out.credential, parse_sigv4_credential(text));
      has_credential = true;
    } else if (name == "SignedHeaders" && !has_headers) {
      VARVE_TRY(out.signed_headers, parse_signed_headers(text));
      has_headers = true;
    } else if (name == "Signature" && !has_signature) {
      if (!is_signature_text(text)) return malformed("the Signature is mal-formed.");
      out.signature = text;
      has_signature = true;
    } else if (!field.empty()) {
      return malformed("the field '" + std::string(name.substr(0, 32)) + "' is not expected.");
    }
  }
  if (!has_credential) return malformed("the Credential is missing.");
  if (!has_headers) return malformed("the SignedHeaders are missing.");
  if (!has_signature) return malformed("the Signature is missing.");
  return out;
}

std::string sigv4_canonical_request(const SigV4Request& request,
                                    std::span<const std::string> signed_headers) {
  std::string out;
  out.reserve(1024);
  out.append(request.method).push_back('\n');
  append_percent_encoded(out, request.path.empty() ? "/" : request.path, true);
  out.push_back('\n');
  append_query(out, request.query);
  out.push_back('\n');
  for (const std::string& name : signed_headers) append_header_line(out, request.headers, name);
  out.push_back('\n');
  bool is_first = true;
  for (const std::string& name : signed_headers) {
    if (!is_first) out.push_back(';');
    is_first = false;
    out.append(name);
  }
  out.push_back('\n');
  return out.append(request.payload_hash);
}

std::string sigv4_string_to_sign(std::string_view time, std::string_view scope,
                                 std::string_view canonical_request) {
  std::string out;
  out.reserve(256);
  out.append(SigV4Algorithm).append("\n").append(time).append("\n").append(scope).append("\n");
  return out.append(base::hex_encode(base::sha256(canonical_request)));
}

base::Bytes sigv4_signing_key(std::string_view secret, const SigV4Scope& scope) {
  std::string seed = "AWS4";
  seed.append(secret);
  const base::Bytes day = base::hmac_sha256(seed, scope.date);
  const base::Bytes region = base::hmac_sha256(day, scope.region);
  const base::Bytes service = base::hmac_sha256(region, scope.service);
  return base::hmac_sha256(service, Terminator);
}

std::string sigv4_signature(std::string_view signing_key, std::string_view string_to_sign) {
  return base::hex_encode(base::hmac_sha256(signing_key, string_to_sign));
}

SigV4ChunkChain::SigV4ChunkChain(base::Bytes signing_key, std::string time, std::string scope,
                                 std::string seed)
    : signing_key_(std::move(signing_key)),
      time_(std::move(time)),
      scope_(std::move(scope)),
      previous_(std::move(seed)) {}

const std::string& SigV4ChunkChain::next(std::string_view data_sha256) {
  std::string text = "AWS4-HMAC-SHA256-PAYLOAD\n";
  text.append(time_).append("\n").append(scope_).append("\n").append(previous_).append("\n");
  text.append(EmptySha256).append("\n").append(data_sha256);
  previous_ = sigv4_signature(signing_key_, text);
  return previous_;
}

std::string SigV4ChunkChain::trailer(std::string_view lines) const {
  std::string text = "AWS4-HMAC-SHA256-TRAILER\n";
  text.append(time_).append("\n").append(scope_).append("\n").append(previous_).append("\n");
  text.append(base::hex_encode(base::sha256(lines)));
  return sigv4_signature(signing_key_, text);
}

}  // namespace varve::kernel
