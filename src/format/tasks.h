// The messages of long-running work: one Task in field 1 of every status, so that any row can be
// read as a Task and expire by it (engine.md 1.3).
//
// encode_: InvalidArgument, a text is not UTF-8. decode_: Corruption, the bytes are no such
// message.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::format {

struct TaskRecord {
  std::string id;
  bool done = false;
  base::Timestamp updated_at;
  std::int64_t progress = 0;
  std::string error;
  std::int32_t status_code = 0;
  std::string operation;
  std::string owner_instance_id;
};

// TaskMsg: the Task of any status row, whatever else the row holds.
base::Result<TaskRecord> decode_task(std::string_view bytes);
base::Result<base::Bytes> encode_task(const TaskRecord& task);

// RepositoryDumpInfo, also the content of _lakefs/refs_manifest.json.
struct RefsDump {
  model::MetaRangeId commits;
  model::MetaRangeId tags;
  model::MetaRangeId branches;
  friend bool operator==(const RefsDump&, const RefsDump&) = default;
};

struct DumpStatus {
  TaskRecord task;
  std::optional<RefsDump> info;
};
base::Result<base::Bytes> encode_dump_status(const DumpStatus& status);
base::Result<DumpStatus> decode_dump_status(std::string_view bytes);

// RepositoryRestoreStatus holds a Task and nothing else: encode_task, decode_task.

struct GcPrepareInfo {
  std::string run_id;
  std::string commits_location;
  std::string addresses_location;
};

struct GcPrepareStatus {
  TaskRecord task;
  std::optional<GcPrepareInfo> info;
};
base::Result<base::Bytes> encode_gc_prepare_status(const GcPrepareStatus& status);
base::Result<GcPrepareStatus> decode_gc_prepare_status(std::string_view bytes);

struct CommitStatus {
  TaskRecord task;
  std::optional<model::Commit> commit;
};
base::Result<base::Bytes> encode_commit_status(const CommitStatus& status);
base::Result<CommitStatus> decode_commit_status(std::string_view bytes);

struct MergeStatus {
  TaskRecord task;
  std::optional<std::string> reference;  // the merge's commit
};
base::Result<base::Bytes> encode_merge_status(const MergeStatus& status);
base::Result<MergeStatus> decode_merge_status(std::string_view bytes);

// InstanceHeartbeat.
base::Bytes encode_heartbeat(base::Timestamp updated_at);
base::Result<base::Timestamp> decode_heartbeat(std::string_view bytes);

}  // namespace varve::format
