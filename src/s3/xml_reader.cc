#include "s3/xml_reader.h"

#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/number.h"
#include "base/result.h"
#include "base/utf8.h"
#include "s3/errors.h"

namespace varve::s3 {
namespace {

Error malformed() { return Error(Code::MalformedXml); }

std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  const auto colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

// A reference to the character NUL would cut a key short: pugixml's texts end there.
bool refers_to_nul(std::string_view xml) {
  for (auto at = xml.find("&#"); at != std::string_view::npos; at = xml.find("&#", at + 2)) {
    auto digits = xml.substr(at + 2);
    if (digits.starts_with('x') || digits.starts_with('X')) digits.remove_prefix(1);
    const auto end = digits.find_first_not_of('0');
    if (end == std::string_view::npos || digits[end] == ';') return true;
  }
  return false;
}

bool is_shallow(const pugi::xml_node& root) {
  int depth = 1;
  pugi::xml_node node = root;
  for (;;) {
    if (const auto child = node.first_child()) {
      node = child;
      if (++depth > XmlDepthMax) return false;
      continue;
    }
    while (node != root && !node.next_sibling()) {
      node = node.parent();
      --depth;
    }
    if (node == root) return true;
    node = node.next_sibling();
  }
}

Outcome<pugi::xml_node> parse(pugi::xml_document& document, base::Bytes& xml,
                              std::string_view root_name) {
  if (!base::is_valid_utf8(xml) || xml.find('\0') != std::string::npos || refers_to_nul(xml)) {
    return malformed();
  }
  constexpr unsigned Flags =
      pugi::parse_default | pugi::parse_doctype | pugi::parse_ws_pcdata_single;
  const auto result =
      document.load_buffer_inplace(xml.data(), xml.size(), Flags, pugi::encoding_utf8);
  if (!result) return malformed();
  pugi::xml_node root;
  for (const pugi::xml_node& node : document.children()) {
    if (node.type() == pugi::node_doctype) return malformed();
    if (node.type() != pugi::node_element) continue;
    if (root) return malformed();
    root = node;
  }
  if (!root || local_name(root) != root_name || !is_shallow(root)) return malformed();
  return root;
}

std::string text_of(const pugi::xml_node& node) {
  std::string text;
  for (const pugi::xml_node& child : node.children()) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
      text.append(child.value());
    }
  }
  return text;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view Blanks = " \t\r\n";
  const auto first = text.find_first_not_of(Blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(Blanks) - first + 1);
}

std::string unquoted(std::string_view text) {
  text = trim(text);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  return std::string(text);
}

Outcome<DeleteTarget> read_target(const pugi::xml_node& node) {
  DeleteTarget target;
  bool has_key = false;
  for (const pugi::xml_node& child : node.children()) {
    const auto name = local_name(child);
    if (name == "Key") {
      target.key = text_of(child);
      has_key = true;
    }
    if (name == "VersionId") target.version_id = trim(text_of(child));
    if (name == "ETag") target.etag = trim(text_of(child));
    if (name == "Size") target.size = trim(text_of(child));
    if (name == "LastModifiedTime") target.last_modified = trim(text_of(child));
  }
  if (!has_key) return malformed();
  return target;
}

Outcome<ListedPart> read_part(const pugi::xml_node& node) {
  ListedPart part;
  bool has_number = false;
  for (const pugi::xml_node& child : node.children()) {
    const auto name = local_name(child);
    const std::string text = text_of(child);
    if (name == "PartNumber") {
      const auto number = base::parse_number<int>(trim(text));
      if (!number) return malformed();
      part.number = *number;
      has_number = true;
    } else if (name == "ETag") {
      part.etag = unquoted(text);
    } else if (name.starts_with("Checksum")) {
      part.checksums.emplace_back(std::string(name), std::string(trim(text)));
    }
  }
  if (!has_number || part.etag.empty()) return malformed();
  return part;
}

}  // namespace

Outcome<DeleteRequest> read_delete_request(base::Bytes xml) {
  pugi::xml_document document;
  VARVE_TRY(const pugi::xml_node root, parse(document, xml, "Delete"));
  DeleteRequest request;
  for (const pugi::xml_node& child : root.children()) {
    const auto name = local_name(child);
    if (name == "Quiet") request.is_quiet = trim(text_of(child)) == "true";
    if (name == "Object") {
      VARVE_TRY(DeleteTarget target, read_target(child));
      request.targets.push_back(std::move(target));
    }
  }
  return request;
}

Outcome<std::vector<ListedPart>> read_complete_request(base::Bytes xml) {
  pugi::xml_document document;
  VARVE_TRY(const pugi::xml_node root, parse(document, xml, "CompleteMultipartUpload"));
  std::vector<ListedPart> parts;
  for (const pugi::xml_node& child : root.children()) {
    if (local_name(child) != "Part") continue;
    VARVE_TRY(ListedPart part, read_part(child));
    parts.push_back(std::move(part));
  }
  if (parts.empty()) return malformed();
  return parts;
}

Outcome<std::string> read_create_bucket_request(base::Bytes xml) {
  if (trim(xml).empty()) return std::string();
  pugi::xml_document document;
  VARVE_TRY(const pugi::xml_node root, parse(document, xml, "CreateBucketConfiguration"));
  for (const pugi::xml_node& child : root.children()) {
    if (local_name(child) == "LocationConstraint") return std::string(trim(text_of(child)));
  }
  return std::string();
}

}  // namespace varve::s3
