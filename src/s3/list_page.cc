#include "s3/list_page.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "engine/objects/objects.h"
#include "http/uri.h"
#include "s3/checksum.h"
#include "s3/errors.h"
#include "s3/exchange.h"
#include "s3/listing.h"
#include "s3/object_properties.h"
#include "s3/xml_writer.h"

namespace varve::s3 {
namespace {

std::string shown(const ListPage& page, std::string_view text) {
  return page.is_encoded ? encode_key(text) : std::string(text);
}

// The last name of the page, from which the next one goes on.
std::string last_name(const ListPage& page) {
  if (page.is_root) return page.branches.empty() ? std::string() : page.branches.back();
  return page.rows.empty() ? std::string() : page.ref + "/" + page.rows.back().path;
}

void render_owner(XmlWriter& xml, const ListPage& page) {
  xml.open("Owner");
  xml.element("DisplayName", page.owner);
  xml.element("ID", page.owner);
  xml.close("Owner");
}

void render_prefixes(XmlWriter& xml, const ListPage& page) {
  const auto one = [&](std::string_view name) {
    xml.open("CommonPrefixes");
    xml.element("Prefix", std::string_view(shown(page, name)));
    xml.close("CommonPrefixes");
  };
  for (const std::string& branch : page.branches) one(branch + "/");
  std::string key = page.ref + "/";
  const auto ref_size = key.size();
  for (const engine::ObjectRow& row : page.rows) {
    if (row.entry) continue;
    key.resize(ref_size);
    one(key.append(row.path));
  }
}

void render_contents(XmlWriter& xml, const ListPage& page) {
  std::string key = page.ref + "/";
  const auto ref_size = key.size();
  for (const engine::ObjectRow& row : page.rows) {
    if (!row.entry) continue;
    key.resize(ref_size);
    key.append(row.path);
    xml.open("Contents");
    if (page.is_encoded) {
      xml.element("Key", std::string_view(encode_key(key)));
    } else {
      xml.element("Key", std::string_view(key));
    }
    xml.element("LastModified", row.entry->last_modified);
    xml.quoted("ETag", row.entry->etag);
    xml.element("Size", row.entry->size);
    xml.element("StorageClass", storage_class(row.entry->metadata));
    if (page.shows_owner) render_owner(xml, page);
    if (const auto stored = stored_checksum(row.entry->metadata)) {
      xml.element("ChecksumAlgorithm", name_of(stored->checksum.algorithm));
      xml.element("ChecksumType", name_of(stored->type));
    }
    xml.close("Contents");
  }
}

void render_paging(XmlWriter& xml, const ListPage& page) {
  const std::string last = last_name(page);
  if (page.is_v2) {
    if (page.is_truncated) xml.element("NextContinuationToken", std::string_view(make_token(last)));
    if (page.has_token) xml.element("ContinuationToken", std::string_view(page.token));
    if (page.has_start_after) {
      xml.element("StartAfter", std::string_view(shown(page, page.marker)));
    }
    return;
  }
  xml.element("Marker", std::string_view(shown(page, page.marker)));
  if (page.is_truncated && !page.delimiter.empty()) {
    xml.element("NextMarker", std::string_view(shown(page, last)));
  }
}

}  // namespace

Outcome<ListPage> read_list_request(const http::Query& query, std::string_view bucket) {
  ListPage page;
  page.bucket = bucket;
  const auto text = [&](std::string_view name) {
    return std::string(query.get(name).value_or(""));
  };
  const std::string type = text("list-type");
  if (!type.empty() && type != "1" && type != "2") {
    return invalid_argument("list-type", type, "Invalid list-type");
  }
  page.is_v2 = type == "2";
  page.prefix = text("prefix");
  page.delimiter = text("delimiter");
  VARVE_TRY(page.keys_max, read_count(query, "max-keys", KeysMax, 0));
  VARVE_TRY(page.is_encoded, read_encoding_type(query));
  if (page.is_v2) {
    page.marker = text("start-after");
    page.has_start_after = !page.marker.empty();
    page.token = text("continuation-token");
    page.has_token = query.has("continuation-token");
    page.shows_owner = text("fetch-owner") == "true";
  } else {
    page.marker = text("marker");
    page.shows_owner = true;
  }
  return page;
}

base::Bytes render(const ListPage& page) {
  XmlWriter xml;
  xml.reserve(512 + page.rows.size() * 320);
  xml.open_root("ListBucketResult");
  xml.element("Name", std::string_view(page.bucket));
  xml.element("IsTruncated", page.is_truncated);
  xml.element("Prefix", std::string_view(shown(page, page.prefix)));
  if (!page.delimiter.empty()) {
    xml.element("Delimiter", std::string_view(shown(page, page.delimiter)));
  }
  if (page.is_v2) {
    xml.element("KeyCount", static_cast<std::int64_t>(page.rows.size() + page.branches.size()));
  }
  xml.element("MaxKeys", page.keys_max);
  if (page.is_encoded) xml.element("EncodingType", "url");
  render_prefixes(xml, page);
  render_paging(xml, page);
  render_contents(xml, page);
  xml.close("ListBucketResult");
  return xml.take();
}

}  // namespace varve::s3
