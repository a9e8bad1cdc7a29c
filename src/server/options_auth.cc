#include <string_view>
#include <vector>

#include "server/option.h"
#include "server/option_tables.h"

namespace varve::server {
namespace {

using enum OptionType;
constexpr std::string_view CacheText = "How long and how many credentials are remembered.";
constexpr std::string_view OidcText = "Sign-in through an OpenID Connect provider.";
constexpr std::string_view SamlText = "Sign-in through a SAML cookie.";

Option ignored(std::string_view key, OptionType type, std::string_view initial,
               std::string_view text) {
  return {.key = key, .type = type, .initial = initial, .text = text, .support = Support::Ignored};
}

Option unbuilt(std::string_view key, OptionType type, std::string_view initial,
               std::string_view text) {
  return {.key = key, .type = type, .initial = initial, .text = text, .support = Support::Unbuilt};
}

std::vector<Option> basics() {
  return {
      {.key = "auth.encrypt.secret_key",
       .text = "Encrypts stored secret keys and signs sessions. It must never change.",
       .is_secret = true,
       .is_required = true},
      {.key = "auth.cache.enabled", .type = Boolean, .initial = "true", .text = CacheText},
      {.key = "auth.cache.size",
       .type = Integer,
       .initial = "1024",
       .unit = "credentials",
       .text = CacheText,
       .check = Check::NotNegative},
      {.key = "auth.cache.ttl",
       .type = Duration,
       .initial = "20s",
       .text = CacheText,
       .check = Check::NotNegative},
      {.key = "auth.cache.jitter",
       .type = Duration,
       .initial = "3s",
       .text = CacheText,
       .check = Check::NotNegative},
      {.key = "auth.login_duration",
       .type = Duration,
       .initial = "168h",
       .text = "How long a session of the web interface lasts.",
       .check = Check::Positive},
      {.key = "auth.login_max_duration",
       .type = Duration,
       .initial = "336h",
       .text = "The longest session that may be asked for.",
       .check = Check::Positive},
      {.key = "auth.logout_redirect_url",
       .initial = "/auth/login",
       .text = "Where /logout sends the browser."},
  };
}

std::vector<Option> services() {
  return {
      unbuilt("auth.api.endpoint", Text, "", "An authorization service outside the server."),
      {.key = "auth.api.token",
       .text = "Token for the authorization service.",
       .support = Support::Ignored,
       .is_secret = true},
      ignored("auth.api.supports_invites", Boolean, "false", "Of the authorization service."),
      ignored("auth.api.health_check_timeout", Duration, "20s", "Of the authorization service."),
      ignored("auth.api.skip_health_check", Boolean, "false", "Of the authorization service."),
      unbuilt("auth.authentication_api.endpoint", Text, "",
              "An authentication service outside the server."),
      unbuilt("auth.authentication_api.external_principals_enabled", Boolean, "false",
              "Sign-in of outside principals through that service."),
      unbuilt("auth.remote_authenticator.enabled", Boolean, "false",
              "Ask a service outside the server whether a password is right."),
      ignored("auth.remote_authenticator.endpoint", Text, "", "Of the remote authenticator."),
      ignored("auth.remote_authenticator.default_user_group", Text, "Viewers",
              "Of the remote authenticator."),
      ignored("auth.remote_authenticator.request_timeout", Duration, "10s",
              "Of the remote authenticator."),
      ignored("auth.oidc.validate_id_token_claims", Map, "", OidcText),
      ignored("auth.oidc.default_initial_groups", List, "", OidcText),
      ignored("auth.oidc.initial_groups_claim_name", Text, "", OidcText),
      ignored("auth.oidc.friendly_name_claim_name", Text, "", OidcText),
      ignored("auth.oidc.persist_friendly_name", Boolean, "false", OidcText),
      ignored("auth.cookie_auth_verification.validate_id_token_claims", Map, "", SamlText),
      ignored("auth.cookie_auth_verification.default_initial_groups", List, "", SamlText),
      ignored("auth.cookie_auth_verification.initial_groups_claim_name", Text, "", SamlText),
      ignored("auth.cookie_auth_verification.friendly_name_claim_name", Text, "", SamlText),
      ignored("auth.cookie_auth_verification.persist_friendly_name", Boolean, "false", SamlText),
      ignored("auth.cookie_auth_verification.external_user_id_claim_name", Text, "", SamlText),
      ignored("auth.cookie_auth_verification.auth_source", Text, "", SamlText),
  };
}

std::vector<Option> interface() {
  return {
      {.key = "auth.ui_config.rbac",
       .initial = "none",
       .text = "How access is controlled: one administrator who may do everything.",
       .choices = "none",
       .choices_unbuilt = "simplified,external,internal"},
      {.key = "auth.ui_config.login_url", .text = "Where sign-in with a provider begins."},
      {.key = "auth.ui_config.login_failed_message",
       .initial = "The credentials don't match.",
       .text = "What the sign-in page says when it fails."},
      {.key = "auth.ui_config.fallback_login_url",
       .text = "The target of a second link on the sign-in page."},
      {.key = "auth.ui_config.fallback_login_label",
       .text = "The text of a second link on the sign-in page."},
      {.key = "auth.ui_config.login_cookie_names",
       .type = List,
       .initial = "internal_auth_session",
       .text = "Cookies that the web interface clears on sign-out."},
      {.key = "auth.ui_config.logout_url", .text = "Where the web interface signs out."},
      {.key = "auth.ui_config.use_login_placeholders",
       .type = Boolean,
       .initial = "false",
       .text = "Say user name and password on the sign-in page instead of access key."},
  };
}

}  // namespace

std::vector<Option> auth_options() {
  std::vector<Option> rows = basics();
  for (const auto& part : {services(), interface()}) {
    rows.insert(rows.end(), part.begin(), part.end());
  }
  return rows;
}

}  // namespace varve::server
