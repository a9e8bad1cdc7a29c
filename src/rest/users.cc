// The administrator of RBAC mode `none` and its key: listUsers, createUser, getUser, deleteUser,
// createCredentials, getCredentials. rest-semantics.md 5.1, 26.
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "rest/call.h"
#include "rest/errors.h"
#include "rest/handlers.h"
#include "rest/json_body.h"
#include "rest/json_writer.h"
#include "rest/response.h"
#include "rest/rows.h"
#include "services/auth/auth.h"
#include "services/auth/names.h"
#include "services/auth/principal.h"

namespace varve::rest {

base::Task<Answer> list_users(CallPtr call) {
  VARVE_CO_TRY(const services::UserRef user, co_await call->auth().administrator(call->context()));
  base::Bytes body;
  JsonWriter json(body);
  json.begin_object();
  // One row whatever was asked for; lakeFS counts it even if it is not there.
  write_pagination(json, PageInfo{.has_more = false, .last = {}, .rows = 1, .rows_max = 0});
  json.key("results");
  json.begin_list();
  if (user != nullptr) write_user(json, *user);
  json.end_list();
  json.end_object();
  co_return json_response(std::move(body));
}

base::Task<Answer> create_user(CallPtr call) {
  const JsonObject body = call->json();
  std::string name = body.text("id");
  if (body.flag("invite_user")) {
    if (!services::is_email_address(name)) {
      co_return base::Error(base::Code::InvalidArgument, "Invalid email format");
    }
    co_return not_implemented();
  }
  VARVE_CO_TRY(const services::UserRef user,
               co_await call->auth().create_user(call->context(), std::move(name)));
  base::Bytes answer;
  JsonWriter json(answer);
  json.begin_object();
  json.field("id", std::string_view(user->name));
  json.field("creation_date", user->created_at.seconds);
  json.end_object();
  co_return json_response(std::move(answer), 201);
}

base::Task<Answer> get_user(CallPtr call) {
  VARVE_CO_TRY(const services::UserRef user,
               co_await call->auth().get_user(call->context(), call->argument("userId")));
  base::Bytes body;
  JsonWriter json(body);
  write_user(json, *user);
  co_return json_response(std::move(body));
}

base::Task<Answer> erase_user(CallPtr call) {
  VARVE_CO_CHECK(co_await call->auth().erase_user(call->context(), call->argument("userId")));
  co_return empty_response();
}

base::Task<Answer> create_credentials(CallPtr call) {
  VARVE_CO_TRY(const services::CredentialRef made,
               co_await call->auth().create_credential(call->context(), call->argument("userId"),
                                                       std::nullopt));
  base::Bytes body;
  JsonWriter json(body);
  json.begin_object();
  json.field("access_key_id", std::string_view(made->key.access_key_id));
  json.field("secret_access_key", std::string_view(made->key.secret.reveal()));
  json.field("creation_date", made->issued_at.seconds);
  json.end_object();
  co_return json_response(std::move(body), 201);
}

base::Task<Answer> get_credentials(CallPtr call) {
  VARVE_CO_TRY(const services::CredentialRef found,
               co_await call->auth().get_credential(call->context(), call->argument("userId"),
                                                    call->argument("accessKeyId")));
  base::Bytes body;
  JsonWriter json(body);
  json.begin_object();
  json.field("access_key_id", std::string_view(found->key.access_key_id));
  json.field("creation_date", found->issued_at.seconds);
  json.end_object();
  co_return json_response(std::move(body));
}

}  // namespace varve::rest
