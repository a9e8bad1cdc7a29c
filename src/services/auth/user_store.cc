#include "services/auth/user_store.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/secret.h"
#include "base/task.h"
#include "base/time.h"
#include "format/auth.h"
#include "format/kv_keys.h"
#include "ports/kv_store.h"
#include "services/auth/principal.h"
#include "services/auth/secret_box.h"

namespace varve::services {
namespace {

namespace keys = format::keys;

ports::KvKey row(std::string key) {
  return {std::string(keys::BasicAuthPartition), std::move(key)};
}
ports::KvKey user_row() { return row(keys::user(keys::BasicAuthUser)); }
ports::KvKey key_row(const std::string& id) {
  return row(keys::credential(keys::BasicAuthUser, id));
}

// Holds the id of the key there is. Key rows are named after their ids, so only a row with a fixed
// name can keep two servers from adding one key each.  [U-1]
ports::KvKey key_guard_row() { return row("uKey/" + std::string(keys::BasicAuthUser)); }

UserRef user_of(const format::UserRecord& record) {
  auto user = std::make_shared<User>();
  user->name = record.username;
  user->friendly_name = record.friendly_name;
  user->email = record.email;
  user->source = record.source;
  user->external_id = record.external_id;
  user->created_at = record.created_at;
  return user;
}

base::Result<base::Bytes> encode(const User& user) {
  format::UserRecord record;
  record.created_at = user.created_at;
  record.username = user.name;
  record.friendly_name = user.friendly_name;
  record.email = user.email;
  record.source = user.source;
  record.external_id = user.external_id;
  return format::encode_user(record);
}

UserRef new_user(std::string name, base::Timestamp now) {
  auto user = std::make_shared<User>();
  user->name = std::move(name);
  user->source = "internal";
  user->created_at = now;
  return user;
}

base::Error already_exists() { return {base::Code::AlreadyExists, "Already exists"}; }

base::Error too_many_keys() {
  return {base::Code::InvalidArgument, "exceeded number of allowed credentials: invalid request"};
}

}  // namespace

UserStore::UserStore(ports::KvStore& kv, base::Clock& clock, base::Rng& rng, base::Offload& offload,
                     std::string secret_key)
    : kv_(kv), clock_(clock), rng_(rng), offload_(offload), secret_key_(std::move(secret_key)) {}

base::Task<base::Result<UserRef>> UserStore::administrator(base::Context context) {
  ports::KvKey key = user_row();
  VARVE_CO_TRY(const std::optional<base::Bytes> bytes,
               co_await kv_.get(std::move(context), std::move(key)));
  if (!bytes) co_return UserRef();
  VARVE_CO_TRY(const format::UserRecord record, format::decode_user(*bytes));
  co_return user_of(record);
}

base::Task<base::Result<UserRef>> UserStore::create_user(base::Context context, std::string name) {
  UserRef user = new_user(std::move(name), clock_.now());
  VARVE_CO_TRY(base::Bytes bytes, encode(*user));
  ports::KvWrite write;
  write.requirements.push_back(ports::KvRequirement::absent(user_row()));
  write.updates.push_back(ports::KvUpdate::set(user_row(), std::move(bytes)));
  base::Result<void> written = co_await kv_.write(std::move(context), std::move(write));
  if (!written && written.error().code() == base::Code::Conflict) co_return already_exists();
  VARVE_CO_CHECK(std::move(written));
  co_return user;
}

base::Task<base::Result<void>> UserStore::erase_user(base::Context context) {
  VARVE_CO_TRY(const std::vector<std::string> ids, co_await key_ids(context));
  ports::KvWrite write;
  for (const std::string& id : ids) write.updates.push_back(ports::KvUpdate::erase(key_row(id)));
  write.updates.push_back(ports::KvUpdate::erase(key_guard_row()));
  write.updates.push_back(ports::KvUpdate::erase(user_row()));
  co_return co_await kv_.write(std::move(context), std::move(write));
}

base::Task<base::Result<std::optional<StoredKey>>> UserStore::find_key(base::Context context,
                                                                       std::string access_key_id) {
  std::vector<ports::KvKey> wanted;
  wanted.push_back(key_row(access_key_id));
  wanted.push_back(user_row());
  VARVE_CO_TRY(const auto rows, co_await kv_.multi_get(std::move(context), std::move(wanted)));
  if (!rows[0] || !rows[1]) co_return std::optional<StoredKey>();
  StoredKey found;
  VARVE_CO_TRY(found.record, format::decode_credential(*rows[0]));
  VARVE_CO_TRY(const format::UserRecord user, format::decode_user(*rows[1]));
  found.user = user_of(user);
  co_return std::optional<StoredKey>(std::move(found));
}

base::Task<base::Result<std::vector<std::string>>> UserStore::key_ids(base::Context context) {
  const std::string prefix = keys::credential_prefix(keys::BasicAuthUser);
  ports::KvScan scan;
  scan.partition = keys::BasicAuthPartition;
  scan.from = prefix;
  VARVE_CO_TRY(const ports::KvPage page, co_await kv_.scan(std::move(context), std::move(scan)));
  std::vector<std::string> ids;
  for (const ports::KvRow& found : page.rows) {
    if (!found.key.starts_with(prefix)) break;
    ids.emplace_back(keys::name_after(prefix, found.key));
  }
  co_return ids;
}

base::Task<base::Result<CredentialRef>> UserStore::open(StoredKey key) {
  auto job = [sealed = std::move(key.record.encrypted_secret), this] {
    return open_secret(secret_key_, sealed);
  };
  VARVE_CO_TRY(base::Bytes secret, co_await offload_.run(std::move(job)));
  auto credential = std::make_shared<Credential>();
  credential->key.access_key_id = std::move(key.record.access_key_id);
  credential->key.secret = base::Secret<std::string>(std::move(secret));
  credential->issued_at = key.record.issued_date;
  credential->user = std::move(key.user);
  co_return CredentialRef(std::move(credential));
}

base::Task<base::Result<CredentialRef>> UserStore::create_key(base::Context context, UserRef user,
                                                              KeyPair key) {
  VARVE_CO_TRY(const std::vector<std::string> ids, co_await key_ids(context));
  if (!ids.empty()) co_return too_many_keys();
  ports::KvWrite write;
  write.requirements.push_back(ports::KvRequirement::present(user_row()));
  VARVE_CO_TRY(CredentialRef credential, co_await seal(&write, std::move(user), std::move(key)));
  base::Result<void> written = co_await kv_.write(std::move(context), std::move(write));
  if (!written && written.error().code() == base::Code::Conflict) co_return too_many_keys();
  VARVE_CO_CHECK(std::move(written));
  co_return credential;
}

base::Task<base::Result<NewAdministrator>> UserStore::prepare_administrator(std::string name,
                                                                            KeyPair key) {
  NewAdministrator made;
  UserRef user = new_user(std::move(name), clock_.now());
  VARVE_CO_TRY(base::Bytes bytes, encode(*user));
  made.write.requirements.push_back(ports::KvRequirement::absent(user_row()));
  made.write.updates.push_back(ports::KvUpdate::set(user_row(), std::move(bytes)));
  VARVE_CO_TRY(made.credential, co_await seal(&made.write, std::move(user), std::move(key)));
  co_return made;
}

base::Task<base::Result<CredentialRef>> UserStore::seal(ports::KvWrite* write, UserRef user,
                                                        KeyPair key) {
  auto job = [secret = key.secret, this] {
    return seal_secret(secret_key_, secret.reveal(), rng_);
  };
  VARVE_CO_TRY(base::Bytes sealed, co_await offload_.run(std::move(job)));
  format::CredentialRecord record;
  record.access_key_id = key.access_key_id;
  record.encrypted_secret = std::move(sealed);
  record.issued_date = clock_.now();
  record.user_id = user->name;
  VARVE_CO_TRY(base::Bytes bytes, format::encode_credential(record));
  write->requirements.push_back(ports::KvRequirement::absent(key_guard_row()));
  write->updates.push_back(ports::KvUpdate::set(key_guard_row(), key.access_key_id));
  write->updates.push_back(ports::KvUpdate::set(key_row(key.access_key_id), std::move(bytes)));
  auto credential = std::make_shared<Credential>();
  credential->key = std::move(key);
  credential->issued_at = record.issued_date;
  credential->user = std::move(user);
  co_return CredentialRef(std::move(credential));
}

}  // namespace varve::services
