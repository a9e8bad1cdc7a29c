// The first setup: setupCommPrefs, getSetupState, setup. rest-semantics.md 9.1-9.3.
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/task.h"
#include "rest/call.h"
#include "rest/handlers.h"
#include "rest/json_body.h"
#include "rest/json_writer.h"
#include "rest/options.h"
#include "rest/response.h"
#include "services/auth/auth.h"
#include "services/auth/principal.h"

namespace varve::rest {
namespace {

services::ContactDetails contact_of(const JsonObject& body) {
  services::ContactDetails contact;
  contact.email = body.text("email");
  contact.first_name = body.text("firstName");
  contact.last_name = body.text("lastName");
  contact.company = body.text("companyName");
  contact.wants_feature_updates = body.flag("featureUpdates");
  return contact;
}

void write_login_config(JsonWriter& json, const LoginOptions& login) {
  json.begin_object();
  json.field("RBAC", std::string_view(login.rbac));
  json.field("login_url", std::string_view(login.login_url));
  json.field("login_url_method", std::string_view(login.login_url_method));
  json.field("login_failed_message", std::string_view(login.login_failed_message));
  if (login.fallback_login_url) {
    json.field("fallback_login_url", std::string_view(*login.fallback_login_url));
  }
  if (login.fallback_login_label) {
    json.field("fallback_login_label", std::string_view(*login.fallback_login_label));
  }
  json.key("login_cookie_names");
  json.begin_list();
  for (const std::string& name : login.login_cookie_names) json.text(name);
  json.end_list();
  json.field("logout_url", std::string_view(login.logout_url));
  if (login.use_login_placeholders) {
    json.field("username_ui_placeholder", "Username");
    json.field("password_ui_placeholder", "Password");
  }
  json.end_object();
}

}  // namespace

base::Task<Answer> get_setup_state(CallPtr call) {
  VARVE_CO_TRY(services::SetupState state, co_await call->auth().setup_state(call->context()));
  const LoginOptions& login = call->services.options.login;
  if (login.rbac == "external") state = {.is_initialized = true, .is_missing_comm_prefs = false};
  base::Bytes body;
  JsonWriter json(body);
  json.begin_object();
  json.field("state", state.is_initialized ? "initialized" : "not_initialized");
  json.field("comm_prefs_missing", state.is_missing_comm_prefs);
  json.key("login_config");
  write_login_config(json, login);
  json.end_object();
  co_return json_response(std::move(body));
}

base::Task<Answer> set_up(CallPtr call) {
  const JsonObject body = call->json();
  std::optional<services::KeyPair> key;
  if (body.has("key")) {
    const JsonObject pair = body.object("key");
    key = services::KeyPair{pair.text("access_key_id"),
                            base::Secret<std::string>(pair.text("secret_access_key"))};
  }
  VARVE_CO_TRY(const services::CredentialRef made,
               co_await call->auth().setup(call->context(), body.text("username"), std::move(key),
                                           contact_of(body)));
  base::Bytes answer;
  JsonWriter json(answer);
  json.begin_object();
  json.field("access_key_id", std::string_view(made->key.access_key_id));
  json.field("secret_access_key", std::string_view(made->key.secret.reveal()));
  json.field("creation_date", made->issued_at.seconds);
  json.end_object();
  co_return json_response(std::move(answer));
}

base::Task<Answer> set_up_comm_prefs(CallPtr call) {
  VARVE_CO_CHECK(co_await call->auth().set_comm_prefs(call->context(), contact_of(call->json())));
  co_return empty_response(200);
}

}  // namespace varve::rest
