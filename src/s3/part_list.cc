#include "s3/part_list.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "format/s3_uploads.h"
#include "model/limits.h"
#include "ports/object_types.h"
#include "s3/checksum.h"
#include "s3/errors.h"
#include "s3/object_properties.h"
#include "s3/xml_reader.h"

namespace varve::s3 {
namespace {

Error bad_part(const ListedPart& part) {
  return Error(Code::InvalidPart)
      .with("PartNumber", std::to_string(part.number))
      .with("ETag", part.etag);
}

// The checksum element of a listed part in the upload's algorithm.
const std::string* listed_checksum(const ListedPart& part, ChecksumAlgorithm algorithm) {
  for (const auto& [element, value] : part.checksums) {
    if (checksum_of_element(element) == algorithm) return &value;
  }
  return nullptr;
}

// The algorithm every part has a note in, where none was declared.
std::optional<DeclaredChecksum> common_checksum(const PartList& list,
                                                const std::map<int, format::S3PartNote>& notes) {
  std::optional<ChecksumAlgorithm> common;
  for (const ports::CompletedPart& part : list.parts) {
    const auto note = notes.find(part.number);
    if (note == notes.end() || note->second.etag != part.etag) return std::nullopt;
    const auto algorithm = checksum_algorithm(note->second.algorithm);
    if (!algorithm || (common && *common != *algorithm)) return std::nullopt;
    common = algorithm;
  }
  if (!common) return std::nullopt;
  const bool is_full = *common == ChecksumAlgorithm::Crc64Nvme;
  return DeclaredChecksum{*common, is_full ? ChecksumType::FullObject : ChecksumType::Composite};
}

}  // namespace

Outcome<PartList> match_parts(const std::vector<ListedPart>& listed,
                              const std::vector<ports::PartInfo>& uploaded) {
  std::int64_t previous = 0;
  for (const ListedPart& part : listed) {
    if (part.number < 1 || part.number > model::PartNumberMax) {
      return invalid_argument("PartNumber", std::to_string(part.number),
                              "PartNumber must be between 1 and 10000");
    }
    if (part.number <= previous) return Error(Code::InvalidPartOrder);
    previous = part.number;
  }
  PartList list;
  auto at = uploaded.begin();
  for (std::size_t i = 0; i < listed.size(); ++i) {
    const ListedPart& part = listed[i];
    at = std::find_if(at, uploaded.end(),
                      [&](const ports::PartInfo& one) { return one.number >= part.number; });
    const bool is_known =
        at != uploaded.end() && at->number == part.number && at->etag == part.etag;
    if (!is_known) return bad_part(part);
    list.parts.push_back(ports::CompletedPart{at->number, at->etag});
    list.sizes.push_back(at->size);
    list.size += at->size;
  }
  for (std::size_t i = 0; i + 1 < list.sizes.size(); ++i) {
    if (list.sizes[i] >= model::PartBytesMin) continue;
    return Error(Code::EntityTooSmall)
        .with("ProposedSize", std::to_string(list.sizes[i]))
        .with("MinSizeAllowed", std::to_string(model::PartBytesMin))
        .with("PartNumber", std::to_string(list.parts[i].number))
        .with("ETag", list.parts[i].etag);
  }
  return list;
}

base::Bytes hash_of_list(const std::vector<ListedPart>& listed) {
  std::string text;
  for (const ListedPart& part : listed) {
    text.append(std::to_string(part.number)).append(" ").append(part.etag).append("\n");
  }
  return base::sha256(text);
}

Outcome<std::optional<StoredChecksum>> whole_checksum(
    const std::vector<ListedPart>& listed, const PartList& list,
    const std::map<int, format::S3PartNote>& notes, const UploadNote& upload) {
  const auto declared = upload.checksum ? upload.checksum : common_checksum(list, notes);
  if (!declared) return std::optional<StoredChecksum>();
  std::vector<PartDigest> digests;
  for (std::size_t i = 0; i < listed.size(); ++i) {
    const auto note = notes.find(list.parts[i].number);
    const bool is_noted = note != notes.end() && note->second.etag == list.parts[i].etag &&
                          checksum_algorithm(note->second.algorithm) == declared->algorithm;
    // Losing a note costs the whole its checksum, not the client its object.
    if (!is_noted) return std::optional<StoredChecksum>();
    const std::string* claimed = listed_checksum(listed[i], declared->algorithm);
    if (claimed == nullptr) {
      if (upload.checksum && declared->type == ChecksumType::Composite) {
        return Error(Code::InvalidRequest,
                     "The upload was created using a " + std::string(name_of(declared->algorithm)) +
                         " checksum. The complete request must include the checksum for each "
                         "part. It was missing for part " +
                         std::to_string(list.parts[i].number) + " in the request.");
      }
    } else if (decode_checksum(declared->algorithm, *claimed) != note->second.digest) {
      return bad_part(listed[i]);
    }
    digests.push_back(PartDigest{list.sizes[i], note->second.digest});
  }
  StoredChecksum whole;
  whole.type = declared->type;
  whole.checksum.algorithm = declared->algorithm;
  if (declared->type == ChecksumType::Composite) {
    whole.checksum.value = composite_checksum(declared->algorithm, digests);
    return std::optional(std::move(whole));
  }
  const auto joined = full_object_checksum(declared->algorithm, digests);
  if (!joined) return std::optional<StoredChecksum>();
  whole.checksum.value = *joined;
  return std::optional(std::move(whole));
}

}  // namespace varve::s3
