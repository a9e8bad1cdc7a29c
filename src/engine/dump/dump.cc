// Writing a dump: one scan of each kind's rows, which the key-value store keeps in the order that
// the tables want.
#include "engine/dump/dump.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/core/kv_walk.h"
#include "format/graveler.h"
#include "format/kv_keys.h"
#include "format/metarange.h"
#include "format/range_writer.h"
#include "format/refs_dump.h"
#include "format/table_writer.h"
#include "format/tasks.h"
#include "model/ids.h"
#include "model/records.h"
#include "ports/kv_store.h"
#include "ports/object_types.h"

namespace varve::engine {

using base::Context;
using base::Result;
using base::Task;
using format::DumpKind;
namespace keys = format::keys;

namespace {

constexpr std::size_t PageRows = 1000;
constexpr std::string_view ManifestName = "refs_manifest.json";

std::string_view prefix_of(DumpKind kind) {
  switch (kind) {
    case DumpKind::Commits:
      return keys::CommitPrefix;
    case DumpKind::Branches:
      return keys::BranchPrefix;
    case DumpKind::Tags:
      return keys::TagPrefix;
  }
  return {};
}

Result<format::DumpRecord> record_of(DumpKind kind, std::string_view value) {
  switch (kind) {
    case DumpKind::Commits: {
      VARVE_TRY(model::Commit commit, format::decode_commit(value));
      return format::dump_commit(commit);
    }
    case DumpKind::Branches: {
      VARVE_TRY(model::Branch branch, format::decode_branch(value));
      return format::dump_branch(branch);
    }
    case DumpKind::Tags: {
      VARVE_TRY(model::Tag tag, format::decode_tag(value));
      return format::dump_tag(tag);
    }
  }
  return base::Error(base::Code::Internal, "no such kind of dump");
}

}  // namespace

Task<Result<model::RangeInfo>> RefsDumps::store_range(Context context, RepositoryRef repository,
                                                      format::EncodedRange range) {
  ports::ObjectAddress address =
      metadata_address(core_.options, repository->storage_namespace, range.info.id.str());
  VARVE_CO_CHECK(co_await core_.objects.put_bytes(
      std::move(context), std::move(address), std::move(range.bytes), ports::PutMode::Overwrite));
  co_return std::move(range.info);
}

Task<Result<model::MetaRangeId>> RefsDumps::write_kind(Context context, RepositoryRef repository,
                                                       DumpKind kind) {
  const format::RangeParams params{.bytes_min = core_.options.range_bytes_min,
                                   .bytes_max = core_.options.range_bytes_max,
                                   .raggedness = core_.options.range_raggedness};
  const format::Properties properties = format::dump_properties(kind);
  std::vector<model::RangeInfo> ranges;
  format::RangeWriter writer(params, properties);
  KvWalk walk(core_.kv, context, repository->partition(), prefix_of(kind), "", PageRows);
  for (;;) {
    VARVE_CO_TRY(std::vector<ports::KvRow> rows, co_await walk.next());
    if (rows.empty()) break;
    for (const ports::KvRow& row : rows) {
      VARVE_CO_TRY(format::DumpRecord record, record_of(kind, row.value));
      VARVE_CO_CHECK(writer.add(record.key, record.identity, record.data));
      if (!writer.should_break()) continue;
      VARVE_CO_TRY(model::RangeInfo range,
                   co_await store_range(context, repository, writer.finish()));
      ranges.push_back(std::move(range));
      writer = format::RangeWriter(params, properties);
    }
  }
  if (!writer.empty()) {
    VARVE_CO_TRY(model::RangeInfo range,
                 co_await store_range(context, repository, writer.finish()));
    ranges.push_back(std::move(range));
  }
  VARVE_CO_TRY(format::EncodedMetaRange file,
               format::encode_metarange(std::move(ranges), properties));
  ports::ObjectAddress address =
      metadata_address(core_.options, repository->storage_namespace, file.id.str());
  VARVE_CO_CHECK(co_await core_.objects.put_bytes(
      std::move(context), std::move(address), std::move(file.bytes), ports::PutMode::Overwrite));
  co_return std::move(file.id);
}

Task<Result<format::RefsDump>> RefsDumps::dump(Context context, RepositoryRef repository) {
  format::RefsDump dump;
  VARVE_CO_TRY(dump.tags, co_await write_kind(context, repository, DumpKind::Tags));
  VARVE_CO_TRY(dump.branches, co_await write_kind(context, repository, DumpKind::Branches));
  VARVE_CO_TRY(dump.commits,
               co_await write_kind(std::move(context), std::move(repository), DumpKind::Commits));
  co_return dump;
}

Task<Result<format::RefsDump>> RefsDumps::dump_with_manifest(Context context,
                                                             RepositoryRef repository) {
  VARVE_CO_TRY(format::RefsDump ids, co_await dump(context, repository));
  ports::ObjectAddress address =
      metadata_address(core_.options, repository->storage_namespace, std::string(ManifestName));
  VARVE_CO_CHECK(co_await core_.objects.put_bytes(std::move(context), std::move(address),
                                                  format::encode_refs_manifest(ids),
                                                  ports::PutMode::Overwrite));
  co_return ids;
}

}  // namespace varve::engine
