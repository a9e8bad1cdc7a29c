// Which repository, ref and path a request is about: by host and path, or by the text of a key.
//
// Bytes are decoded once and never normalised: `//`, `.` and `..` belong to the key.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/message.h"
#include "s3/errors.h"

namespace varve::s3 {

struct Address {
  std::string repository;
  std::string ref;
  std::string path;
  bool is_matched_host = false;  // the host is a configured domain, or below one
  bool is_virtual_host = false;  // the repository is a label of the host

  std::string key() const { return ref + "/" + path; }
};

// `host` may carry a port. Domains and labels are compared without case; exactly one label may
// stand before a domain.
struct HostMatch {
  bool is_domain = false;
  std::string label;  // in lower case; of a direct sub-domain
};
HostMatch match_host(std::string_view host, std::span<const std::string> domains);

// `path` is decoded already, with or without its leading slash.
Address parse_address(std::string_view host, std::string_view path,
                      std::span<const std::string> domains);

// Whether a request is meant for the gateway (reference 1.1).
bool is_gateway_request(const http::Request& request, std::span<const std::string> domains);

// A key inside a parameter or a body: `ref`, `ref/` or `ref/path`, one leading slash tolerated.
struct SplitKey {
  std::string ref;
  std::string path;
  bool with_path = false;  // there was a slash after the ref
};
std::optional<SplitKey> split_key(std::string_view text);  // absent: malformed

struct CopySource {
  std::string repository;
  std::string ref;
  std::string path;
  std::string version_id;
};
//   InvalidArgument  a broken escape, or repository, ref or path is missing
Outcome<CopySource> parse_copy_source(std::string_view header);

}  // namespace varve::s3
