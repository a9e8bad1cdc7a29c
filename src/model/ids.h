// The names and ids of the domain, as types. Each has a parse function where outside text becomes
// the id, so that below the edge a RepositoryId is a valid one (engine.md 6.4).
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/strong.h"

namespace varve::model {

using RepositoryId = base::Strong<struct RepositoryIdTag>;  // ^[a-z0-9][a-z0-9-]{2,62}$
using BranchId = base::Strong<struct BranchIdTag>;          // ^\w[-\w]*$, ASCII
using TagId = base::Strong<struct TagIdTag>;                // git's rules, engine.md 6.4
using CommitId = base::Strong<struct CommitIdTag>;          // 64 lower-case hex digits
using RangeId = base::Strong<struct RangeIdTag>;            // 64 lower-case hex digits
using MetaRangeId = base::Strong<struct MetaRangeIdTag>;    // the same, or empty: no objects
using StagingToken = base::Strong<struct StagingTokenTag>;  // <repository>-<branch>:<uuid v4>
using ObjectPath = base::Strong<struct ObjectPathTag>;      // 1 .. 1024 bytes, any
using StorageNamespace = base::Strong<struct StorageNamespaceTag>;  // s3://bucket/prefix, local://x
using StorageId = base::Strong<struct StorageIdTag>;  // "" is the single, unnamed store
using UploadId = base::Strong<struct UploadIdTag>;
// The identity of an entry: 32 raw SHA-256 bytes; empty means tombstone (staged) or absent.
using Identity = base::Strong<struct IdentityTag>;

// InvalidArgument with lakeFS's text, "repository id: invalid value: validation error" and so on;
// an empty name is Internal (Detail::RequirementMissing), an empty path InvalidArgument. The caller
// adds its own "argument repository: ".
base::Result<RepositoryId> parse_repository_id(std::string_view text);
base::Result<BranchId> parse_branch_id(std::string_view text);
base::Result<TagId> parse_tag_id(std::string_view text);
base::Result<ObjectPath> parse_object_path(std::string_view text);

bool is_full_commit_id(std::string_view text);  // exactly 64 hex digits
bool is_commit_prefix(std::string_view text);   // 1 .. 64 lower-case hex digits

// Every string field of a persistent message must be valid UTF-8 (engine.md 1.5).
bool is_valid_utf8(std::string_view text);

}  // namespace varve::model
