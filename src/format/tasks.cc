#include "format/tasks.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "format/graveler.h"
#include "format/wire.h"
#include "format/wire_reader.h"
#include "model/ids.h"

namespace varve::format {
namespace {

// Task {1: id, 2: bool done, 3: Timestamp updated_at, 4: int64 progress, 5: error_msg,
//       6: int32 status_code, 7: operation, 8: owner_instance_id}
WireWriter write_task(const TaskRecord& task) {
  WireWriter out;
  out.string(1, task.id);
  out.boolean(2, task.done);
  out.timestamp(3, task.updated_at);
  out.number(4, task.progress);
  out.string(5, task.error);
  out.number(6, task.status_code);
  out.string(7, task.operation);
  out.string(8, task.owner_instance_id);
  return out;
}

base::Result<TaskRecord> read_task(std::string_view bytes) {
  TaskRecord task;
  WireReader in(bytes, "Task");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        task.id = in.string();
        break;
      case 2:
        task.done = in.boolean();
        break;
      case 3:
        task.updated_at = in.timestamp();
        break;
      case 4:
        task.progress = in.signed_number();
        break;
      case 5:
        task.error = in.string();
        break;
      case 6:
        task.status_code = in.int32();
        break;
      case 7:
        task.operation = in.string();
        break;
      case 8:
        task.owner_instance_id = in.string();
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return task;
}

// A status: {1: Task task, 2: info}. `info` writes field 2, if there is one.
template <class WriteInfo>
base::Result<base::Bytes> encode_status(const TaskRecord& task, WriteInfo info) {
  WireWriter out;
  out.nested(1, write_task(task));
  info(out);
  return std::move(out).finish();
}

// Reads field 1 and lets `info` read field 2.
template <class ReadInfo>
base::Result<TaskRecord> decode_status(std::string_view bytes, const char* message, ReadInfo info) {
  TaskRecord task;
  WireReader in(bytes, message);
  while (in.next()) {
    switch (in.field()) {
      case 1:
        task = in.take(read_task(in.view()));
        break;
      case 2:
        info(in);
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return task;
}

}  // namespace

base::Result<base::Bytes> encode_task(const TaskRecord& task) {
  return encode_status(task, [](WireWriter&) {});
}

base::Result<TaskRecord> decode_task(std::string_view bytes) {
  return decode_status(bytes, "TaskMsg", [](WireReader&) {});
}

namespace {

// RepositoryDumpInfo {1: commits_metarange_id, 2: tags_metarange_id, 3: branches_metarange_id}
base::Result<RefsDump> read_dump_info(std::string_view bytes) {
  RefsDump dump;
  WireReader in(bytes, "RepositoryDumpInfo");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        dump.commits = model::MetaRangeId(in.string());
        break;
      case 2:
        dump.tags = model::MetaRangeId(in.string());
        break;
      case 3:
        dump.branches = model::MetaRangeId(in.string());
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return dump;
}

// GarbageCollectionPrepareCommitsInfo {1: run_id, 2: gc_commits_location, 3: gc_addresses_location}
base::Result<GcPrepareInfo> read_gc_info(std::string_view bytes) {
  GcPrepareInfo info;
  WireReader in(bytes, "GarbageCollectionPrepareCommitsInfo");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        info.run_id = in.string();
        break;
      case 2:
        info.commits_location = in.string();
        break;
      case 3:
        info.addresses_location = in.string();
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return info;
}

// MergeData {1: reference}
base::Result<std::string> read_merge_data(std::string_view bytes) {
  std::string reference;
  WireReader in(bytes, "MergeData");
  while (in.next()) {
    if (in.field() == 1) reference = in.string();
  }
  VARVE_CHECK(in.finish());
  return reference;
}

}  // namespace

// RepositoryDumpStatus
base::Result<base::Bytes> encode_dump_status(const DumpStatus& status) {
  return encode_status(status.task, [&info = status.info](WireWriter& out) {
    if (!info.has_value()) return;
    WireWriter inner;
    inner.string(1, info->commits.view());
    inner.string(2, info->tags.view());
    inner.string(3, info->branches.view());
    out.nested(2, std::move(inner));
  });
}

base::Result<DumpStatus> decode_dump_status(std::string_view bytes) {
  DumpStatus status;
  VARVE_TRY(status.task, decode_status(bytes, "RepositoryDumpStatus", [&status](WireReader& in) {
              status.info = in.take(read_dump_info(in.view()));
            }));
  return status;
}

// GarbageCollectionPrepareStatus
base::Result<base::Bytes> encode_gc_prepare_status(const GcPrepareStatus& status) {
  return encode_status(status.task, [&info = status.info](WireWriter& out) {
    if (!info.has_value()) return;
    WireWriter inner;
    inner.string(1, info->run_id);
    inner.string(2, info->commits_location);
    inner.string(3, info->addresses_location);
    out.nested(2, std::move(inner));
  });
}

base::Result<GcPrepareStatus> decode_gc_prepare_status(std::string_view bytes) {
  GcPrepareStatus status;
  VARVE_TRY(status.task,
            decode_status(bytes, "GarbageCollectionPrepareStatus", [&status](WireReader& in) {
              status.info = in.take(read_gc_info(in.view()));
            }));
  return status;
}

// CommitAsyncStatusData
base::Result<base::Bytes> encode_commit_status(const CommitStatus& status) {
  base::Bytes commit;
  if (status.commit.has_value()) {
    VARVE_TRY(commit, encode_commit(*status.commit));
  }
  return encode_status(status.task, [&](WireWriter& out) {
    if (status.commit.has_value()) out.message(2, commit);
  });
}

base::Result<CommitStatus> decode_commit_status(std::string_view bytes) {
  CommitStatus status;
  VARVE_TRY(status.task, decode_status(bytes, "CommitAsyncStatusData", [&status](WireReader& in) {
              status.commit = in.take(decode_commit(in.view()));
            }));
  return status;
}

// MergeAsyncStatusData
base::Result<base::Bytes> encode_merge_status(const MergeStatus& status) {
  return encode_status(status.task, [&reference = status.reference](WireWriter& out) {
    if (!reference.has_value()) return;
    WireWriter inner;
    inner.string(1, *reference);
    out.nested(2, std::move(inner));
  });
}

base::Result<MergeStatus> decode_merge_status(std::string_view bytes) {
  MergeStatus status;
  VARVE_TRY(status.task, decode_status(bytes, "MergeAsyncStatusData", [&status](WireReader& in) {
              status.reference = in.take(read_merge_data(in.view()));
            }));
  return status;
}

// InstanceHeartbeat {1: Timestamp updated_at}
base::Bytes encode_heartbeat(base::Timestamp updated_at) {
  WireWriter out;
  out.timestamp(1, updated_at);
  return *std::move(out).finish();  // no strings, so nothing to refuse
}

base::Result<base::Timestamp> decode_heartbeat(std::string_view bytes) {
  base::Timestamp updated_at;
  WireReader in(bytes, "InstanceHeartbeat");
  while (in.next()) {
    if (in.field() == 1) updated_at = in.timestamp();
  }
  VARVE_CHECK(in.finish());
  return updated_at;
}

}  // namespace varve::format
