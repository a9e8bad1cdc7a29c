// One page of a bucket listing: what was asked, what was found, and its XML.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "engine/objects/objects.h"
#include "http/uri.h"
#include "s3/errors.h"

namespace varve::s3 {

struct ListPage {
  // Asked.
  bool is_v2 = false;
  std::string bucket;
  std::string prefix;  // as sent
  std::string delimiter;
  std::string marker;  // v1 marker, v2 start-after
  std::string token;   // v2, as sent
  bool has_token = false;
  bool has_start_after = false;
  bool is_encoded = false;
  bool shows_owner = false;
  std::int64_t keys_max = 0;
  std::string owner;
  // Found.
  bool is_root = false;
  std::vector<std::string> branches;  // at the root
  std::string ref;
  std::vector<engine::ObjectRow> rows;  // below one
  bool is_truncated = false;
};

//   InvalidArgument  list-type, max-keys or encoding-type
Outcome<ListPage> read_list_request(const http::Query& query, std::string_view bucket);

base::Bytes render(const ListPage& page);

}  // namespace varve::s3
