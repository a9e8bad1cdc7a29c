#include "s3/xml_writer.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "base/utf8.h"

namespace varve::s3 {
namespace {

// Bytes that go out as they are, whatever surrounds them.
constexpr std::array<bool, 256> plain_table() {
  std::array<bool, 256> table{};
  for (std::size_t i = 0x20; i < 0x7f; ++i) table[i] = true;
  for (const char c : std::string_view("&<>\"")) table[static_cast<unsigned char>(c)] = false;
  table['\t'] = table['\n'] = true;
  return table;
}
constexpr std::array<bool, 256> Plain = plain_table();
constexpr std::string_view Replacement = "\xEF\xBF\xBD";

bool is_xml_character(char32_t c) {
  return c == 0x9 || c == 0xA || (c >= 0x20 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) ||
         c >= 0x10000;
}

// Takes one character off the front; a byte that begins none is taken alone, as U+FFFF.
char32_t cut_character(std::string_view& text, std::string_view& raw) {
  const auto lead = static_cast<unsigned char>(text.front());
  std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  char32_t value = 0xFFFF;
  if (size <= text.size() && base::is_valid_utf8(text.substr(0, size))) {
    value = size == 1 ? lead : lead & (0x7FU >> size);
    for (std::size_t i = 1; i < size; ++i) {
      value = value << 6U | (static_cast<unsigned char>(text[i]) & 0x3FU);
    }
  } else {
    size = 1;
  }
  raw = text.substr(0, size);
  text.remove_prefix(size);
  return value;
}

}  // namespace

void XmlWriter::open_root(std::string_view name) {
  out_.append("<").append(name).append(" xmlns=\"").append(XmlNamespace).append("\">");
}
void XmlWriter::open_plain_root(std::string_view name) { open(name); }
void XmlWriter::open(std::string_view name) { out_.append("<").append(name).append(">"); }
void XmlWriter::close(std::string_view name) { out_.append("</").append(name).append(">"); }
void XmlWriter::empty(std::string_view name) { out_.append("<").append(name).append("/>"); }

void XmlWriter::open_typed_grantee() {
  out_.append(R"(<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" )"
              R"(xsi:type="CanonicalUser">)");
}

void XmlWriter::element(std::string_view name, std::string_view content) {
  open(name);
  text(content);
  close(name);
}
void XmlWriter::element(std::string_view name, std::int64_t number) {
  element(name, std::string_view(std::to_string(number)));
}
void XmlWriter::element(std::string_view name, bool value) {
  element(name, std::string_view(value ? "true" : "false"));
}
void XmlWriter::element(std::string_view name, base::Timestamp time) {
  element(name, std::string_view(base::format_iso8601_millis(time)));
}

void XmlWriter::quoted(std::string_view name, std::string_view etag) {
  open(name);
  out_.append("&quot;");
  text(etag);
  out_.append("&quot;");
  close(name);
}

void XmlWriter::text(std::string_view content) {
  while (!content.empty()) {
    std::size_t plain = 0;
    while (plain < content.size() && Plain[static_cast<unsigned char>(content[plain])]) ++plain;
    out_.append(content.substr(0, plain));
    content.remove_prefix(plain);
    if (content.empty()) return;
    std::string_view raw;
    const char32_t c = cut_character(content, raw);
    switch (c) {
      case U'&':
        out_.append("&amp;");
        break;
      case U'<':
        out_.append("&lt;");
        break;
      case U'>':
        out_.append("&gt;");
        break;
      case U'"':
        out_.append("&quot;");  // older AWS CRTs undo this spelling alone
        break;
      case U'\r':
        out_.append("&#13;");
        break;
      default:
        out_.append(is_xml_character(c) ? raw : Replacement);
    }
  }
}

}  // namespace varve::s3
