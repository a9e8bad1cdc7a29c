#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/run.h"
#include "ports/kv_store.h"
#include "tests/contract/kv_store_contract.h"

namespace varve::contract {

using base::Bytes;
using base::Context;
using base::Result;
using base::run;
using ports::KvKey;
using ports::KvPage;
using ports::KvScan;
using ports::KvUpdate;
using ports::KvWrite;

Result<std::optional<Bytes>> KvClient::get(KvKey key) {
  return run(store_.get(Context(), std::move(key)));
}

Result<std::vector<std::optional<Bytes>>> KvClient::multi_get(std::vector<KvKey> keys) {
  return run(store_.multi_get(Context(), std::move(keys)));
}

Result<void> KvClient::write(KvWrite write) {
  return run(store_.write(Context(), std::move(write)));
}

Result<KvPage> KvClient::scan(KvScan scan) { return run(store_.scan(Context(), std::move(scan))); }

Result<void> KvClient::delete_range(std::string partition, std::string from, std::string until) {
  return run(
      store_.delete_range(Context(), std::move(partition), std::move(from), std::move(until)));
}

void KvClient::set(KvKey key, Bytes value) {
  KvWrite put;
  put.updates.push_back(KvUpdate::set(std::move(key), std::move(value)));
  const auto done = write(std::move(put));
  ASSERT_TRUE(done.has_value()) << done.error().message();
}

void KvClient::erase(KvKey key) {
  KvWrite removal;
  removal.updates.push_back(KvUpdate::erase(std::move(key)));
  const auto done = write(std::move(removal));
  ASSERT_TRUE(done.has_value()) << done.error().message();
}

std::optional<Bytes> KvClient::value(KvKey key) {
  const auto found = get(std::move(key));
  EXPECT_TRUE(found.has_value()) << found.error().message();
  return found ? *found : std::nullopt;
}

std::vector<std::string> KvClient::keys(std::string partition) {
  KvScan stretch;
  stretch.partition = std::move(partition);
  stretch.limit = ports::KvScanRowsMax;
  const auto page = scan(std::move(stretch));
  EXPECT_TRUE(page.has_value());
  std::vector<std::string> names;
  if (!page) return names;
  EXPECT_FALSE(page->has_more);
  for (const auto& row : page->rows) names.push_back(row.key);
  return names;
}

}  // namespace varve::contract
