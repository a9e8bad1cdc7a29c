// Xids: short ids that sort by time (engine.md 2.5), and the ids made from them.
//
//   offset  0  u32be  seconds since 1970
//           4  3      machine
//           7  u16be  process
//           9  u24be  counter
//
// As text: 20 characters of lower-case base32hex (0-9, a-v), the most significant bits first; the
// last character carries one bit and four zeros.
//
// A descending xid keeps (turn of a millennium - now) mod 2^32 instead of the seconds, so that the
// newest sorts first.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/rng.h"
#include "base/time.h"

namespace varve::format {

using XidBytes = std::array<std::uint8_t, 12>;

std::string encode_xid(const XidBytes& id);
// Nothing: not 20 characters of the alphabet, or bits set beyond the last.
std::optional<XidBytes> decode_xid(std::string_view text);
std::uint32_t xid_seconds(const XidBytes& id);

// Where descending ids count down from.
constexpr std::int64_t Year3000 = 32500915200;  // as lakeFS has it: runs, pull requests
constexpr std::int64_t Year4000 = 64060588800;  // data partitions, garbage collection runs

// Draws ids. Any thread may; two sources agree on an id only if their random machine and process
// parts do, within one second and at one counter.
class XidSource {
 public:
  XidSource(base::Clock& clock, base::Rng& rng);
  ~XidSource();

  std::string next();  // an ordinary xid
  std::string next_descending(std::int64_t from_seconds);

  std::string data_partition() { return next_descending(Year4000); }
  std::string run_id() { return next_descending(Year3000); }
  std::string pull_id() { return next_descending(Year3000); }
  std::string gc_run_id() { return next_descending(Year4000); }

 private:
  std::string make(std::uint32_t seconds);

  struct Counter;
  base::Clock& clock_;
  XidBytes template_{};
  std::unique_ptr<Counter> counter_;
};

// Task ids: a prefix and 20 characters of the nanoid alphabet (A-Za-z0-9_-), drawn evenly.
std::string make_task_id(std::string_view prefix, base::Rng& rng);
inline constexpr std::string_view DumpTaskPrefix = "DR";
inline constexpr std::string_view RestoreTaskPrefix = "RR";
inline constexpr std::string_view GcPrepareTaskPrefix = "GCPC";

}  // namespace varve::format
