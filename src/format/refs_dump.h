// Refs as three snapshots: commits, branches and tags of a repository, written with the ordinary
// range and metarange writers and restored elsewhere from three ids (engine.md 12).
//
//   kind      key          identity    data
//   commits   commit id    commit id   CommitData, all fields
//   branches  branch name  commit id   BranchData with only id and commit_id
//   tags      tag name     commit id   TagData
//
// Ids are ASCII. Ranges and metarange carry dump_properties(), which their ids cover.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "format/table_writer.h"
#include "format/tasks.h"
#include "model/records.h"

namespace varve::format {

enum class DumpKind : std::uint8_t { Commits, Branches, Tags };

std::string_view to_string(DumpKind kind);  // "commits", "branches", "tags"

// entity, schema_name, schema_definition.
Properties dump_properties(DumpKind kind);

// Whether the bytes of a metarange say that they are a dump of this kind.
//   InvalidArgument   they are of another kind, or no dump at all
//   Corruption        unreadable
base::Result<void> check_dump_kind(DumpKind kind, std::string_view bytes);

struct DumpRecord {
  base::Bytes key;
  base::Bytes identity;
  base::Bytes data;
};

// InvalidArgument: a text is not UTF-8.
base::Result<DumpRecord> dump_commit(const model::Commit& commit);
base::Result<DumpRecord> dump_branch(const model::Branch& branch);
base::Result<DumpRecord> dump_tag(const model::Tag& tag);

// Reading one back. A commit must hash to its id and have a generation and a version we know.
//   InvalidArgument   "commit id: invalid value: validation error"; generation 0, from a dump older
//                     than lakeFS 0.61; a version above 1
//   Corruption        the data is no such message
base::Result<model::Commit> restore_commit(std::string_view data);
base::Result<model::Branch> restore_branch(std::string_view data);
base::Result<model::Tag> restore_tag(std::string_view data);

// _lakefs/refs_manifest.json: a JSON object of the three ids.
std::string encode_refs_manifest(const RefsDump& dump);
//   Corruption   no JSON object of strings, or an id is missing or not hex
base::Result<RefsDump> decode_refs_manifest(std::string_view text);

}  // namespace varve::format
