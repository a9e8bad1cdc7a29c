// GetObjectAttributes: GET /bucket/ref/path?attributes (reference 3.17).

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "http/headers.h"
#include "http/message.h"
#include "http/uri.h"
#include "model/records.h"
#include "s3/call.h"
#include "s3/checksum.h"
#include "s3/errors.h"
#include "s3/exchange.h"
#include "s3/listing.h"
#include "s3/object_properties.h"
#include "s3/xml_writer.h"

namespace varve::s3 {
namespace {

constexpr std::int64_t PartsMax = 1000;

// The names in x-amz-object-attributes, which may come as one header or several.
Outcome<std::set<std::string>> wanted_attributes(const http::Headers& headers) {
  static const std::set<std::string> Known{"ETag", "Checksum", "ObjectParts", "StorageClass",
                                           "ObjectSize"};
  std::set<std::string> wanted;
  for (std::string_view text : headers.get_all("x-amz-object-attributes")) {
    while (!text.empty()) {
      const auto comma = text.find(',');
      std::string name(text.substr(0, comma));
      text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
      std::erase(name, ' ');
      if (name.empty()) continue;
      if (!Known.contains(name)) {
        return invalid_argument("x-amz-object-attributes", std::move(name),
                                "Invalid attribute name specified.");
      }
      wanted.insert(std::move(name));
    }
  }
  if (wanted.empty()) {
    return Error(Code::InvalidRequest,
                 "The x-amz-object-attributes header specifying the attributes to be retrieved is "
                 "either missing or empty");
  }
  return wanted;
}

Outcome<std::int64_t> header_count(const http::Headers& headers, std::string_view name,
                                   std::int64_t maximum, std::int64_t fallback) {
  const auto text = headers.get_or_empty(name);
  if (text.empty()) return fallback;
  const http::Query query = http::Query::parse("n=" + std::string(text));
  auto count = read_count(query, "n", maximum, 0);
  if (count) return count;
  return invalid_argument(name, std::string(text), "Not an integer or not within integer range");
}

void render_checksum(XmlWriter& xml, const model::Entry& entry) {
  const auto stored = stored_checksum(entry.metadata);
  if (!stored) return;
  xml.open("Checksum");
  xml.element(element_of(stored->checksum.algorithm), std::string_view(stored->checksum.value));
  xml.element("ChecksumType", name_of(stored->type));
  xml.close("Checksum");
}

void render_parts(XmlWriter& xml, const std::vector<std::int64_t>& sizes, std::int64_t marker,
                  std::int64_t limit) {
  if (sizes.empty()) return;
  const auto count = static_cast<std::int64_t>(sizes.size());
  const std::int64_t first = std::min(marker, count);
  const std::int64_t last = std::min(first + limit, count);
  xml.open("ObjectParts");
  xml.element("IsTruncated", last < count);
  xml.element("MaxParts", limit);
  xml.element("NextPartNumberMarker", last);
  xml.element("PartNumberMarker", marker);
  for (std::int64_t i = first; i < last; ++i) {
    xml.open("Part");
    xml.element("PartNumber", i + 1);
    xml.element("Size", sizes[static_cast<std::size_t>(i)]);
    xml.close("Part");
  }
  xml.element("PartsCount", count);
  xml.close("ObjectParts");
}

}  // namespace

Reply Exchange::object_attributes() {
  VARVE_CO_TRY(const auto wanted, wanted_attributes(request_.headers));
  VARVE_CO_TRY(const std::int64_t limit,
               header_count(request_.headers, "x-amz-max-parts", PartsMax, PartsMax));
  VARVE_CO_TRY(const std::int64_t marker,
               header_count(request_.headers, "x-amz-part-number-marker", 10000, 0));
  VARVE_CO_CHECK(check_version());
  VARVE_CO_TRY(const model::Entry entry, co_await find_entry());
  XmlWriter xml;
  xml.open_root("GetObjectAttributesResponse");
  if (wanted.contains("ETag")) xml.element("ETag", std::string_view(entry.etag));
  if (wanted.contains("Checksum")) render_checksum(xml, entry);
  if (wanted.contains("ObjectParts")) render_parts(xml, part_sizes(entry.metadata), marker, limit);
  if (wanted.contains("StorageClass")) xml.element("StorageClass", storage_class(entry.metadata));
  if (wanted.contains("ObjectSize")) xml.element("ObjectSize", entry.size);
  xml.close("GetObjectAttributesResponse");
  http::Response response = xml_response(xml.take());
  response.headers.add("Last-Modified", base::format_http_date(entry.last_modified));
  co_return response;
}

}  // namespace varve::s3
