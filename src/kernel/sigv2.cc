#include "kernel/sigv2.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "kernel/sign_text.h"
#include "kernel/sigv4.h"

namespace varve::kernel {
namespace {

// The query names a signature covers; ascending.
constexpr std::array<std::string_view, 36> SubResources{"accelerate",
                                                        "acl",
                                                        "analytics",
                                                        "cors",
                                                        "defaultObjectAcl",
                                                        "delete",
                                                        "encryption",
                                                        "inventory",
                                                        "legal-hold",
                                                        "lifecycle",
                                                        "location",
                                                        "logging",
                                                        "metrics",
                                                        "notification",
                                                        "object-lock",
                                                        "partNumber",
                                                        "policy",
                                                        "replication",
                                                        "requestPayment",
                                                        "response-cache-control",
                                                        "response-content-disposition",
                                                        "response-content-encoding",
                                                        "response-content-language",
                                                        "response-content-type",
                                                        "response-expires",
                                                        "restore",
                                                        "retention",
                                                        "storageClass",
                                                        "tagging",
                                                        "torrent",
                                                        "uploadId",
                                                        "uploads",
                                                        "versionId",
                                                        "versioning",
                                                        "versions",
                                                        "website"};

bool is_sub_resource(std::string_view name) {
  return !name.empty() &&
         std::find(SubResources.begin(), SubResources.end(), name) != SubResources.end();
}

std::string joined_header(std::span<const SigV4Field> headers, std::string_view lower_name) {
  std::string out;
  bool is_first = true;
  for (const SigV4Field& field : headers) {
    if (!equal_lower(field.name, lower_name)) continue;
    if (!is_first) out.push_back(',');
    is_first = false;
    out.append(trim(field.value));
  }
  return out;
}

void append_amz_headers(std::string& out, std::span<const SigV4Field> headers) {
  std::map<std::string, std::string> lines;
  for (const SigV4Field& field : headers) {
    std::string name = to_lower(field.name);
    if (!name.starts_with("x-amz-")) continue;
    const auto [at, is_new] = lines.try_emplace(std::move(name));
    if (!is_new) at->second.push_back(',');
    at->second.append(trim(field.value));
  }
  for (const auto& [name, value] : lines) out.append(name).append(":").append(value).append("\n");
}

void append_sub_resources(std::string& out, std::span<const SigV4Field> query) {
  std::vector<SigV4Field> found;
  for (const SigV4Field& field : query) {
    if (is_sub_resource(field.name)) found.push_back(field);
  }
  std::sort(found.begin(), found.end(), [](const SigV4Field& a, const SigV4Field& b) {
    return std::pair(a.name, a.value) < std::pair(b.name, b.value);
  });
  char separator = '?';
  for (const SigV4Field& field : found) {
    out.push_back(separator);
    separator = '&';
    out.append(field.name);
    if (!field.value.empty()) out.append("=").append(field.value);
  }
}

// application/x-www-form-urlencoded, as Java's signer writes it.
void append_form_encoded(std::string& out, std::string_view text) {
  std::string encoded;
  append_percent_encoded(encoded, text, false);
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    if (encoded.compare(i, 3, "%20") == 0) {
      out.push_back('+');
      i += 2;
    } else {
      out.push_back(encoded[i]);
    }
  }
}

}  // namespace

base::Result<SigV2Authorization> parse_sigv2_authorization(std::string_view value) {
  constexpr std::string_view Scheme = "AWS ";
  const auto rest =
      value.starts_with(Scheme) ? trim(value.substr(Scheme.size())) : std::string_view();
  const auto colon = rest.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == rest.size()) {
    return base::Error(
        base::Code::InvalidArgument,
        "AWS authorization header is invalid. Expected \"AWS AccessKeyId:signature\"");
  }
  return SigV2Authorization{std::string(rest.substr(0, colon)),
                            std::string(rest.substr(colon + 1))};
}

std::string sigv2_string_to_sign(const SigV2Request& request) {
  std::string out;
  out.reserve(512);
  out.append(request.method).append("\n");
  out.append(joined_header(request.headers, "content-md5")).append("\n");
  out.append(joined_header(request.headers, "content-type")).append("\n");
  out.append(request.date).append("\n");
  append_amz_headers(out, request.headers);
  if (!request.bucket.empty()) out.append("/").append(request.bucket);
  out.append(request.raw_path.empty() ? "/" : request.raw_path);
  append_sub_resources(out, request.query);
  return out;
}

std::string sigv2_signature(std::string_view secret, std::string_view string_to_sign) {
  return base::base64_encode(base::hmac_sha1(secret, string_to_sign));
}

std::string java_v2_string_to_sign(std::string_view host, std::string_view raw_path,
                                   std::span<const SigV4Field> query) {
  std::vector<std::pair<std::string, std::string>> encoded;
  for (const SigV4Field& field : query) {
    if (equal_lower(field.name, "signature")) continue;
    auto& pair = encoded.emplace_back();
    append_form_encoded(pair.first, field.name);
    append_form_encoded(pair.second, field.value);
  }
  std::sort(encoded.begin(), encoded.end());
  std::string out = "POST\n" + to_lower(host) + "\n";
  out.append(raw_path.empty() ? "/" : raw_path).append("\n");
  bool is_first = true;
  for (const auto& [name, value] : encoded) {
    if (!is_first) out.push_back('&');
    is_first = false;
    out.append(name).append("=").append(value);
  }
  return out;
}

std::string java_v2_signature(std::string_view secret, std::string_view string_to_sign) {
  return base::base64_encode(base::hmac_sha256(secret, string_to_sign));
}

}  // namespace varve::kernel
