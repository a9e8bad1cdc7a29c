// The rows that say whether and how this installation was set up (auth.md 8, 9): partition `auth`,
// installation_id and installation_metadata/<name>.
//
// Stateless. Any thread may call.
#pragma once

#include <string>

#include "base/context.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/task.h"
#include "base/time.h"
#include "ports/kv_store.h"
#include "services/auth/auth.h"

namespace varve::services {

class Installation {
 public:
  Installation(ports::KvStore& kv, base::Clock& clock, base::Rng& rng, bool asks_for_email,
               std::string fixed_id);

  base::Task<base::Result<SetupState>> state(base::Context context);
  // Empty if there is none.
  base::Task<base::Result<std::string>> id(base::Context context);

  // Checks what setup is told.
  //   InvalidArgument  "invalid email address"
  base::Result<void> check(const ContactDetails& contact) const;
  // Adds to `write` what setup records, on condition that nothing was recorded yet.
  void prepare_setup(ports::KvWrite& write, const ContactDetails& contact);

  //   PreconditionFailed, AlreadyExists, InvalidArgument: as Auth::set_comm_prefs
  base::Task<base::Result<void>> set_comm_prefs(base::Context context, ContactDetails contact);

 private:
  ports::KvStore& kv_;
  base::Clock& clock_;
  base::Rng& rng_;
  const bool asks_for_email_;
  const std::string fixed_id_;
};

}  // namespace varve::services
