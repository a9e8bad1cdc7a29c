#include "format/pulls.h"

#include <cstdint>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "format/wire.h"
#include "format/wire_reader.h"
#include "model/ids.h"

namespace varve::format {

// PullRequestData {1: id, 2: enum status, 3: Timestamp created_at, 4: title, 5: author,
//                  6: description, 7: source_branch, 8: destination_branch,
//                  9: optional commit_id, 10: optional Timestamp closed_at}
base::Result<base::Bytes> encode_pull(const PullRecord& pull) {
  WireWriter out;
  out.string(1, pull.id);
  out.number(2, static_cast<std::int64_t>(pull.status));
  out.timestamp(3, pull.created_at);
  out.string(4, pull.title);
  out.string(5, pull.author);
  out.string(6, pull.description);
  out.string(7, pull.source.view());
  out.string(8, pull.destination.view());
  if (pull.merge_commit.has_value()) out.string_present(9, pull.merge_commit->view());
  if (pull.closed_at.has_value()) out.timestamp(10, *pull.closed_at);
  return std::move(out).finish();
}

base::Result<PullRecord> decode_pull(std::string_view bytes) {
  constexpr auto StatusLast = static_cast<std::uint8_t>(PullStatus::Merged);
  PullRecord pull;
  WireReader in(bytes, "PullRequestData");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        pull.id = in.string();
        break;
      case 2:
        pull.status = static_cast<PullStatus>(in.enumeration(StatusLast));
        break;
      case 3:
        pull.created_at = in.timestamp();
        break;
      case 4:
        pull.title = in.string();
        break;
      case 5:
        pull.author = in.string();
        break;
      case 6:
        pull.description = in.string();
        break;
      case 7:
        pull.source = model::BranchId(in.string());
        break;
      case 8:
        pull.destination = model::BranchId(in.string());
        break;
      case 9:
        pull.merge_commit = model::CommitId(in.string());
        break;
      case 10:
        pull.closed_at = in.timestamp();
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return pull;
}

}  // namespace varve::format
