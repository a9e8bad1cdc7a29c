#include "services/auth/installation.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/task.h"
#include "base/time.h"
#include "base/uuid.h"
#include "format/kv_keys.h"
#include "ports/kv_store.h"
#include "services/auth/auth.h"
#include "services/auth/names.h"

namespace varve::services {
namespace {

namespace keys = format::keys;

constexpr std::string_view SetupTimestamp = "setup_timestamp";
constexpr std::string_view SetupAuth = "setup_auth_none";
constexpr std::string_view CommPrefsSet = "comm_prefs_set";

ports::KvKey row(std::string_view key) {
  return {std::string(keys::AuthPartition), std::string(key)};
}

ports::KvKey metadata_row(std::string_view name) { return row(keys::installation_metadata(name)); }

void set(ports::KvWrite& write, std::string_view name, std::string_view value) {
  write.updates.push_back(ports::KvUpdate::set(metadata_row(name), base::Bytes(value)));
}

// Contact fields are kept in base64, as lakeFS keeps them.
void set_contact(ports::KvWrite& write, const ContactDetails& contact) {
  const auto text = [&write](std::string_view name, const std::string& value) {
    if (!value.empty()) set(write, name, base::base64_encode(value));
  };
  text("encoded_user_email", contact.email);
  text("encoded_user_first_name", contact.first_name);
  text("encoded_user_last_name", contact.last_name);
  text("encoded_user_company_name", contact.company);
  set(write, "feature_updates", contact.wants_feature_updates ? "true" : "false");
}

base::Error invalid_email() { return {base::Code::InvalidArgument, "invalid email address"}; }

base::Error comm_prefs_already_set() {
  return {base::Code::AlreadyExists, "communication preferences already set"};
}

}  // namespace

Installation::Installation(ports::KvStore& kv, base::Clock& clock, base::Rng& rng,
                           bool asks_for_email, std::string fixed_id)
    : kv_(kv),
      clock_(clock),
      rng_(rng),
      asks_for_email_(asks_for_email),
      fixed_id_(std::move(fixed_id)) {}

base::Task<base::Result<SetupState>> Installation::state(base::Context context) {
  std::vector<ports::KvKey> wanted;
  wanted.push_back(metadata_row(SetupTimestamp));
  wanted.push_back(metadata_row(CommPrefsSet));
  VARVE_CO_TRY(const auto rows, co_await kv_.multi_get(std::move(context), std::move(wanted)));
  SetupState state;
  state.is_initialized = rows[0].has_value();
  if (asks_for_email_) {
    state.is_missing_comm_prefs = rows[1] ? *rows[1] != "true" : !state.is_initialized;
  }
  co_return state;
}

base::Task<base::Result<std::string>> Installation::id(base::Context context) {
  if (!fixed_id_.empty()) co_return fixed_id_;
  ports::KvKey key = row(keys::InstallationId);
  VARVE_CO_TRY(std::optional<base::Bytes> id, co_await kv_.get(std::move(context), std::move(key)));
  co_return id ? *std::move(id) : std::string();
}

base::Result<void> Installation::check(const ContactDetails& contact) const {
  if (asks_for_email_ && !contact.email.empty() && !is_email_address(contact.email)) {
    return invalid_email();
  }
  return {};
}

void Installation::prepare_setup(ports::KvWrite& write, const ContactDetails& contact) {
  write.requirements.push_back(ports::KvRequirement::absent(metadata_row(SetupTimestamp)));
  set(write, SetupTimestamp, base::format_rfc3339(clock_.now()));
  set(write, SetupAuth, "true");
  const std::string id = fixed_id_.empty() ? base::make_uuid(rng_) : fixed_id_;
  write.updates.push_back(ports::KvUpdate::set(row(keys::InstallationId), id));
  if (asks_for_email_) {
    set(write, CommPrefsSet, contact.email.empty() ? "false" : "true");
    set_contact(write, contact);
  }
}

base::Task<base::Result<void>> Installation::set_comm_prefs(base::Context context,
                                                            ContactDetails contact) {
  VARVE_CO_TRY(const SetupState now, co_await state(context));
  if (!now.is_initialized) {
    co_return base::Error(base::Code::PreconditionFailed, "lakeFS is not initialized");
  }
  if (!now.is_missing_comm_prefs) co_return comm_prefs_already_set();
  if (contact.email.empty()) {
    co_return base::Error(base::Code::InvalidArgument, "email is required");
  }
  if (!is_email_address(contact.email)) co_return invalid_email();
  ports::KvWrite write;
  set(write, CommPrefsSet, "true");
  set_contact(write, contact);
  co_return co_await kv_.write(std::move(context), std::move(write));
}

}  // namespace varve::services
