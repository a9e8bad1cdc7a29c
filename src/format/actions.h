// What is kept of a run of hooks (engine.md 1.4).
//
// encode_: InvalidArgument, a text is not UTF-8. decode_: Corruption, the bytes are no such
// message.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace varve::format {

// RunResultData.
struct RunRecord {
  std::string run_id;
  std::string branch_id;
  std::string commit_id;
  std::string source_ref;
  std::string event_type;
  base::Timestamp start_time;
  base::Timestamp end_time;
  bool passed = false;
};
base::Result<base::Bytes> encode_run(const RunRecord& run);
base::Result<RunRecord> decode_run(std::string_view bytes);

// TaskResultData: one hook of a run.
struct HookRunRecord {
  std::string run_id;
  std::string hook_run_id;
  std::string hook_id;
  std::string action_name;
  base::Timestamp start_time;
  base::Timestamp end_time;
  bool passed = false;
};
base::Result<base::Bytes> encode_hook_run(const HookRunRecord& run);
base::Result<HookRunRecord> decode_hook_run(std::string_view bytes);

}  // namespace varve::format
