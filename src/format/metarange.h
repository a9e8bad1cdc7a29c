// A metarange: the table that lists a snapshot's ranges (engine.md 4.5).
//
// One record a range: the key is the range's last key, the identity its id as 64 hex digits, the
// data a RangeData message {1: min_key, 2: max_key, 3: estimated_size, 4: count}. The id is a
// range's, with type "metaranges". Ranges are disjoint and ascend.  [I-5]
#pragma once

#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "format/table_writer.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::format {

struct EncodedMetaRange {
  model::MetaRangeId id;
  base::Bytes bytes;  // the file, to be stored as _lakefs/<id>
};

// `ranges` may be in any order; no ranges at all is a real, empty metarange.
//   InvalidArgument   ranges overlap, or one has min_key > max_key
base::Result<EncodedMetaRange> encode_metarange(std::vector<model::RangeInfo> ranges,
                                                const Properties& extra = {});

// The ranges, ascending.
//   Corruption   unreadable, not a metarange, or ranges out of order
base::Result<std::vector<model::RangeInfo>> decode_metarange(std::string_view bytes);

// Recomputes the id from the content.  [I-2]
//   Corruption   another id, or unreadable
base::Result<void> verify_metarange_id(const model::MetaRangeId& id, std::string_view bytes);

}  // namespace varve::format
