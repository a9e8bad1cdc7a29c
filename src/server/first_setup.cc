#include "server/first_setup.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "http/headers.h"
#include "http/message.h"
#include "http/server.h"
#include "server/config.h"
#include "services/auth/auth.h"
#include "services/auth/principal.h"

namespace varve::server {

using base::Code;
using base::Error;
using base::Result;
using base::Task;

FirstUser first_user(const Settings& settings) {
  FirstUser user;
  user.name = settings.text("installation.user_name");
  user.access_key_id = settings.text("installation.access_key_id");
  user.secret = base::Secret(settings.text("installation.secret_access_key"));
  return user;
}

Task<Result<void>> FirstSetup::make_user(base::Context context) {
  FirstUser user = user_;
  if (user.name.empty()) co_return Result<void>();
  if (user.access_key_id.empty() || user.secret.reveal().empty()) {
    co_return Error(Code::InvalidArgument,
                    "installation.user_name: \"" + user.name +
                        "\": needs installation.access_key_id and installation.secret_access_key");
  }
  std::optional<services::KeyPair> key;
  key.emplace();
  key->access_key_id = std::move(user.access_key_id);
  key->secret = std::move(user.secret);
  services::ContactDetails contact;
  const Result<services::CredentialRef> made = co_await auth_.setup(
      std::move(context), std::move(user.name), std::move(key), std::move(contact));
  // At every later start: it is there already.
  if (!made && made.error().code() != Code::AlreadyExists) co_return made.error();
  co_return Result<void>();
}

namespace {

// A request as a client would send it, with the user's keys.
http::Request request_as(const FirstUser& user, http::Method method, const std::string& target,
                         base::Bytes body) {
  http::Headers headers;
  const std::string pair = user.access_key_id + ":" + user.secret.reveal();
  headers.add("Authorization", "Basic " + base::base64_encode(pair));
  headers.add("Host", "localhost");
  if (!body.empty()) headers.add("Content-Type", "application/json");
  return http::make_request(method, target, std::move(headers), std::move(body));
}

http::RequestContext fresh_context() {
  http::RequestContext context;
  context.scope = std::make_shared<base::RequestScope>();
  return context;
}

}  // namespace

SampleRepository::SampleRepository(http::Handler& api, FirstUser user, std::string storage_type)
    : api_(api), user_(std::move(user)), storage_type_(std::move(storage_type)) {}

Task<Result<bool>> SampleRepository::ensure(std::string name) {
  http::Request look = request_as(user_, http::Method::Get, "/api/v1/repositories/" + name, "");
  const http::Response found = co_await api_.handle(fresh_context(), std::move(look));
  if (found.status == 200) co_return false;
  std::string body = "{\"name\":\"" + name + "\",\"storage_namespace\":\"" + storage_type_ + "://" +
                     name + "\",\"default_branch\":\"main\",\"sample_data\":true}";
  http::Request create =
      request_as(user_, http::Method::Post, "/api/v1/repositories", std::move(body));
  http::Response made = co_await api_.handle(fresh_context(), std::move(create));
  if (made.status == 201) co_return true;
  VARVE_CO_TRY(base::Bytes text, co_await http::collect_body(std::move(made.body)));
  co_return Error(Code::Internal, "sample repository: status " + std::to_string(made.status) +
                                      ": " + std::move(text));
}

}  // namespace varve::server
