#include "format/graveler.h"

#include <cstdint>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "format/wire.h"
#include "format/wire_reader.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::format {

// RepositoryData {1: id, 2: storage_namespace, 3: default_branch_id, 4: Timestamp creation_date,
//                 5: enum state, 6: instance_uid, 7: bool read_only, 8: storage_id}
base::Result<base::Bytes> encode_repository(const model::Repository& repository) {
  WireWriter out;
  out.string(1, repository.id.view());
  out.string(2, repository.storage_namespace.view());
  out.string(3, repository.default_branch.view());
  out.timestamp(4, repository.creation_date);
  out.number(5, static_cast<std::int64_t>(repository.state));
  out.string(6, repository.instance_uid);
  out.boolean(7, repository.read_only);
  out.string(8, repository.storage_id.view());
  return std::move(out).finish();
}

base::Result<model::Repository> decode_repository(std::string_view bytes) {
  constexpr auto StateLast = static_cast<std::uint8_t>(model::RepositoryState::InDeletion);
  model::Repository repository;
  WireReader in(bytes, "RepositoryData");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        repository.id = model::RepositoryId(in.string());
        break;
      case 2:
        repository.storage_namespace = model::StorageNamespace(in.string());
        break;
      case 3:
        repository.default_branch = model::BranchId(in.string());
        break;
      case 4:
        repository.creation_date = in.timestamp();
        break;
      case 5:
        repository.state = static_cast<model::RepositoryState>(in.enumeration(StateLast));
        break;
      case 6:
        repository.instance_uid = in.string();
        break;
      case 7:
        repository.read_only = in.boolean();
        break;
      case 8:
        repository.storage_id = model::StorageId(in.string());
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return repository;
}

// BranchData {1: id, 2: commit_id, 3: staging_token, 4: repeated sealed_tokens, 5: bool hidden}
base::Result<base::Bytes> encode_branch(const model::Branch& branch) {
  WireWriter out;
  out.string(1, branch.id.view());
  out.string(2, branch.commit_id.view());
  out.string(3, branch.staging_token.view());
  out.strings(4, branch.sealed_tokens);
  out.boolean(5, branch.hidden);
  return std::move(out).finish();
}

base::Result<model::Branch> decode_branch(std::string_view bytes) {
  model::Branch branch;
  WireReader in(bytes, "BranchData");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        branch.id = model::BranchId(in.string());
        break;
      case 2:
        branch.commit_id = model::CommitId(in.string());
        break;
      case 3:
        branch.staging_token = model::StagingToken(in.string());
        break;
      case 4:
        branch.sealed_tokens.emplace_back(in.string());
        break;
      case 5:
        branch.hidden = in.boolean();
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return branch;
}

// TagData {1: id, 2: commit_id}
base::Result<base::Bytes> encode_tag(const model::Tag& tag) {
  WireWriter out;
  out.string(1, tag.id.view());
  out.string(2, tag.commit_id.view());
  return std::move(out).finish();
}

base::Result<model::Tag> decode_tag(std::string_view bytes) {
  model::Tag tag;
  WireReader in(bytes, "TagData");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        tag.id = model::TagId(in.string());
        break;
      case 2:
        tag.commit_id = model::CommitId(in.string());
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return tag;
}

// CommitData {1: id, 2: committer, 3: message, 4: Timestamp creation_date, 5: meta_range_id,
//             6: map metadata, 7: repeated parents, 8: int32 version, 9: int32 generation}
base::Result<base::Bytes> encode_commit(const model::Commit& commit) {
  WireWriter out;
  out.string(1, commit.id.view());
  out.string(2, commit.committer);
  out.string(3, commit.message);
  out.timestamp(4, commit.creation_date);
  out.string(5, commit.meta_range_id.view());
  out.string_map(6, commit.metadata);
  out.strings(7, commit.parents);
  out.number(8, commit.version);
  out.number(9, commit.generation);
  return std::move(out).finish();
}

base::Result<model::Commit> decode_commit(std::string_view bytes) {
  model::Commit commit;
  commit.version = 0;  // what an absent field means; the struct's defaults are a new commit's
  commit.generation = 0;
  WireReader in(bytes, "CommitData");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        commit.id = model::CommitId(in.string());
        break;
      case 2:
        commit.committer = in.string();
        break;
      case 3:
        commit.message = in.string();
        break;
      case 4:
        commit.creation_date = in.timestamp();
        break;
      case 5:
        commit.meta_range_id = model::MetaRangeId(in.string());
        break;
      case 6:
        in.into_map(commit.metadata);
        break;
      case 7:
        commit.parents.emplace_back(in.string());
        break;
      case 8:
        commit.version = in.int32();
        break;
      case 9:
        commit.generation = in.int32();
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return commit;
}

// StagedEntryData {1: bytes key, 2: bytes identity, 3: bytes data}
base::Bytes encode_staged_entry(std::string_view key, std::string_view identity,
                                std::string_view data) {
  WireWriter out;
  out.reserve(key.size() + identity.size() + data.size() + 16);
  out.bytes(1, key);
  out.bytes(2, identity);
  out.bytes(3, data);
  return *std::move(out).finish();  // no strings, so nothing to refuse
}

base::Result<StagedEntryView> view_staged_entry(std::string_view bytes) {
  StagedEntryView staged;
  WireReader in(bytes, "StagedEntryData");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        staged.key = in.view();
        break;
      case 2:
        staged.identity = in.view();
        break;
      case 3:
        staged.data = in.view();
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return staged;
}

base::Result<StagedEntry> decode_staged_entry(std::string_view bytes) {
  VARVE_TRY(const StagedEntryView view, view_staged_entry(bytes));
  StagedEntry staged;
  staged.key = view.key;
  staged.record.identity = model::Identity(view.identity);
  staged.record.data = view.data;
  return staged;
}

}  // namespace varve::format
