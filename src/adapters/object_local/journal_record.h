// One record of the journal: what became of one name. docs/formats/local-objects.md quotes this.
//
//   offset      width  what, integers little-endian
//   0           4      CRC32C of the segment's number (8 bytes) and of all that follows
//   4           4      c, bytes of content
//   8           2      p, bytes of path
//   10          1      kind: 1 put, 2 name, 3 remove, 4 leave
//   11          1      0
//   12          p      path of the object, below the root
//   12 + p      c      put: the object's bytes; name: the name of the file in tmp/ that it is
//
// A segment is a file whose name is its number in 16 hexadecimal digits, full of records and then
// of anything: it may have been used before, under another number. So the first record whose CRC is
// wrong is the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace varve::adapters {

struct JournalRecord {
  enum class Kind : std::uint8_t { Put = 1, Name = 2, Remove = 3, Leave = 4 };
  Kind kind;
  std::string_view path;
  std::string_view content;
};

std::size_t bytes_of(const JournalRecord& record);
void append_record(std::string& out, std::uint64_t segment, const JournalRecord& record);

// Takes the next record off `rest`; its views are into it. nullopt: that was the last.
std::optional<JournalRecord> take_record(std::string_view& rest, std::uint64_t segment);

std::string segment_name(std::uint64_t segment);
std::optional<std::uint64_t> segment_number(std::string_view name);

}  // namespace varve::adapters
