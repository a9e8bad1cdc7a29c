#include "format/auth.h"

#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "format/wire.h"
#include "format/wire_reader.h"

namespace varve::format {

// UserData {1: Timestamp created_at, 2: username, 3: friendly_name, 4: email,
//           5: bytes encrypted_password, 6: source, 7: external_id}
base::Result<base::Bytes> encode_user(const UserRecord& user) {
  WireWriter out;
  out.timestamp(1, user.created_at);
  out.string(2, user.username);
  out.string(3, user.friendly_name);
  out.string(4, user.email);
  out.bytes(5, user.encrypted_password);
  out.string(6, user.source);
  out.string(7, user.external_id);
  return std::move(out).finish();
}

base::Result<UserRecord> decode_user(std::string_view bytes) {
  UserRecord user;
  WireReader in(bytes, "UserData");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        user.created_at = in.timestamp();
        break;
      case 2:
        user.username = in.string();
        break;
      case 3:
        user.friendly_name = in.string();
        break;
      case 4:
        user.email = in.string();
        break;
      case 5:
        user.encrypted_password = in.bytes();
        break;
      case 6:
        user.source = in.string();
        break;
      case 7:
        user.external_id = in.string();
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return user;
}

// GroupData {1: Timestamp created_at, 2: display_name, 3: description}
base::Result<base::Bytes> encode_group(const GroupRecord& group) {
  WireWriter out;
  out.timestamp(1, group.created_at);
  out.string(2, group.display_name);
  out.string(3, group.description);
  return std::move(out).finish();
}

base::Result<GroupRecord> decode_group(std::string_view bytes) {
  GroupRecord group;
  WireReader in(bytes, "GroupData");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        group.created_at = in.timestamp();
        break;
      case 2:
        group.display_name = in.string();
        break;
      case 3:
        group.description = in.string();
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return group;
}

// CredentialData {1: access_key_id, 2: bytes secret_access_key_encrypted_bytes,
//                 3: Timestamp issued_date, 4: bytes user_id}
base::Result<base::Bytes> encode_credential(const CredentialRecord& credential) {
  WireWriter out;
  out.string(1, credential.access_key_id);
  out.bytes(2, credential.encrypted_secret);
  out.timestamp(3, credential.issued_date);
  out.bytes(4, credential.user_id);
  return std::move(out).finish();
}

base::Result<CredentialRecord> decode_credential(std::string_view bytes) {
  CredentialRecord credential;
  WireReader in(bytes, "CredentialData");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        credential.access_key_id = in.string();
        break;
      case 2:
        credential.encrypted_secret = in.bytes();
        break;
      case 3:
        credential.issued_date = in.timestamp();
        break;
      case 4:
        credential.user_id = in.bytes();
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return credential;
}

// TokenData {1: token_id, 2: Timestamp expired_at}
base::Result<base::Bytes> encode_token(const TokenRecord& token) {
  WireWriter out;
  out.string(1, token.token_id);
  out.timestamp(2, token.expired_at);
  return std::move(out).finish();
}

base::Result<TokenRecord> decode_token(std::string_view bytes) {
  TokenRecord token;
  WireReader in(bytes, "TokenData");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        token.token_id = in.string();
        break;
      case 2:
        token.expired_at = in.timestamp();
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return token;
}

}  // namespace varve::format
