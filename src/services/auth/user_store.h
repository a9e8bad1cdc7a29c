// The rows of the single administrator and its key (auth.md 8): partition `basicAuth`, key
// users/superAdmin whatever the user is called, and uCredentials/superAdmin/credentials/<key id>.
//
//   U-1  There is at most one user, and at most one key.
//
// Stateless; no caching here. Any thread may call.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/task.h"
#include "base/time.h"
#include "format/auth.h"
#include "ports/kv_store.h"
#include "services/auth/principal.h"

namespace varve::services {

// A key as it is stored, with its owner.
struct StoredKey {
  format::CredentialRecord record;
  UserRef user;
};

// Rows that are to be written, with what must hold for them.
struct NewAdministrator {
  CredentialRef credential;
  ports::KvWrite write;
};

class UserStore {
 public:
  UserStore(ports::KvStore& kv, base::Clock& clock, base::Rng& rng, base::Offload& offload,
            std::string secret_key);

  // The administrator, or null.
  base::Task<base::Result<UserRef>> administrator(base::Context context);
  //   AlreadyExists  "Already exists"  [U-1]
  base::Task<base::Result<UserRef>> create_user(base::Context context, std::string name);
  base::Task<base::Result<void>> erase_user(base::Context context);

  // The key of that id and the administrator; nullopt if either is missing.
  base::Task<base::Result<std::optional<StoredKey>>> find_key(base::Context context,
                                                              std::string access_key_id);
  // The ids of the stored keys: one or none.  [U-1]
  base::Task<base::Result<std::vector<std::string>>> key_ids(base::Context context);
  // Decrypts off the loop.
  base::Task<base::Result<CredentialRef>> open(StoredKey key);
  //   InvalidArgument  "exceeded number of allowed credentials: invalid request"  [U-1]
  base::Task<base::Result<CredentialRef>> create_key(base::Context context, UserRef user,
                                                     KeyPair key);

  // What makes `name` the administrator with that key, for a caller that writes more in one step.
  base::Task<base::Result<NewAdministrator>> prepare_administrator(std::string name, KeyPair key);

 private:
  base::Task<base::Result<CredentialRef>> seal(ports::KvWrite* write, UserRef user, KeyPair key);

  ports::KvStore& kv_;
  base::Clock& clock_;
  base::Rng& rng_;
  base::Offload& offload_;
  const std::string secret_key_;
};

}  // namespace varve::services
