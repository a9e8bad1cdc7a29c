// Logins and who one is: login, getAuthCapabilities, getCurrentUser. rest-semantics.md 4.
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "http/message.h"
#include "rest/call.h"
#include "rest/cookie.h"
#include "rest/errors.h"
#include "rest/handlers.h"
#include "rest/json_body.h"
#include "rest/json_writer.h"
#include "rest/options.h"
#include "rest/response.h"
#include "rest/rows.h"
#include "services/auth/auth.h"

namespace varve::rest {

base::Task<Answer> login(CallPtr call) {
  if (!call->body) co_return unauthenticated();
  const JsonObject body = call->json();
  VARVE_CO_TRY(const services::Login login,
               co_await call->auth().login(call->context(), body.text("access_key_id"),
                                           body.text("secret_access_key")));
  base::Bytes answer;
  JsonWriter json(answer);
  json.begin_object();
  json.field("token", std::string_view(login.token));
  json.field("token_expiration", login.expires_at.seconds);
  json.end_object();
  http::Response response = json_response(std::move(answer));
  const ApiOptions& options = call->services.options;
  response.headers.add("Set-Cookie",
                       session_cookie(login.cookie, call->services.clock.now(), options));
  co_return response;
}

base::Task<Answer> get_auth_capabilities(CallPtr call) {
  static_cast<void>(call);
  co_return json_response(R"({"invite_user":false})");
}

base::Task<Answer> get_current_user(CallPtr call) {
  base::Bytes body;
  JsonWriter json(body);
  json.begin_object();
  json.key("user");
  if (call->principal != nullptr) {
    write_user(json, *call->principal);
  } else {
    json.begin_object();
    json.field("id", "");
    json.field("creation_date", 0);
    json.end_object();
  }
  json.end_object();
  co_return json_response(std::move(body));
}

// lakeFS answers so without an identity provider: nothing was asked, nothing comes of it.
base::Task<Answer> oauth_callback(CallPtr call) {
  static_cast<void>(call);
  co_return empty_response(200);
}

base::Task<Answer> unsupported(CallPtr call) {
  static_cast<void>(call);
  co_return not_implemented();
}

}  // namespace varve::rest
