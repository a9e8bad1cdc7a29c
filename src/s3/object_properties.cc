#include "s3/object_properties.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/number.h"
#include "http/headers.h"
#include "model/records.h"
#include "s3/checksum.h"
#include "s3/errors.h"

namespace varve::s3 {
namespace {

struct SystemHeader {
  std::string_view header;
  std::string_view key;
};
constexpr std::array<SystemHeader, 5> SystemHeaders{{
    {"Cache-Control", "::varve::cache-control"},
    {"Content-Disposition", "::varve::content-disposition"},
    {"Content-Encoding", "::varve::content-encoding"},
    {"Content-Language", "::varve::content-language"},
    {"Expires", "::varve::expires"},
}};
const std::string StorageClassKey = "::varve::storage-class";
const std::string ChecksumKey = "::varve::checksum";
const std::string PartsKey = "::varve::part-sizes";
const std::string UploadRefKey = "::varve::upload-ref";
const std::string UploadChecksumKey = "::varve::upload-checksum";

constexpr std::string_view Standard = "STANDARD";
constexpr std::array<std::string_view, 12> StorageClasses{
    Standard,          "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING",
    "GLACIER",         "DEEP_ARCHIVE",       "OUTPOSTS",    "GLACIER_IR", "SNOW",
    "EXPRESS_ONEZONE", "FSX_OPENZFS"};

std::string_view find(const model::Metadata& metadata, const std::string& key) {
  const auto found = metadata.find(key);
  return found == metadata.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Header values are bytes; metadata is text. A byte beyond ASCII in one of these says nothing a
// client could rely on.
std::string ascii_of(std::string_view value) {
  std::string out(value);
  std::replace_if(out.begin(), out.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return out;
}

// Takes the text before `separator` off the front.
std::string_view cut(std::string_view& text, char separator) {
  const auto at = text.find(separator);
  const auto piece = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return piece;
}

std::optional<std::int64_t> parse_count(std::string_view text) {
  const auto value = base::parse_number<std::int64_t>(text);
  return value >= 0 ? value : std::nullopt;
}

}  // namespace

std::string to_text(const StoredChecksum& stored) {
  std::string out(name_of(stored.checksum.algorithm));
  return out.append(" ").append(name_of(stored.type)).append(" ").append(stored.checksum.value);
}

std::optional<StoredChecksum> parse_stored_checksum(std::string_view text) {
  const auto algorithm = checksum_algorithm(cut(text, ' '));
  const auto type = checksum_type(cut(text, ' '));
  if (!algorithm || !type || text.empty()) return std::nullopt;
  return StoredChecksum{Checksum{*algorithm, std::string(text)}, *type};
}

std::string without_aws_chunked(std::string_view content_encoding) {
  std::string out;
  while (!content_encoding.empty()) {
    const auto coding = trim(cut(content_encoding, ','));
    if (coding.empty() || http::equal_ignoring_case(coding, "aws-chunked")) continue;
    if (!out.empty()) out.append(",");
    out.append(coding);
  }
  return out;
}

void read_system_headers(const http::Headers& headers, model::Metadata& metadata) {
  for (const SystemHeader& one : SystemHeaders) {
    std::string value = ascii_of(headers.get_or_empty(one.header));
    if (one.header == "Content-Encoding") value = without_aws_chunked(value);
    if (!value.empty()) metadata.insert_or_assign(std::string(one.key), std::move(value));
  }
}

void add_system_headers(http::Headers& headers, const model::Metadata& metadata) {
  if (metadata.empty()) return;
  for (const SystemHeader& one : SystemHeaders) {
    const auto value = find(metadata, std::string(one.key));
    if (!value.empty()) headers.add(one.header, value);
  }
}

Outcome<void> read_storage_class(const http::Headers& headers, model::Metadata& metadata) {
  const auto name = headers.get_or_empty("x-amz-storage-class");
  if (name.empty() || name == Standard) return {};
  if (std::find(StorageClasses.begin(), StorageClasses.end(), name) == StorageClasses.end()) {
    return Error(Code::InvalidStorageClass);
  }
  metadata.insert_or_assign(StorageClassKey, std::string(name));
  return {};
}

std::string_view storage_class(const model::Metadata& metadata) {
  const auto kept = find(metadata, StorageClassKey);
  return kept.empty() ? Standard : kept;
}

void erase_storage_class(model::Metadata& metadata) { metadata.erase(StorageClassKey); }

void set_checksum(model::Metadata& metadata, const StoredChecksum& stored) {
  metadata.insert_or_assign(ChecksumKey, to_text(stored));
}

std::optional<StoredChecksum> stored_checksum(const model::Metadata& metadata) {
  if (metadata.empty()) return std::nullopt;
  return parse_stored_checksum(find(metadata, ChecksumKey));
}

// "5242880*3,17": runs of equal sizes, since all parts but the last usually are.
void set_part_sizes(model::Metadata& metadata, const std::vector<std::int64_t>& sizes) {
  std::string text;
  for (std::size_t i = 0; i < sizes.size();) {
    std::size_t end = i;
    while (end < sizes.size() && sizes[end] == sizes[i]) ++end;
    if (!text.empty()) text.append(",");
    text.append(std::to_string(sizes[i]));
    if (end - i > 1) text.append("*").append(std::to_string(end - i));
    i = end;
  }
  metadata.insert_or_assign(PartsKey, std::move(text));
}

std::vector<std::int64_t> part_sizes(const model::Metadata& metadata) {
  constexpr std::int64_t PartsMax = 10000;
  std::vector<std::int64_t> sizes;
  if (metadata.empty()) return sizes;
  auto text = find(metadata, PartsKey);
  while (!text.empty()) {
    auto run = cut(text, ',');
    const auto size = parse_count(cut(run, '*'));
    const auto count = run.empty() ? std::optional<std::int64_t>(1) : parse_count(run);
    if (!size || !count || *count > PartsMax - static_cast<std::int64_t>(sizes.size())) return {};
    sizes.insert(sizes.end(), static_cast<std::size_t>(*count), *size);
  }
  return sizes;
}

void erase_parts(model::Metadata& metadata) {
  metadata.erase(PartsKey);
  const auto stored = stored_checksum(metadata);
  if (stored && stored->type == ChecksumType::Composite) metadata.erase(ChecksumKey);
}

model::Metadata data_properties(const model::Metadata& metadata) {
  model::Metadata out;
  for (const std::string* key : {&ChecksumKey, &PartsKey}) {
    const auto value = find(metadata, *key);
    if (!value.empty()) out.emplace(*key, value);
  }
  return out;
}

void set_upload_note(model::Metadata& metadata, const UploadNote& note) {
  metadata.insert_or_assign(UploadRefKey, note.ref);
  if (!note.checksum) return;
  std::string text(name_of(note.checksum->algorithm));
  text.append(" ").append(name_of(note.checksum->type));
  metadata.insert_or_assign(UploadChecksumKey, std::move(text));
}

UploadNote upload_note(const model::Metadata& metadata) {
  UploadNote note;
  note.ref = find(metadata, UploadRefKey);
  auto text = find(metadata, UploadChecksumKey);
  const auto algorithm = checksum_algorithm(cut(text, ' '));
  const auto type = checksum_type(text);
  if (algorithm && type) note.checksum = DeclaredChecksum{*algorithm, *type};
  return note;
}

void erase_upload_note(model::Metadata& metadata) {
  metadata.erase(UploadRefKey);
  metadata.erase(UploadChecksumKey);
}

void keep_listed_properties(model::Metadata& metadata) {
  std::erase_if(metadata, [](const auto& one) {
    return one.first != StorageClassKey && one.first != UploadRefKey &&
           one.first != UploadChecksumKey;
  });
}

Outcome<void> check_write_headers(const http::Headers& headers) {
  const auto encryption = headers.get_or_empty("x-amz-server-side-encryption");
  if (!encryption.empty() && encryption != "AES256") {
    return Error(Code::NotImplemented, "Encryption with managed keys is not implemented.");
  }
  if (headers.has("x-amz-server-side-encryption-customer-algorithm") ||
      headers.has("x-amz-server-side-encryption-customer-key")) {
    return Error(Code::NotImplemented, "Encryption with customer keys is not implemented.");
  }
  if (headers.has("x-amz-object-lock-mode") || headers.has("x-amz-object-lock-retain-until-date") ||
      headers.has("x-amz-object-lock-legal-hold")) {
    return Error(Code::InvalidRequest, "Bucket is missing Object Lock Configuration");
  }
  if (headers.has("x-amz-write-offset-bytes")) {
    return Error(Code::NotImplemented, "Appending to an object is not implemented.");
  }
  return {};
}

Outcome<void> check_read_headers(const http::Headers& headers) {
  if (!headers.has("x-amz-server-side-encryption-customer-algorithm") &&
      !headers.has("x-amz-server-side-encryption-customer-key")) {
    return {};
  }
  return Error(Code::InvalidRequest,
               "The encryption parameters are not applicable to this object.");
}

}  // namespace varve::s3
