#include "rest/response.h"

#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "http/message.h"
#include "rest/errors.h"
#include "rest/json_writer.h"

namespace varve::rest {

http::Response json_response(base::Bytes body, int status) {
  body.push_back('\n');
  http::Response response(status, "application/json", std::move(body));
  response.headers.add("X-Content-Type-Options", "nosniff");
  return response;
}

http::Response empty_response(int status) { return http::Response(status); }

http::Response error_response(int status, std::string_view message) {
  base::Bytes body;
  JsonWriter json(body);
  json.begin_object();
  json.field("message", message);
  json.end_object();
  return json_response(std::move(body), status);
}

http::Response error_response(const base::Error& error) {
  return error_response(status_of(error), message_of(error));
}

}  // namespace varve::rest
