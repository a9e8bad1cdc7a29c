// Writes S3's XML: no indentation, no attributes but the namespace on the root, text escaped.
//
// A character that XML 1.0 cannot carry, or a byte that is not UTF-8, becomes U+FFFD: the document
// stays readable, and a client that wants such keys asks for encoding-type=url.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"

namespace varve::s3 {

constexpr std::string_view XmlNamespace = "http://s3.amazonaws.com/doc/2006-03-01/";

class XmlWriter {
 public:
  XmlWriter() : out_(R"(<?xml version="1.0" encoding="UTF-8"?>)") {}

  void reserve(std::size_t bytes) { out_.reserve(bytes); }
  void open_root(std::string_view name);        // with the namespace
  void open_plain_root(std::string_view name);  // without: Error
  void open(std::string_view name);
  void close(std::string_view name);
  void element(std::string_view name, std::string_view text);
  void element(std::string_view name, const char* text) { element(name, std::string_view(text)); }
  void element(std::string_view name, std::int64_t number);
  void element(std::string_view name, bool value);
  void element(std::string_view name, base::Timestamp time);  // with three decimals
  void quoted(std::string_view name, std::string_view etag);  // "etag", in quotes
  void empty(std::string_view name);
  void open_typed_grantee();  // <Grantee xsi:type="CanonicalUser">, the one element with a type
  void text(std::string_view text);
  base::Bytes take() { return std::move(out_); }

 private:
  base::Bytes out_;
};

}  // namespace varve::s3
