// Ids by content: what is hashed for entries and commits, and how a record's identity and data are
// framed in a table (engine.md 2.1 to 2.3, 5.2).
//
// An id is the SHA-256 of a tagged serialisation:  [I-2]
//
//   I64(v)     = 02 08 u64be(v)
//   BYTES(b)   = 00 I64(size) octets
//   STR(s)     = 01 I64(size) octets
//   STRLIST(l) = 03 I64(count) STR(l0) STR(l1) ...          in the given order
//   STRMAP(m)  = 04 I64(count) { STR(key) STR(value) }      keys ascending
//   EMBED(id)  = 05 BYTES(id)
//
//   entry  = SHA256( I64(size) STR(etag) STRMAP(metadata) [STR(content type) unless empty] )
//   commit = hex SHA256( STR("commit:v1") STR(committer) STR(message) STR(metarange id)
//                        I64(creation seconds) STRMAP(metadata) EMBED(SHA256(STRLIST(parents))) )
//
// The value of a record in a range or metarange:
//
//   value = svarint(size of identity) identity svarint(size of data) data
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::format {

// Collects a pre-image. Append-only; hash it when complete.
class AddressWriter {
 public:
  AddressWriter& int64(std::int64_t value);
  AddressWriter& bytes(std::string_view value);
  AddressWriter& string(std::string_view value);
  AddressWriter& string_map(const model::Metadata& map);
  AddressWriter& embed(std::string_view id);
  template <class Strings>  // of strings or of ids
  AddressWriter& string_list(const Strings& list) {
    list_head(list.size());
    for (const auto& element : list) string(text_of(element));
    return *this;
  }

  void reserve(std::size_t octets) { out_.reserve(octets); }
  const base::Bytes& preimage() const { return out_; }
  base::Bytes sha256() const;  // 32 raw bytes

 private:
  static std::string_view text_of(const std::string& value) { return value; }
  template <class Id>
  static std::string_view text_of(const Id& id) {
    return id.view();
  }
  void list_head(std::size_t count);

  base::Bytes out_;
};

// 32 raw bytes. Address, address type and modification time take no part: the same content uploaded
// again is no change.
model::Identity entry_identity(const model::Entry& entry);

// 64 hex digits. Neither `id`, version, generation nor the nanoseconds take part.
model::CommitId commit_id(const model::Commit& commit);

// The two halves of a framed value, as views into it.
struct FramedValue {
  std::string_view identity;
  std::string_view data;
};

void append_frame(base::Bytes& out, std::string_view identity, std::string_view data);
base::Bytes frame_value(std::string_view identity, std::string_view data);

// Octets after the data are ignored, as lakeFS does: reserved for extension.
//   Corruption   a negative size, one beyond the end or above ValueComponentBytesMax
base::Result<FramedValue> parse_value(std::string_view value);

}  // namespace varve::format
