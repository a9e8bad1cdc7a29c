// PullRequestData (engine.md 1.2).
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

namespace varve::format {

enum class PullStatus : std::uint8_t { Open = 0, Closed = 1, Merged = 2 };

struct PullRecord {
  std::string id;
  PullStatus status = PullStatus::Open;
  base::Timestamp created_at;
  std::string title;
  std::string author;
  std::string description;
  model::BranchId source;
  model::BranchId destination;
  std::optional<model::CommitId> merge_commit;
  std::optional<base::Timestamp> closed_at;
};
base::Result<base::Bytes> encode_pull(const PullRecord& pull);
base::Result<PullRecord> decode_pull(std::string_view bytes);

}  // namespace varve::format
