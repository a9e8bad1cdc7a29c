// The messages of graveler.h that are a repository's settings and imports.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "format/graveler.h"
#include "format/wire.h"
#include "format/wire_reader.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::format {

// GarbageCollectionRules {1: int32 default_retention_days, 2: map<string, int32>}
base::Result<base::Bytes> encode_gc_rules(const GarbageCollectionRules& rules) {
  WireWriter out;
  out.number(1, rules.default_retention_days);
  for (const auto& [branch, days] : rules.branch_retention_days) {
    out.map_entry(2, branch, std::int64_t{days});
  }
  return std::move(out).finish();
}

namespace {

base::Result<std::pair<std::string, std::int32_t>> decode_branch_days(std::string_view bytes) {
  std::pair<std::string, std::int32_t> entry;
  WireReader in(bytes, "branch_retention_days");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        entry.first = in.string();
        break;
      case 2:
        entry.second = in.int32();
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return entry;
}

}  // namespace

base::Result<GarbageCollectionRules> decode_gc_rules(std::string_view bytes) {
  GarbageCollectionRules rules;
  WireReader in(bytes, "GarbageCollectionRules");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        rules.default_retention_days = in.int32();
        break;
      case 2: {
        auto [branch, days] = in.take(decode_branch_days(in.view()));
        rules.branch_retention_days.insert_or_assign(std::move(branch), days);
        break;
      }
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return rules;
}

// BranchProtectionRules {1: map<string, BranchProtectionBlockedActions>}
// BranchProtectionBlockedActions {1: repeated enum value, packed}
base::Result<base::Bytes> encode_branch_protection(const BranchProtectionRules& rules) {
  WireWriter out;
  for (const auto& [pattern, actions] : rules.blocked_by_pattern) {
    base::Bytes packed;
    for (const BlockedAction action : actions) {
      put_uvarint(packed, static_cast<std::uint64_t>(action));
    }
    WireWriter blocked;
    blocked.bytes(1, packed);
    WireWriter entry;
    entry.string_present(1, pattern);
    entry.nested(2, std::move(blocked));
    out.nested(1, std::move(entry));
  }
  return std::move(out).finish();
}

namespace {

base::Error unknown_action() {
  return {base::Code::Corruption, "BranchProtectionBlockedActions: unknown action"};
}

base::Result<std::vector<BlockedAction>> decode_blocked_actions(std::string_view bytes) {
  std::vector<BlockedAction> actions;
  const auto take = [&actions](std::uint64_t value) {
    if (value > static_cast<std::uint64_t>(BlockedAction::Commit)) return false;
    actions.push_back(static_cast<BlockedAction>(value));
    return true;
  };
  WireReader in(bytes, "BranchProtectionBlockedActions");
  while (in.next()) {
    if (in.field() != 1) continue;
    if (in.is_number()) {  // written one by one: legal, though nobody does
      if (!take(in.number())) return unknown_action();
      continue;
    }
    std::string_view packed = in.view();
    while (!packed.empty()) {
      std::uint64_t value = 0;
      if (!take_uvarint(packed, value) || !take(value)) return unknown_action();
    }
  }
  VARVE_CHECK(in.finish());
  return actions;
}

base::Result<std::pair<std::string, std::vector<BlockedAction>>> decode_pattern(
    std::string_view bytes) {
  std::pair<std::string, std::vector<BlockedAction>> entry;
  WireReader in(bytes, "branch_pattern_to_blocked_actions");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        entry.first = in.string();
        break;
      case 2:
        entry.second = in.take(decode_blocked_actions(in.view()));
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return entry;
}

}  // namespace

base::Result<BranchProtectionRules> decode_branch_protection(std::string_view bytes) {
  BranchProtectionRules rules;
  WireReader in(bytes, "BranchProtectionRules");
  while (in.next()) {
    if (in.field() != 1) continue;
    auto [pattern, actions] = in.take(decode_pattern(in.view()));
    rules.blocked_by_pattern.insert_or_assign(std::move(pattern), std::move(actions));
  }
  VARVE_CHECK(in.finish());
  return rules;
}

// RepoMetadata {1: map<string, string>}
base::Result<base::Bytes> encode_repository_metadata(const model::Metadata& metadata) {
  WireWriter out;
  out.string_map(1, metadata);
  return std::move(out).finish();
}

base::Result<model::Metadata> decode_repository_metadata(std::string_view bytes) {
  model::Metadata metadata;
  WireReader in(bytes, "RepoMetadata");
  while (in.next()) {
    if (in.field() == 1) in.into_map(metadata);
  }
  VARVE_CHECK(in.finish());
  return metadata;
}

// ImportStatusData {1: id, 2: bool completed, 3: Timestamp updated_at, 4: int64 progress,
//                   5: metarange_id, 6: CommitData commit, 7: error}
base::Result<base::Bytes> encode_import_status(const ImportStatus& status) {
  WireWriter out;
  out.string(1, status.id);
  out.boolean(2, status.completed);
  out.timestamp(3, status.updated_at);
  out.number(4, status.progress);
  out.string(5, status.meta_range_id.view());
  if (status.commit.has_value()) {
    VARVE_TRY(const base::Bytes commit, encode_commit(*status.commit));
    out.message(6, commit);
  }
  out.string(7, status.error);
  return std::move(out).finish();
}

base::Result<ImportStatus> decode_import_status(std::string_view bytes) {
  ImportStatus status;
  WireReader in(bytes, "ImportStatusData");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        status.id = in.string();
        break;
      case 2:
        status.completed = in.boolean();
        break;
      case 3:
        status.updated_at = in.timestamp();
        break;
      case 4:
        status.progress = in.signed_number();
        break;
      case 5:
        status.meta_range_id = model::MetaRangeId(in.string());
        break;
      case 6:
        status.commit = in.take(decode_commit(in.view()));
        break;
      case 7:
        status.error = in.string();
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return status;
}

}  // namespace varve::format
