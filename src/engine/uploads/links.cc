// Addresses that clients upload to themselves and send back. A signature in the object's own name
// binds it to one repository, branch and path; nothing is stored for it (engine.md 2.5).
//
//   payload  {"Repository":r,"Branch":b,"Path":p,"PhysicalAddress":"data/<partition>/<xid>"}
//   address  data/<partition>/<xid> "," base64url( HMAC-SHA256(signing key, payload) )
#include <cstddef>
#include <cstdint>
#include <regex>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "engine/core/address_text.h"
#include "engine/core/core.h"
#include "engine/uploads/uploads.h"
#include "engine/uploads/uploads_impl.h"
#include "format/xid.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::engine {

using base::Code;
using base::Error;
using base::Result;

namespace {

constexpr std::int64_t LinkAgeSecondsMax = 24LL * 60 * 60;
constexpr std::string_view DataPrefix = "data/";

Error address_error(std::string text) {
  return model::make_error(Code::InvalidArgument, model::Detail::InvalidAddress, std::move(text));
}

void append_escape(std::string& out, unsigned code) {
  constexpr std::string_view Digits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) {
    out += Digits[(code >> static_cast<unsigned>(shift)) & 0xFU];
  }
}

// A JSON string as lakeFS writes it: also what HTML minds is escaped.
void append_json(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<std::uint8_t>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n' || c == '\r' || c == '\t') {
      out += '\\';
      out += c == '\n' ? 'n' : c == '\r' ? 'r' : 't';
    } else if (byte < 0x20 || c == '<' || c == '>' || c == '&') {
      append_escape(out, byte);
    } else if (text.substr(i).starts_with("\xE2\x80\xA8") ||
               text.substr(i).starts_with("\xE2\x80\xA9")) {
      append_escape(out, text[i + 2] == '\xA8' ? 0x2028U : 0x2029U);
      i += 2;
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string payload_of(const model::Repository& repository, const model::BranchId& branch,
                       const model::ObjectPath& path, std::string_view address) {
  std::string payload = "{\"Repository\":";
  append_json(payload, repository.id.view());
  payload += ",\"Branch\":";
  append_json(payload, branch.view());
  payload += ",\"Path\":";
  append_json(payload, path.view());
  payload += ",\"PhysicalAddress\":";
  append_json(payload, address);
  payload += '}';
  return payload;
}

// "<namespace>/", as the addresses of a repository begin.
std::string root_of(const model::Repository& repository) {
  return resolve_address(repository.storage_namespace, model::AddressType::Relative, "").str();
}

Error traversal() { return address_error("bad path traversal blocked"); }

// The part of an address that the client made up: all behind the root of the repository, or all.
struct Claimed {
  std::string_view path;
  bool is_in_namespace = false;
};

Claimed claimed_of(std::string_view address, std::string_view root) {
  if (address.starts_with(root)) return {address.substr(root.size()), true};
  return {without_scheme(address), false};
}

// Refuses what names a place in a roundabout way, and the repository's own files: who may write an
// object may not read, through it, what commits are made of.
Result<void> check_claimed(const Core& core, Claimed claimed) {
  if (has_traversal(claimed.path)) return traversal();
  const bool are_files = core.objects.capabilities().external_prefixes.has_value();
  if (are_files && !is_plain_path(claimed.path)) return traversal();
  const std::string metadata = core.options.block_storage_prefix + "/";
  if (claimed.is_in_namespace && claimed.path.starts_with(metadata)) {
    return address_error("address is in the repository's own folder: invalid address");
  }
  return {};
}

bool is_below(std::string_view path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return false;
  return prefix.ends_with('/') || path.size() == prefix.size() || path[prefix.size()] == '/';
}

// Whether a store of files lets clients register an address outside their namespace; another
// repository's data is never theirs to name.
Result<void> check_external(const ports::ObjectStoreCapabilities& store, std::string_view address) {
  if (!store.external_prefixes.has_value()) return {};
  const std::string_view path = without_scheme(address);
  if (!path.starts_with('/')) return traversal();
  for (const std::string& prefix : *store.external_prefixes) {
    if (is_below(path, prefix)) return {};
  }
  return model::make_error(Code::PermissionDenied, model::Detail::StorageForbidden, "forbidden");
}

}  // namespace

