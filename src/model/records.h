// The records of the domain. Plain values: format/ knows their bytes, engine/ their rules.
// Sources: engine.md 1.2, 1.3.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "model/ids.h"

namespace varve::model {

using Metadata = std::map<std::string, std::string>;  // keys ascend, as the canonical bytes want

enum class RepositoryState : std::uint8_t { Active = 0, InDeletion = 1 };

struct Repository {
  RepositoryId id;
  StorageNamespace storage_namespace;
  BranchId default_branch;
  base::Timestamp creation_date;
  RepositoryState state = RepositoryState::Active;
  std::string instance_uid;  // xid; "<id>-<uid>" names the repository's key-value partition
  bool read_only = false;
  StorageId storage_id;
  base::Bytes record;  // the row it was read from, for whoever requires it to be there still

  std::string partition() const { return id.str() + "-" + instance_uid; }
};

struct Branch {
  BranchId id;
  CommitId commit_id;  // the head
  StagingToken staging_token;
  std::vector<StagingToken> sealed_tokens;  // newest first
  bool hidden = false;
};

struct Tag {
  TagId id;
  CommitId commit_id;
};

struct Commit {
  CommitId id;
  std::string committer;
  std::string message;
  base::Timestamp creation_date;
  MetaRangeId meta_range_id;  // empty: no objects (the root commit)
  Metadata metadata;
  std::vector<CommitId> parents;  // the main line first
  std::int32_t version = 1;
  std::int32_t generation = 1;
};

enum class AddressType : std::uint8_t { ByPrefixDeprecated = 0, Relative = 1, Full = 2 };

// One object: where its bytes are and what they are.
struct Entry {
  std::string address;  // relative to the storage namespace, or a whole URI; see address_type
  base::Timestamp last_modified;
  std::int64_t size = 0;
  std::string etag;
  Metadata metadata;
  AddressType address_type = AddressType::Relative;
  std::string content_type;  // empty: shown as application/octet-stream
};

// A record as staging and ranges keep it: `data` is an encoded Entry, carried verbatim when a
// record moves from one range to another (engine.md 1.5).
struct EntryRecord {
  Identity identity;  // empty: a tombstone
  base::Bytes data;
};

// One range of a metarange.
struct RangeInfo {
  RangeId id;
  base::Bytes min_key;
  base::Bytes max_key;
  std::uint64_t estimated_size = 0;  // bytes, engine.md 4.3
  std::int64_t count = 0;            // records
};

}  // namespace varve::model
