// What the caller must be allowed to do for each endpoint (reference 5.2). Object paths carry no
// ref: a policy on paths holds for all branches.
#pragma once

#include <vector>

#include "http/message.h"
#include "s3/address.h"
#include "s3/router.h"
#include "s3/s3.h"
#include "services/auth/authorizer.h"

namespace varve::s3 {

// `copy` is the source of a copy, else null. Of DeleteObjects nothing: its keys are asked about one
// by one.
std::vector<services::Permission> permissions_of(const http::Request& request, const Route& route,
                                                 const Address& address, const http::Query& query,
                                                 const CopySource* copy);

// Whether a listing shows branches: its prefix names no ref that ends.
bool lists_branches(const http::Query& query);

// What a browser needs to see, where CORS is configured (cors.cc).
void add_cors_headers(const http::Request& request, const GatewayOptions& options,
                      http::Response& response);

}  // namespace varve::s3
