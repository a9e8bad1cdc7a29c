#include "format/actions.h"

#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "format/wire.h"
#include "format/wire_reader.h"

namespace varve::format {

// RunResultData {1: run_id, 2: branch_id, 3: commit_id, 4: source_ref, 5: event_type,
//                6: Timestamp start_time, 7: Timestamp end_time, 8: bool passed}
base::Result<base::Bytes> encode_run(const RunRecord& run) {
  WireWriter out;
  out.string(1, run.run_id);
  out.string(2, run.branch_id);
  out.string(3, run.commit_id);
  out.string(4, run.source_ref);
  out.string(5, run.event_type);
  out.timestamp(6, run.start_time);
  out.timestamp(7, run.end_time);
  out.boolean(8, run.passed);
  return std::move(out).finish();
}

base::Result<RunRecord> decode_run(std::string_view bytes) {
  RunRecord run;
  WireReader in(bytes, "RunResultData");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        run.run_id = in.string();
        break;
      case 2:
        run.branch_id = in.string();
        break;
      case 3:
        run.commit_id = in.string();
        break;
      case 4:
        run.source_ref = in.string();
        break;
      case 5:
        run.event_type = in.string();
        break;
      case 6:
        run.start_time = in.timestamp();
        break;
      case 7:
        run.end_time = in.timestamp();
        break;
      case 8:
        run.passed = in.boolean();
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return run;
}

// TaskResultData {1: run_id, 2: hook_run_id, 3: hook_id, 4: action_name, 5: Timestamp start_time,
//                 6: Timestamp end_time, 9: bool passed}
base::Result<base::Bytes> encode_hook_run(const HookRunRecord& run) {
  WireWriter out;
  out.string(1, run.run_id);
  out.string(2, run.hook_run_id);
  out.string(3, run.hook_id);
  out.string(4, run.action_name);
  out.timestamp(5, run.start_time);
  out.timestamp(6, run.end_time);
  out.boolean(9, run.passed);
  return std::move(out).finish();
}

base::Result<HookRunRecord> decode_hook_run(std::string_view bytes) {
  HookRunRecord run;
  WireReader in(bytes, "TaskResultData");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        run.run_id = in.string();
        break;
      case 2:
        run.hook_run_id = in.string();
        break;
      case 3:
        run.hook_id = in.string();
        break;
      case 4:
        run.action_name = in.string();
        break;
      case 5:
        run.start_time = in.timestamp();
        break;
      case 6:
        run.end_time = in.timestamp();
        break;
      case 9:
        run.passed = in.boolean();
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return run;
}

}  // namespace varve::format
