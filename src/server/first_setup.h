// What a new installation begins with, if the settings say so: its administrator, and the sample
// repository of quickstart.
#pragma once

#include <string>
#include <utility>

#include "base/context.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/task.h"
#include "http/server.h"
#include "server/config.h"
#include "services/auth/auth.h"

namespace varve::server {

struct FirstUser {
  std::string name;  // empty: whoever calls setup will be the administrator
  std::string access_key_id;
  base::Secret<std::string> secret;
};
FirstUser first_user(const Settings& settings);

// What it refers to outlives it. One task at a time.
class FirstSetup {
 public:
  FirstSetup(services::Auth& auth, FirstUser user) : auth_(auth), user_(std::move(user)) {}

  // Makes the administrator unless the installation has one.
  //   InvalidArgument  a name without keys
  base::Task<base::Result<void>> make_user(base::Context context);

 private:
  services::Auth& auth_;
  FirstUser user_;
};

class SampleRepository {
 public:
  // Asks `api` as `user`. `storage_type` is the scheme of the repository's storage namespace.
  SampleRepository(http::Handler& api, FirstUser user, std::string storage_type);

  // Makes repository `name` with sample data unless it is there. True if it was made.
  base::Task<base::Result<bool>> ensure(std::string name);

 private:
  http::Handler& api_;
  FirstUser user_;
  std::string storage_type_;
};

}  // namespace varve::server
