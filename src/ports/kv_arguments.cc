#include "ports/kv_arguments.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "ports/kv_store.h"

namespace varve::ports {

using base::Code;
using base::Error;
using base::Result;

namespace {

Error invalid(std::string text) { return {Code::InvalidArgument, std::move(text)}; }

Error too_long(const char* what, std::size_t bytes, std::size_t bytes_max) {
  return invalid(std::string(what) + " too long: " + std::to_string(bytes) + " bytes, " +
                 std::to_string(bytes_max) + " are allowed");
}

Result<void> check_context(const base::Context& context) {
  if (context.is_cancelled()) return Error(Code::Cancelled, "cancelled");
  return {};
}

Result<void> check_partition(std::string_view partition) {
  if (partition.empty()) return invalid("missing partition key");
  if (partition.size() > KvKeyBytesMax) {
    return too_long("partition key", partition.size(), KvKeyBytesMax);
  }
  return {};
}

Result<void> check_key(const KvKey& key) {
  VARVE_CHECK(check_partition(key.partition));
  if (key.key.empty()) return invalid("missing key");
  if (key.key.size() > KvKeyBytesMax) {
    return too_long("key", key.key.size(), KvKeyBytesMax);
  }
  return {};
}

}  // namespace

Result<void> check_get(const base::Context& context, const KvKey& key) {
  VARVE_CHECK(check_context(context));
  return check_key(key);
}

Result<void> check_multi_get(const base::Context& context, const std::vector<KvKey>& keys) {
  VARVE_CHECK(check_context(context));
  if (keys.size() > KvKeysMax) return invalid("too many keys in one read");
  for (const KvKey& key : keys) VARVE_CHECK(check_key(key));
  return {};
}

Result<void> check_write(const base::Context& context, const KvWrite& write) {
  VARVE_CHECK(check_context(context));
  if (write.updates.size() > KvUpdatesMax) return invalid("too many updates in one write");
  if (write.requirements.size() > KvUpdatesMax)
    return invalid("too many requirements in one write");
  for (const KvRequirement& requirement : write.requirements) {
    VARVE_CHECK(check_key(requirement.key));
  }
  for (const KvUpdate& update : write.updates) {
    VARVE_CHECK(check_key(update.key));
    if (update.value && update.value->size() > KvValueBytesMax) {
      return too_long("value", update.value->size(), KvValueBytesMax);
    }
  }
  return {};
}

Result<void> check_scan(const base::Context& context, const KvScan& scan) {
  VARVE_CHECK(check_context(context));
  VARVE_CHECK(check_partition(scan.partition));
  if (scan.limit < 1 || scan.limit > KvScanRowsMax) return invalid("scan limit out of range");
  return {};
}

Result<void> check_delete_range(const base::Context& context, std::string_view partition) {
  VARVE_CHECK(check_context(context));
  return check_partition(partition);
}

}  // namespace varve::ports
