#include "services/auth/auth.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/context.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/secret.h"
#include "base/task.h"
#include "base/time.h"
#include "base/uuid.h"
#include "ports/kv_store.h"
#include "services/auth/expiring_cache.h"
#include "services/auth/installation.h"
#include "services/auth/jwt.h"
#include "services/auth/names.h"
#include "services/auth/principal.h"
#include "services/auth/request_credentials.h"
#include "services/auth/session_cookie.h"
#include "services/auth/user_store.h"

namespace varve::services {
namespace {

constexpr std::string_view LoginAudience = "login";

base::Error unauthenticated() {
  return {base::Code::Unauthenticated, "error authenticating request"};
}

base::Error credentials_not_found() { return {base::Code::NotFound, "credentials not found"}; }
base::Error user_not_found() { return {base::Code::NotFound, "user not found"}; }

// Rules of the claims of a login token (rest-semantics.md 4.2).
bool permits_login(const TokenClaims& claims, std::int64_t now) {
  if (!claims.expires_at || now >= *claims.expires_at) return false;
  if (claims.not_before && now < *claims.not_before) return false;
  return claims.audience.empty() || std::find(claims.audience.begin(), claims.audience.end(),
                                              LoginAudience) != claims.audience.end();
}

}  // namespace

struct Auth::Impl {
  // A decrypted key with the bytes it was decrypted from: if they have not changed, neither has it.
  struct CachedKey {
    CredentialRef credential;
    base::Bytes sealed;
  };

  Impl(ports::KvStore& store, base::Clock& c, base::Rng& r, base::Offload& offload, AuthOptions o)
      : options(std::move(o)),
        kv(store),
        clock(c),
        rng(r),
        users(store, c, r, offload, options.secret_key.reveal()),
        installation(store, c, r, options.asks_for_email, options.fixed_installation_id),
        keys(options.is_cache_enabled ? options.cache_size : 0),
        administrators(options.is_cache_enabled ? 1 : 0) {}

  // Entries made together should not all expire together.
  base::MonotonicTime fresh_until() {
    const auto jitter = static_cast<std::uint64_t>(options.cache_jitter.count());
    const std::uint64_t extra = jitter == 0 ? 0 : rng.below(jitter);
    return clock.monotonic() + options.cache_ttl + base::milliseconds(extra);
  }

  base::Task<base::Result<CredentialRef>> credential(base::Context context, std::string id) {
    const auto cached = keys.find(id, clock.monotonic());
    if (cached && cached->is_fresh) co_return cached->value.credential;
    VARVE_CO_TRY(std::optional<StoredKey> stored, co_await users.find_key(context, id));
    if (!stored) {
      keys.erase(id);
      co_return credentials_not_found();
    }
    CachedKey fresh;
    fresh.sealed = stored->record.encrypted_secret;
    if (cached && cached->value.sealed == fresh.sealed) {
      auto renewed = std::make_shared<Credential>(*cached->value.credential);
      renewed->user = std::move(stored->user);
      fresh.credential = std::move(renewed);
    } else {
      VARVE_CO_TRY(fresh.credential, co_await users.open(*std::move(stored)));
    }
    keys.put(id, fresh, fresh_until());
    co_return fresh.credential;
  }

  base::Task<base::Result<UserRef>> administrator(base::Context context) {
    const auto cached = administrators.find("", clock.monotonic());
    if (cached && cached->is_fresh) co_return cached->value;
    VARVE_CO_TRY(UserRef user, co_await users.administrator(std::move(context)));
    if (user != nullptr) administrators.put("", user, fresh_until());
    co_return user;
  }

  base::Task<base::Result<UserRef>> user(base::Context context, std::string name) {
    VARVE_CO_TRY(UserRef user, co_await administrator(std::move(context)));
    if (user == nullptr || user->name != name) co_return user_not_found();
    co_return user;
  }

  void forget_everything() {
    keys.clear();
    administrators.clear();
  }

