// Writes one range: a table of framed records, named by the hash of what is in it (engine.md 4).
//
//   id = hex SHA256( { ascii(size of key) key "|" ascii(size of value) value "|" } STRMAP(props) )
//
// where props is {"type": "ranges"} and the caller's extra properties. Compression and block layout
// take no part. Statistics are added to the file's properties afterwards: min_key, max_key, count,
// estimated_size_bytes. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "format/table_reader.h"
#include "format/table_writer.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"

namespace varve::format {

// Where ranges end. A boundary depends on the keys themselves, so an edit re-synchronises at the
// next lucky key and most ranges keep their ids. The same on every server of a repository.
struct RangeParams {
  std::uint64_t bytes_min = model::RangeBytesMinDefault;
  std::uint64_t bytes_max = model::RangeBytesMaxDefault;
  std::uint64_t raggedness = model::RangeRaggednessDefault;  // one key in so many is lucky; > 0
  bool operator==(const RangeParams&) const = default;
};

bool should_break(const RangeParams& params, std::uint64_t estimated_size, std::string_view key);

struct EncodedRange {
  model::RangeInfo info;
  base::Bytes bytes;    // the file, to be stored as _lakefs/<info.id>
  RangeTraceRef trace;  // for whoever opens it as a table
};

class RangeWriter {
 public:
  explicit RangeWriter(RangeParams params = {}, Properties extra = {});
  RangeWriter(RangeWriter&&) noexcept;
  RangeWriter& operator=(RangeWriter&&) noexcept;
  ~RangeWriter();

  //   InvalidArgument   the key does not ascend ("keys should be written in ascending order"), or
  //                     identity or data is above ValueComponentBytesMax
  base::Result<void> add(std::string_view key, std::string_view identity, std::string_view data);
  // A record that is framed already, carried verbatim from another range.
  base::Result<void> add_framed(std::string_view key, std::string_view value);

  // Adds the cursor's records from where it is up to the first key >= `limit`, or to its end
  // without a limit, and leaves it at the first record not added. Stops early when the range should
  // end. The range is the same as if records were added one by one; but blocks that end up the same
  // are taken over as they are stored, which costs a third, and where the source has a trace and
  // the range begins like it, nothing is done for what comes before a point of the trace.
  //   InvalidArgument   as add
  //   Corruption        of the source
  enum class CopyEnd : std::uint8_t { Limit, SourceEnd, RangeFull };
  base::Result<CopyEnd> copy_from(TableCursor& source, std::optional<std::string_view> limit);

  // The same for blocks that two sources have alike: while both are at the start of one, adds its
  // records and leaves both behind it. Both stand at the same record, or at what follows the same
  // record, when it ends.
  //   Limit        they are not at equal blocks any more, or one has ended
  //   RangeFull    the range should end; there may be more
  base::Result<CopyEnd> copy_same(TableCursor& source, TableCursor& twin);

  // Whether the range should end with the last key added.
  bool should_break() const;

  bool empty() const;  // nothing added yet
  std::uint64_t estimated_size() const;

  // The range with its id. Ends the writer.
  EncodedRange finish();

 private:
  base::Result<CopyEnd> copy_block(TableCursor& source, const TableCursor& twin);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Recomputes the id of a range from its content.  [I-2]
//   Corruption   another id, or unreadable
base::Result<void> verify_range_id(const model::RangeId& id, std::string_view bytes);

}  // namespace varve::format
