#include "s3/upload_page.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "http/uri.h"
#include "s3/checksum.h"
#include "s3/errors.h"
#include "s3/listing.h"
#include "s3/object_properties.h"
#include "s3/xml_writer.h"

namespace varve::s3 {
namespace {

constexpr std::int64_t UploadsMax = 1000;

// The common prefix a key folds into, if any.
std::optional<std::string> folded(const UploadQuery& query, const std::string& key) {
  if (query.delimiter.empty()) return std::nullopt;
  const auto at = key.find(query.delimiter, query.prefix.size());
  if (at == std::string::npos) return std::nullopt;
  return key.substr(0, at + query.delimiter.size());
}

bool is_behind_marker(const UploadQuery& query, const UploadRow& row) {
  if (query.key_marker.empty()) return true;
  if (row.key != query.key_marker) return row.key > query.key_marker;
  return !query.id_marker.empty() && row.upload.id.view() > query.id_marker;
}

void render_person(XmlWriter& xml, std::string_view element, std::string_view name) {
  xml.open(element);
  xml.element("DisplayName", name);
  xml.element("ID", name);
  xml.close(element);
}

void render_upload(XmlWriter& xml, const UploadRow& row, std::string_view key,
                   std::string_view owner) {
  xml.open("Upload");
  xml.element("Key", key);
  xml.element("UploadId", row.upload.id.view());
  render_person(xml, "Initiator", owner);
  render_person(xml, "Owner", owner);
  xml.element("StorageClass", storage_class(row.upload.metadata));
  xml.element("Initiated", row.upload.creation_date);
  if (const auto declared = upload_note(row.upload.metadata).checksum) {
    xml.element("ChecksumAlgorithm", name_of(declared->algorithm));
    xml.element("ChecksumType", name_of(declared->type));
  }
  xml.close("Upload");
}

}  // namespace

Outcome<UploadQuery> read_upload_query(const http::Query& query, std::string_view bucket) {
  UploadQuery out;
  out.bucket = bucket;
  const auto text = [&](std::string_view name) {
    return std::string(query.get(name).value_or(""));
  };
  VARVE_TRY(out.uploads_max, read_count(query, "max-uploads", UploadsMax, 0));
  VARVE_TRY(out.is_encoded, read_encoding_type(query));
  out.prefix = text("prefix");
  out.delimiter = text("delimiter");
  out.key_marker = text("key-marker");
  out.id_marker = text("upload-id-marker");
  return out;
}

UploadPage select_uploads(const UploadQuery& query, std::vector<UploadRow> rows) {
  std::erase_if(rows, [&](const UploadRow& row) {
    return !row.key.starts_with(query.prefix) || !is_behind_marker(query, row);
  });
  // Ids grow with time, so they order uploads of one key as their creation does.
  std::sort(rows.begin(), rows.end(), [](const UploadRow& a, const UploadRow& b) {
    return std::forward_as_tuple(a.key, a.upload.id) < std::forward_as_tuple(b.key, b.upload.id);
  });
  UploadPage page;
  for (UploadRow& row : rows) {
    const auto prefix = folded(query, row.key);
    // Behind a common prefix there is nothing more of it, on this page or on the one before.
    if (prefix && prefix == query.key_marker) continue;
    const bool is_repeated =
        prefix && !page.common_prefixes.empty() && page.common_prefixes.back() == *prefix;
    if (is_repeated) continue;
    const auto count = static_cast<std::int64_t>(page.rows.size() + page.common_prefixes.size());
    if (count == query.uploads_max) {
      page.is_truncated = query.uploads_max > 0;
      break;
    }
    if (prefix) {
      page.next_key = *prefix;
      page.next_id.clear();
      page.common_prefixes.push_back(*prefix);
    } else {
      page.next_key = row.key;
      page.next_id = row.upload.id.str();
      page.rows.push_back(std::move(row));
    }
  }
  return page;
}

base::Bytes render(const UploadQuery& query, const UploadPage& page, std::string_view owner) {
  const auto shown = [&](const std::string& text) {
    return query.is_encoded ? encode_key(text) : text;
  };
  const auto element = [&](XmlWriter& xml, std::string_view name, const std::string& text) {
    xml.element(name, std::string_view(shown(text)));
  };
  XmlWriter xml;
  xml.open_root("ListMultipartUploadsResult");
  xml.element("Bucket", std::string_view(query.bucket));
  for (const UploadRow& row : page.rows) render_upload(xml, row, shown(row.key), owner);
  element(xml, "KeyMarker", query.key_marker);
  xml.element("UploadIdMarker", std::string_view(query.id_marker));
  element(xml, "NextKeyMarker", page.is_truncated ? page.next_key : std::string());
  xml.element("NextUploadIdMarker",
              std::string_view(page.is_truncated ? page.next_id : std::string()));
  xml.element("IsTruncated", page.is_truncated);
  xml.element("MaxUploads", query.uploads_max);
  element(xml, "Prefix", query.prefix);
  if (!query.delimiter.empty()) element(xml, "Delimiter", query.delimiter);
  if (query.is_encoded) xml.element("EncodingType", "url");
  for (const std::string& prefix : page.common_prefixes) {
    xml.open("CommonPrefixes");
    element(xml, "Prefix", prefix);
    xml.close("CommonPrefixes");
  }
  xml.close("ListMultipartUploadsResult");
  return xml.take();
}

}  // namespace varve::s3