  const AuthOptions options;
  ports::KvStore& kv;
  base::Clock& clock;
  base::Rng& rng;
  UserStore users;
  Installation installation;
  ExpiringCache<CachedKey> keys;
  ExpiringCache<UserRef> administrators;  // by "": there is one
};

Auth::Auth(ports::KvStore& kv, base::Clock& clock, base::Rng& rng, base::Offload& offload,
           AuthOptions options)
    : impl_(std::make_unique<Impl>(kv, clock, rng, offload, std::move(options))) {}

Auth::~Auth() = default;

base::Task<base::Result<CredentialRef>> Auth::credential(base::Context context,
                                                         std::string access_key_id) {
  if (access_key_id.empty()) co_return credentials_not_found();
  co_return co_await impl_->credential(std::move(context), std::move(access_key_id));
}

base::Task<base::Result<UserRef>> Auth::authenticate_basic(base::Context context,
                                                           std::string access_key_id,
                                                           std::string secret) {
  base::Result<CredentialRef> found =
      co_await credential(std::move(context), std::move(access_key_id));
  if (!found) {
    if (found.error().code() == base::Code::NotFound) co_return unauthenticated();
    co_return std::move(found).error();
  }
  const Credential& known = **found;
  if (!base::equal_constant_time(known.key.secret.reveal(), secret)) co_return unauthenticated();
  co_return known.user;
}

base::Task<base::Result<UserRef>> Auth::authenticate_token(base::Context context,
                                                           std::string token) {
  VARVE_CO_TRY(const TokenClaims claims, verify_token(token, impl_->options.secret_key.reveal()));
  if (!permits_login(claims, impl_->clock.now().seconds)) co_return unauthenticated();
  base::Result<UserRef> user = co_await impl_->user(std::move(context), claims.subject);
  if (!user && user.error().code() == base::Code::NotFound) co_return unauthenticated();
  co_return user;
}

base::Task<base::Result<UserRef>> Auth::authenticate(base::Context context,
                                                     RequestCredentials credentials) {
  if (auto token = bearer_token(credentials.authorization)) {
    co_return co_await authenticate_token(std::move(context), *std::move(token));
  }
  if (auto basic = basic_pair(credentials.authorization)) {
    co_return co_await authenticate_basic(std::move(context), std::move(basic->first),
                                          std::move(basic->second));
  }
  if (credentials.cookies.empty()) co_return UserRef();
  if (const auto cookie = find_cookie(credentials.cookies, SessionCookie)) {
    auto token =
        decode_session(*cookie, impl_->clock.now().seconds, impl_->options.secret_key.reveal());
    if (token) co_return co_await authenticate_token(std::move(context), *std::move(token));
  }
  // Sessions of an identity provider, which nobody made here: present is wrong (4.1).
  if (find_cookie(credentials.cookies, "oidc_auth_session") ||
      find_cookie(credentials.cookies, "saml_auth_session")) {
    co_return unauthenticated();
  }
  co_return UserRef();
}

base::Task<base::Result<Login>> Auth::login(base::Context context, std::string access_key_id,
                                            std::string secret) {
  VARVE_CO_TRY(
      const UserRef user,
      co_await authenticate_basic(std::move(context), std::move(access_key_id), std::move(secret)));
  const std::int64_t now = impl_->clock.now().seconds;
  TokenClaims claims;
  claims.id = base::make_uuid(impl_->rng);
  claims.issuer = "auth";
  claims.subject = user->name;
  claims.audience.emplace_back(LoginAudience);
  claims.issued_at = now;
  claims.expires_at = now + impl_->options.login_duration.count();
  Login login;
  login.expires_at.seconds = *claims.expires_at;
  login.token = sign_token(claims, impl_->options.secret_key.reveal());
  login.cookie = encode_session(login.token, now, impl_->options.secret_key.reveal());
  co_return login;
}

base::Task<base::Result<SetupState>> Auth::setup_state(base::Context context) {
  return impl_->installation.state(std::move(context));
}

base::Task<base::Result<CredentialRef>> Auth::setup(base::Context context, std::string username,
                                                    std::optional<KeyPair> key,
                                                    ContactDetails contact) {
  if (username.empty()) {
    co_return base::Error(base::Code::InvalidArgument, "empty user display name");
  }
  const base::Error done_already(base::Code::AlreadyExists, "lakeFS already initialized");
  VARVE_CO_TRY(const SetupState state, co_await impl_->installation.state(context));
  if (state.is_initialized) co_return done_already;
  VARVE_CO_CHECK(impl_->installation.check(contact));
  KeyPair pair = key ? *std::move(key) : generate_key_pair(impl_->rng);
  VARVE_CO_TRY(NewAdministrator made,
               co_await impl_->users.prepare_administrator(std::move(username), std::move(pair)));
  impl_->installation.prepare_setup(made.write, contact);
  base::Result<void> written = co_await impl_->kv.write(std::move(context), std::move(made.write));
  if (!written && written.error().code() == base::Code::Conflict) co_return done_already;
  VARVE_CO_CHECK(std::move(written));
  impl_->forget_everything();
  co_return std::move(made.credential);
}

base::Task<base::Result<void>> Auth::set_comm_prefs(base::Context context, ContactDetails contact) {
  return impl_->installation.set_comm_prefs(std::move(context), std::move(contact));
}

base::Task<base::Result<std::string>> Auth::installation_id(base::Context context) {
  return impl_->installation.id(std::move(context));
}

base::Task<base::Result<UserRef>> Auth::get_user(base::Context context, std::string name) {
  return impl_->user(std::move(context), std::move(name));
}

base::Task<base::Result<UserRef>> Auth::administrator(base::Context context) {
  return impl_->administrator(std::move(context));
}

base::Task<base::Result<UserRef>> Auth::create_user(base::Context context, std::string name) {
  if (name.empty()) {
    co_return base::Error(base::Code::InvalidArgument, "empty name: validation error");
  }
  if (name.find('/') != std::string::npos) {
    co_return base::Error(base::Code::InvalidArgument,
                          "name with '/': invalid value: validation error");
  }
  base::Result<UserRef> made =
      co_await impl_->users.create_user(std::move(context), std::move(name));
  impl_->forget_everything();
  co_return made;
}

base::Task<base::Result<void>> Auth::erase_user(base::Context context, std::string name) {
  VARVE_CO_CHECK(co_await impl_->user(context, std::move(name)));
  base::Result<void> erased = co_await impl_->users.erase_user(std::move(context));
  impl_->forget_everything();
  co_return erased;
}

base::Task<base::Result<CredentialRef>> Auth::create_credential(base::Context context,
                                                                std::string user,
                                                                std::optional<KeyPair> key) {
  base::Result<UserRef> owner = co_await impl_->user(context, std::move(user));
  if (!owner) {
    if (owner.error().code() != base::Code::NotFound) co_return std::move(owner).error();
    co_return base::Error(base::Code::NotFound, "not found");
  }
  KeyPair pair = key ? *std::move(key) : generate_key_pair(impl_->rng);
  base::Result<CredentialRef> made =
      co_await impl_->users.create_key(std::move(context), *std::move(owner), std::move(pair));
  impl_->forget_everything();
  co_return made;
}

base::Task<base::Result<CredentialRef>> Auth::get_credential(base::Context context,
                                                             std::string user,
                                                             std::string access_key_id) {
  base::Result<UserRef> owner = co_await impl_->user(context, std::move(user));
  if (!owner) {
    if (owner.error().code() == base::Code::NotFound) co_return credentials_not_found();
    co_return std::move(owner).error();
  }
  co_return co_await credential(std::move(context), std::move(access_key_id));
}

}  // namespace varve::services
