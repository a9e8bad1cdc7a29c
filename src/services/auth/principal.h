// Who somebody is, and the key pair that proves it. Plain values, immutable once made and shared
// read-only between the caches and the requests that use them.
#pragma once

#include <memory>
#include <string>

#include "base/secret.h"
#include "base/time.h"

namespace varve::services {

struct User {
  std::string name;
  std::string friendly_name;
  std::string email;
  std::string source;  // "internal", or what external system vouches for the user
  std::string external_id;
  base::Timestamp created_at;

  // What commits record (rest-semantics.md 5.6).
  const std::string& committer() const { return email.empty() ? name : email; }
};
// Shared by the caches and by requests in flight; the last of them frees it. Null: nobody said who
// they are (an anonymous request).
using UserRef = std::shared_ptr<const User>;

struct KeyPair {
  std::string access_key_id;
  base::Secret<std::string> secret;
};

// A key pair and its owner.
struct Credential {
  KeyPair key;
  base::Timestamp issued_at;
  UserRef user;  // never null
};
using CredentialRef = std::shared_ptr<const Credential>;  // shared as UserRef is

}  // namespace varve::services
