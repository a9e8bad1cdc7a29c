// What lies outside /api/v1: the OpenAPI document, the logout page, the web interface and the
// answers for features that are not here. rest-semantics.md 1.2.
#pragma once

#include <string>

#include "base/bytes.h"
#include "http/message.h"
#include "rest/options.h"

namespace varve::rest {

class Pages {
 public:
  explicit Pages(const ApiOptions& options);

  // Never suspends: everything is in memory.
  http::Response answer(const http::Request& request) const;

 private:
  http::Response logout(const http::Request& request) const;
  http::Response interface(const http::Request& request) const;
  http::Response index(const http::Request& request) const;

  const ApiOptions& options_;
  const base::Bytes openapi_;
  base::Bytes index_;  // index.html, snippets included
  std::string index_etag_;
};

// The OpenAPI 3 document of the table: paths, parameters, bodies.
base::Bytes openapi_document(const ApiOptions& options);

// What a client that signs as AWS clients do is told when it reaches the wrong place.
http::Response wrong_endpoint(const ApiOptions& options, const http::Request& request);

}  // namespace varve::rest
