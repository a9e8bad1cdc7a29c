// Whether the list of parts that a client wants an object made of can be honoured, and which
// checksum the object then has. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "format/s3_uploads.h"
#include "ports/object_store.h"
#include "s3/checksum.h"
#include "s3/errors.h"
#include "s3/object_properties.h"
#include "s3/xml_reader.h"

namespace varve::s3 {

struct PartList {
  std::vector<ports::CompletedPart> parts;
  std::vector<std::int64_t> sizes;
  std::int64_t size = 0;
};
// Numbers ascend, every part was uploaded with that ETag, all but the last have the minimum size.
//   InvalidArgument, InvalidPartOrder, InvalidPart, EntityTooSmall
Outcome<PartList> match_parts(const std::vector<ListedPart>& listed,
                              const std::vector<ports::PartInfo>& uploaded);

// The digest of the list, by which a repeated request is recognised.
base::Bytes hash_of_list(const std::vector<ListedPart>& listed);

// The checksum of the whole, if the parts have theirs; the listed ones must agree with the notes.
//   InvalidPart     a listed checksum is not the part's
//   InvalidRequest  a declared composite checksum, and a part listed without its own
Outcome<std::optional<StoredChecksum>> whole_checksum(
    const std::vector<ListedPart>& listed, const PartList& list,
    const std::map<int, format::S3PartNote>& notes, const UploadNote& upload);

}  // namespace varve::s3
