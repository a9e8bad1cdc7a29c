// Users, their keys, logins and the first setup of an installation, in RBAC mode `none`: one
// administrator with one key pair. auth.md 7.1, 8-11; rest-semantics.md 4, 9.
//
// A secret is stored encrypted and leaves only in a Credential.  [I-14] Looking up a key is a cache
// hit for a few seconds; what this server changes is dropped from its cache at once, what another
// server changes is seen when the entry expires.
//
// Any thread may call.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/context.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/secret.h"
#include "base/task.h"
#include "base/time.h"
#include "ports/kv_store.h"
#include "services/auth/authorizer.h"
#include "services/auth/principal.h"

namespace varve::services {

struct AuthOptions {
  base::Secret<std::string> secret_key;         // auth.encrypt.secret_key
  std::chrono::seconds login_duration{604800};  // auth.login_duration
  bool is_cache_enabled = true;                 // auth.cache.*
  std::size_t cache_size = 1024;
  base::milliseconds cache_ttl{20000};
  base::milliseconds cache_jitter{3000};
  bool asks_for_email = true;  // email_subscription.enabled
  std::string fixed_installation_id;
};

// What setup and the communication preferences ask for; all optional but where said.
struct ContactDetails {
  std::string email;
  std::string first_name;
  std::string last_name;
  std::string company;
  bool wants_feature_updates = false;
};

struct SetupState {
  bool is_initialized = false;
  bool is_missing_comm_prefs = false;
};

struct Login {
  std::string token;
  base::Timestamp expires_at;
  std::string cookie;  // value of internal_auth_session
};

// The carriers of credentials as HTTP sends them; empty: absent.
struct RequestCredentials {
  RequestCredentials() = default;
  RequestCredentials(std::string_view a, std::string_view c) : authorization(a), cookies(c) {}
  std::string authorization;  // the Authorization header
  std::string cookies;        // the Cookie header
};

inline constexpr std::string_view SessionCookie = "internal_auth_session";

class Auth {
 public:
  Auth(ports::KvStore& kv, base::Clock& clock, base::Rng& rng, base::Offload& offload,
       AuthOptions options);
  ~Auth();

  // ---- Who is it? ----
  // The key pair of an access key id and its owner: what checking a signature needs.
  //   NotFound  "credentials not found"
  base::Task<base::Result<CredentialRef>> credential(base::Context context,
                                                     std::string access_key_id);
  // All three: Unauthenticated "error authenticating request", for every way of being wrong.
  base::Task<base::Result<UserRef>> authenticate_basic(base::Context context,
                                                       std::string access_key_id,
                                                       std::string secret);
  base::Task<base::Result<UserRef>> authenticate_token(base::Context context, std::string token);
  // By the first scheme the request carries: bearer token, basic, cookies. Null if it carries none
  // of them. An Authorization of another scheme (AWS4-…) is none of them.
  base::Task<base::Result<UserRef>> authenticate(base::Context context,
                                                 RequestCredentials credentials);
  //   Unauthenticated
  base::Task<base::Result<Login>> login(base::Context context, std::string access_key_id,
                                        std::string secret);

  // ---- Setup ----
  base::Task<base::Result<SetupState>> setup_state(base::Context context);
  // Makes the installation and its administrator. Without a key one is generated.
  //   InvalidArgument  "empty user display name", "invalid email address"
  //   AlreadyExists    "lakeFS already initialized"
  base::Task<base::Result<CredentialRef>> setup(base::Context context, std::string username,
                                                std::optional<KeyPair> key, ContactDetails contact);
  //   PreconditionFailed  "lakeFS is not initialized"
  //   AlreadyExists       "communication preferences already set"
  //   InvalidArgument     "email is required", "invalid email address"
  base::Task<base::Result<void>> set_comm_prefs(base::Context context, ContactDetails contact);
  // Empty before setup, unless fixed by configuration.
  base::Task<base::Result<std::string>> installation_id(base::Context context);

  // ---- The administrator and the key ----
  //   NotFound  "user not found"
  base::Task<base::Result<UserRef>> get_user(base::Context context, std::string name);
  // The single user, or null.
  base::Task<base::Result<UserRef>> administrator(base::Context context);
  //   AlreadyExists  "Already exists"; InvalidArgument "empty name: validation error"
  base::Task<base::Result<UserRef>> create_user(base::Context context, std::string name);
  // Takes the user's key with it.
  base::Task<base::Result<void>> erase_user(base::Context context, std::string name);
  //   NotFound         "not found": no such user
  //   InvalidArgument  "exceeded number of allowed credentials: invalid request"
  base::Task<base::Result<CredentialRef>> create_credential(base::Context context, std::string user,
                                                            std::optional<KeyPair> key);
  //   NotFound  "credentials not found", also if there is no such user
  base::Task<base::Result<CredentialRef>> get_credential(base::Context context, std::string user,
                                                         std::string access_key_id);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::services
