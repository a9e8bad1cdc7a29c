#include "format/identity.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "format/wire.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"

namespace varve::format {
namespace {

constexpr char BytesTag = 0;
constexpr char StringTag = 1;
constexpr char Int64Tag = 2;
constexpr char StringListTag = 3;
constexpr char StringMapTag = 4;
constexpr char EmbedTag = 5;

}  // namespace

AddressWriter& AddressWriter::int64(std::int64_t value) {
  char encoded[10] = {Int64Tag, 8};
  for (unsigned i = 0; i < 8; ++i) {
    encoded[2 + i] = static_cast<char>(static_cast<std::uint64_t>(value) >> (56 - 8 * i) & 255U);
  }
  out_.append(encoded, sizeof(encoded));
  return *this;
}

AddressWriter& AddressWriter::bytes(std::string_view value) {
  out_.push_back(BytesTag);
  int64(static_cast<std::int64_t>(value.size()));
  out_.append(value);
  return *this;
}

AddressWriter& AddressWriter::string(std::string_view value) {
  out_.push_back(StringTag);
  int64(static_cast<std::int64_t>(value.size()));
  out_.append(value);
  return *this;
}

void AddressWriter::list_head(std::size_t count) {
  out_.push_back(StringListTag);
  int64(static_cast<std::int64_t>(count));
}

AddressWriter& AddressWriter::string_map(const model::Metadata& map) {
  out_.push_back(StringMapTag);
  int64(static_cast<std::int64_t>(map.size()));
  for (const auto& [key, value] : map) string(key).string(value);
  return *this;
}

AddressWriter& AddressWriter::embed(std::string_view id) {
  out_.push_back(EmbedTag);
  return bytes(id);
}

base::Bytes AddressWriter::sha256() const { return base::sha256(out_); }

model::Identity entry_identity(const model::Entry& entry) {
  AddressWriter writer;
  writer.int64(entry.size).string(entry.etag).string_map(entry.metadata);
  // Left out when empty, so that entries older than the field keep their identity.
  if (!entry.content_type.empty()) writer.string(entry.content_type);
  return model::Identity(writer.sha256());
}

model::CommitId commit_id(const model::Commit& commit) {
  AddressWriter parents;
  parents.reserve(256);
  parents.string_list(commit.parents);
  AddressWriter writer;
  writer.reserve(512);
  writer.string("commit:v1")
      .string(commit.committer)
      .string(commit.message)
      .string(commit.meta_range_id.view())
      .int64(commit.creation_date.seconds)
      .string_map(commit.metadata)
      .embed(parents.sha256());
  return model::CommitId(base::hex_encode(writer.sha256()));
}

void append_frame(base::Bytes& out, std::string_view identity, std::string_view data) {
  put_svarint(out, static_cast<std::int64_t>(identity.size()));
  out.append(identity);
  put_svarint(out, static_cast<std::int64_t>(data.size()));
  out.append(data);
}

base::Bytes frame_value(std::string_view identity, std::string_view data) {
  base::Bytes out;
  out.reserve(identity.size() + data.size() + 8);
  append_frame(out, identity, data);
  return out;
}

namespace {

bool take_component(std::string_view& in, std::string_view& component) {
  std::int64_t size = 0;
  if (!take_svarint(in, size) || size < 0) return false;
  const auto octets = static_cast<std::uint64_t>(size);
  if (octets > in.size() || octets > model::ValueComponentBytesMax) return false;
  component = in.substr(0, octets);
  in.remove_prefix(octets);
  return true;
}

}  // namespace

base::Result<FramedValue> parse_value(std::string_view value) {
  FramedValue framed;
  if (!take_component(value, framed.identity)) {
    return base::Error(base::Code::Corruption, "record value: bad identity size");
  }
  if (!take_component(value, framed.data)) {
    return base::Error(base::Code::Corruption, "record value: bad data size");
  }
  return framed;
}

}  // namespace varve::format
