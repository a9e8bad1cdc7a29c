// What the scenarios see of the API's answers, and the way back.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tests/scenario/options.h"
#include "tests/scenario/rest_server.h"

namespace varve::scenario {

// The member as text; "" if there is none.
std::string text_of(const boost::json::object& object, std::string_view name);
boost::json::object json_of(const Metadata& metadata);
boost::json::array json_of(const std::vector<std::string>& texts);
Metadata metadata_of(const boost::json::object& object);
CommitView commit_of(const boost::json::object& object);
base::Error error_of(const RestReply& reply);

}  // namespace varve::scenario