std::string Uploads::signed_address(const model::Repository& repository,
                                    const model::BranchId& branch, const model::ObjectPath& path) {
  const std::string address = impl_->addresses.next();
  const base::Bytes signature = base::hmac_sha256(impl_->core.options.signing_key,
                                                  payload_of(repository, branch, path, address));
  return root_of(repository) + address + "," + base::base64url_encode_nopad(signature);
}

Result<Uploads::LinkedAddress> Uploads::verify_linked_address(const model::Repository& repository,
                                                              const model::BranchId& branch,
                                                              const model::ObjectPath& path,
                                                              const std::string& physical) {
  const ports::ObjectStoreCapabilities& store = impl_->core.objects.capabilities();
  const std::string whole = undo_shown_root(physical, store.shown_root);
  if (whole.find("://") == std::string::npos) {
    return address_error("address is no URI: link address invalid");
  }
  const std::string root = root_of(repository);
  VARVE_CHECK(check_claimed(impl_->core, claimed_of(whole, root)));
  LinkedAddress linked;
  if (!whole.starts_with(root + std::string(DataPrefix))) {
    // Elsewhere: taken as it is, unless the store itself would have to reach where it may not.
    const bool is_ours = std::regex_search(whole, std::regex(store.namespace_regex));
    if (is_ours && !whole.starts_with(root)) VARVE_CHECK(check_external(store, whole));
    linked.address = whole;
    linked.type = model::AddressType::Full;
    return linked;
  }
  linked.address = whole.substr(root.size());
  const std::size_t comma = linked.address.rfind(',');
  if (comma == std::string::npos) {
    return address_error("address is not signed: link address invalid");
  }
  const std::string unsigned_address = linked.address.substr(0, comma);
  const std::string payload = payload_of(repository, branch, path, unsigned_address);
  base::Bytes signature;
  if (!base::base64url_decode_nopad(std::string_view(linked.address).substr(comma + 1),
                                    signature)) {
    return address_error("malformed address signature: " + payload + ": link address invalid");
  }
  const base::Bytes expected = base::hmac_sha256(impl_->core.options.signing_key, payload);
  if (!base::equal_constant_time(signature, expected)) {
    return address_error("invalid address signature: invalid address");
  }
  const auto id = format::decode_xid(
      std::string_view(unsigned_address).substr(unsigned_address.rfind('/') + 1));
  if (!id.has_value()) return address_error("malformed address: link address invalid");
  const std::int64_t age = impl_->core.clock.now().seconds - format::xid_seconds(*id);
  if (age > LinkAgeSecondsMax) return address_error("link address expired");
  return linked;
}

Result<Uploads::LinkedAddress> Uploads::verify_staged_address(const model::Repository& repository,
                                                              const std::string& physical) {
  const ports::ObjectStoreCapabilities& store = impl_->core.objects.capabilities();
  const std::string whole = undo_shown_root(physical, store.shown_root);
  if (whole.find("://") == std::string::npos) {
    return address_error("invalid storage scheme : invalid address");
  }
  if (!std::regex_search(whole, std::regex(store.namespace_regex))) {
    return address_error("physical address is not valid for block adapter: " + store.type);
  }
  const std::string root = root_of(repository);
  VARVE_CHECK(check_claimed(impl_->core, claimed_of(whole, root)));
  LinkedAddress staged;
  staged.address = whole;
  staged.type = model::AddressType::Full;
  if (whole.starts_with(root)) {
    if (whole.starts_with(root + std::string(DataPrefix))) {
      staged.address = whole.substr(root.size());
      staged.type = model::AddressType::Relative;
    }
    return staged;
  }
  VARVE_CHECK(check_external(store, whole));
  return staged;
}

}  // namespace varve::engine
