// Branch protection rules, by the path of today and the path of before. rest-semantics.md 21.
#include "engine/refs/protection.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/engine.h"
#include "http/message.h"
#include "model/errors.h"
#include "rest/call.h"
#include "rest/handlers.h"
#include "rest/json_body.h"
#include "rest/json_writer.h"
#include "rest/response.h"

namespace varve::rest {
namespace {

constexpr int RuleTriesMax = 16;  // of changing one rule while others change theirs

engine::ProtectionRule rule_of(std::string pattern) {
  engine::ProtectionRule rule;
  rule.pattern = std::move(pattern);
  return rule;
}

bool is_lost_race(const base::Error& error) {
  return error.code() == base::Code::PreconditionFailed;
}

}  // namespace

base::Task<Answer> get_protection_rules(CallPtr call) {
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_unchecked(*call));
  VARVE_CO_TRY(const engine::ProtectionRules found,
               co_await call->engine().protection().get(call->context(), std::move(repository)));
  base::Bytes body;
  JsonWriter json(body);
  json.begin_list();
  for (const engine::ProtectionRule& rule : found.rules) {
    json.begin_object();
    json.field("pattern", std::string_view(rule.pattern));
    json.end_object();
  }
  json.end_list();
  http::Response response = json_response(std::move(body));
  response.headers.add("ETag", found.etag);  // unquoted: clients echo it as it is
  co_return response;
}

base::Task<Answer> set_protection_rules(CallPtr call) {
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_unchecked(*call));
  std::vector<engine::ProtectionRule> rules;
  for (const JsonObject& rule : call->body->objects()) {
    rules.push_back(rule_of(rule.text("pattern")));
  }
  std::optional<std::string> if_match;
  if (call->arguments.has("If-Match")) if_match = call->argument("If-Match");
  VARVE_CO_CHECK(co_await call->engine().protection().set(call->context(), std::move(repository),
                                                          std::move(rules), std::move(if_match)));
  co_return empty_response();
}

base::Task<Answer> add_protection_rule(CallPtr call) {
  const std::string pattern = call->json().text("pattern");
  engine::Protection& protection = call->engine().protection();
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_unchecked(*call));
  for (int tries = 0; tries < RuleTriesMax; ++tries) {
    VARVE_CO_TRY(engine::ProtectionRules now, co_await protection.get(call->context(), repository));
    now.rules.push_back(rule_of(pattern));
    auto set = co_await protection.set(call->context(), repository, std::move(now.rules),
                                       std::move(now.etag));
    if (set) co_return empty_response();
    if (!is_lost_race(set.error())) co_return std::move(set).error();
  }
  co_return model::too_many_tries();
}

base::Task<Answer> erase_protection_rule(CallPtr call) {
  const std::string pattern = call->json().text("pattern");
  engine::Protection& protection = call->engine().protection();
  VARVE_CO_TRY(engine::RepositoryRef repository, co_await repository_unchecked(*call));
  for (int tries = 0; tries < RuleTriesMax; ++tries) {
    VARVE_CO_TRY(engine::ProtectionRules now, co_await protection.get(call->context(), repository));
    const auto erased = std::erase_if(
        now.rules, [&](const engine::ProtectionRule& rule) { return rule.pattern == pattern; });
    if (erased == 0) co_return empty_response(404);  // without a body, as lakeFS
    auto set = co_await protection.set(call->context(), repository, std::move(now.rules),
                                       std::move(now.etag));
    if (set) co_return empty_response();
    if (!is_lost_race(set.error())) co_return std::move(set).error();
  }
  co_return model::too_many_tries();
}

}  // namespace varve::rest
