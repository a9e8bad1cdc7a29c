// What every KvStore checks before it does anything, so that adapters agree on what is refused and
// on the text. All answer InvalidArgument; a cancelled context is Cancelled.
#pragma once

#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "ports/kv_store.h"

namespace varve::ports {

base::Result<void> check_get(const base::Context& context, const KvKey& key);
base::Result<void> check_multi_get(const base::Context& context, const std::vector<KvKey>& keys);
base::Result<void> check_write(const base::Context& context, const KvWrite& write);
base::Result<void> check_scan(const base::Context& context, const KvScan& scan);
base::Result<void> check_delete_range(const base::Context& context, std::string_view partition);

}  // namespace varve::ports
