// The messages of lakeFS's package io.treeverse.lakefs.graveler: what the key-value store keeps
// about repositories, and what staged records look like (engine.md 1.2). Field numbers are drawn at
// each encoder.
//
// Every encode_ answers InvalidArgument when a text is not UTF-8, every decode_ Corruption when the
// bytes are no such message. Decoding then encoding gives canonical bytes back.  [I-2]
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::format {

base::Result<base::Bytes> encode_repository(const model::Repository& repository);
base::Result<model::Repository> decode_repository(std::string_view bytes);

base::Result<base::Bytes> encode_branch(const model::Branch& branch);
base::Result<model::Branch> decode_branch(std::string_view bytes);

base::Result<base::Bytes> encode_tag(const model::Tag& tag);
base::Result<model::Tag> decode_tag(std::string_view bytes);

base::Result<base::Bytes> encode_commit(const model::Commit& commit);
base::Result<model::Commit> decode_commit(std::string_view bytes);

// A row of a staging token's partition. An empty identity is a tombstone.
struct StagedEntry {
  base::Bytes key;
  model::EntryRecord record;
};
base::Bytes encode_staged_entry(std::string_view key, std::string_view identity,
                                std::string_view data);
base::Result<StagedEntry> decode_staged_entry(std::string_view bytes);

// The same as views into `bytes`, for scans.
struct StagedEntryView {
  std::string_view key;
  std::string_view identity;
  std::string_view data;
};
base::Result<StagedEntryView> view_staged_entry(std::string_view bytes);

struct GarbageCollectionRules {
  std::int32_t default_retention_days = 0;
  std::map<std::string, std::int32_t> branch_retention_days;
};
base::Result<base::Bytes> encode_gc_rules(const GarbageCollectionRules& rules);
base::Result<GarbageCollectionRules> decode_gc_rules(std::string_view bytes);

enum class BlockedAction : std::uint8_t { StagingWrite = 0, Commit = 1 };

struct BranchProtectionRules {
  std::map<std::string, std::vector<BlockedAction>> blocked_by_pattern;
};
base::Result<base::Bytes> encode_branch_protection(const BranchProtectionRules& rules);
base::Result<BranchProtectionRules> decode_branch_protection(std::string_view bytes);

// RepoMetadata.
base::Result<base::Bytes> encode_repository_metadata(const model::Metadata& metadata);
base::Result<model::Metadata> decode_repository_metadata(std::string_view bytes);

// ImportStatusData. `commit` is there once the import has committed.
struct ImportStatus {
  std::string id;
  bool completed = false;
  base::Timestamp updated_at;
  std::int64_t progress = 0;
  model::MetaRangeId meta_range_id;
  std::optional<model::Commit> commit;
  std::string error;
};
base::Result<base::Bytes> encode_import_status(const ImportStatus& status);
base::Result<ImportStatus> decode_import_status(std::string_view bytes);

}  // namespace varve::format
