#include "engine/core/core.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "model/ids.h"
#include "model/records.h"
#include "ports/object_types.h"

namespace varve::engine {

namespace {

constexpr std::array<std::string_view, 7> KnownSchemes = {"s3",  "gs",    "http",     "https",
                                                          "mem", "local", "transient"};

// Whether a deprecated address is a whole URI (engine.md 2.4, type 0).
bool is_known_uri(std::string_view address) {
  const std::size_t colon = address.find("://");
  if (colon == std::string_view::npos) return false;
  const std::string_view scheme = address.substr(0, colon);
  for (const std::string_view known : KnownSchemes) {
    if (scheme == known) return true;
  }
  return false;
}

ports::ObjectAddress below(const model::StorageNamespace& storage_namespace,
                           std::string_view address) {
  std::string whole = storage_namespace.str();
  if (!whole.empty() && whole.back() == '/' && !whole.ends_with("://")) whole.pop_back();
  whole += '/';
  whole += address;
  return ports::ObjectAddress(std::move(whole));
}

}  // namespace

ports::ObjectAddress resolve_address(const model::StorageNamespace& storage_namespace,
                                     model::AddressType type, const std::string& address) {
  const bool is_full = type == model::AddressType::Full ||
                       (type == model::AddressType::ByPrefixDeprecated && is_known_uri(address));
  return is_full ? ports::ObjectAddress(address) : below(storage_namespace, address);
}

ports::ObjectAddress metadata_address(const EngineOptions& options,
                                      const model::StorageNamespace& storage_namespace,
                                      const std::string& name) {
  return below(storage_namespace, options.block_storage_prefix + "/" + name);
}

model::StagingToken new_staging_token(Core& core, const model::RepositoryId& repository,
                                      const model::BranchId& branch) {
  base::Bytes octets = core.rng.bytes(16);
  octets[6] = static_cast<char>((static_cast<std::uint8_t>(octets[6]) & 0x0FU) | 0x40U);
  octets[8] = static_cast<char>((static_cast<std::uint8_t>(octets[8]) & 0x3FU) | 0x80U);
  const std::string hex = base::hex_encode(octets);
  std::string token = repository.str() + "-" + branch.str() + ":";
  token.append(hex, 0, 8).append("-").append(hex, 8, 4).append("-").append(hex, 12, 4);
  token.append("-").append(hex, 16, 4).append("-").append(hex, 20, 12);
  return model::StagingToken(std::move(token));
}

std::string prefix_end(std::string_view prefix) {
  while (!prefix.empty() && static_cast<std::uint8_t>(prefix.back()) == 0xFFU) {
    prefix.remove_suffix(1);
  }
  std::string end(prefix);
  if (!end.empty()) end.back() = static_cast<char>(static_cast<std::uint8_t>(end.back()) + 1U);
  return end;
}

}  // namespace varve::engine
