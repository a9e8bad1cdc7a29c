// The messages of users, groups, policies and credentials (engine.md 1.4). Secrets are opaque bytes
// here, encrypted by who calls.
//
// encode_: InvalidArgument, a text is not UTF-8. decode_: Corruption, the bytes are no such
// message.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace varve::format {

struct UserRecord {
  base::Timestamp created_at;
  std::string username;
  std::string friendly_name;
  std::string email;
  base::Bytes encrypted_password;
  std::string source;
  std::string external_id;
};
base::Result<base::Bytes> encode_user(const UserRecord& user);
base::Result<UserRecord> decode_user(std::string_view bytes);

struct GroupRecord {
  base::Timestamp created_at;
  std::string display_name;
  std::string description;
};
base::Result<base::Bytes> encode_group(const GroupRecord& group);
base::Result<GroupRecord> decode_group(std::string_view bytes);

// Condition operator -> field -> values.
using PolicyConditions = std::map<std::string, std::map<std::string, std::vector<std::string>>>;

struct StatementRecord {
  std::string effect;
  std::vector<std::string> actions;
  std::string resource;
  PolicyConditions conditions;
};

struct AclRecord {
  std::string permission;
  bool all_repositories = false;
  std::vector<std::string> repositories;
};

struct PolicyRecord {
  base::Timestamp created_at;
  std::string display_name;
  std::vector<StatementRecord> statements;
  std::optional<AclRecord> acl;
};
base::Result<base::Bytes> encode_policy(const PolicyRecord& policy);
base::Result<PolicyRecord> decode_policy(std::string_view bytes);

struct CredentialRecord {
  std::string access_key_id;
  base::Bytes encrypted_secret;
  base::Timestamp issued_date;
  base::Bytes user_id;  // the user's name
};
base::Result<base::Bytes> encode_credential(const CredentialRecord& credential);
base::Result<CredentialRecord> decode_credential(std::string_view bytes);

// A one-time token that has been used.
struct TokenRecord {
  std::string token_id;
  base::Timestamp expired_at;
};
base::Result<base::Bytes> encode_token(const TokenRecord& token);
base::Result<TokenRecord> decode_token(std::string_view bytes);

}  // namespace varve::format
