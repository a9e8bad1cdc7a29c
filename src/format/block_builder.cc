#include "format/block_builder.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "format/table_format.h"
#include "format/wire.h"

namespace varve::format {
namespace {

constexpr std::size_t BlockBytesTarget = 4096;
constexpr std::size_t BlockBytesEarly = 3687;  // ceil(90 % of the target)

char* write_uvarint(char* at, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7U) *at++ = static_cast<char>(value | 0x80U);
  *at++ = static_cast<char>(value);
  return at;
}

}  // namespace

std::size_t common_prefix(std::string_view a, std::string_view b) {
  const std::size_t limit = std::min(a.size(), b.size());
  std::size_t i = 0;
  for (; i + 8 <= limit; i += 8) {
    const std::uint64_t difference = load_u64le(a.data() + i) ^ load_u64le(b.data() + i);
    if (difference != 0) return i + static_cast<std::size_t>(__builtin_ctzll(difference)) / 8;
  }
  while (i < limit && a[i] == b[i]) ++i;
  return i;
}

void BlockBuilder::add(std::string_view key, std::string_view suffix, std::string_view value) {
  std::size_t shared = 0;
  if (until_restart_ == 0) {
    restarts_.push_back(static_cast<std::uint32_t>(out_.size()));
    until_restart_ = interval_;
  } else {
    shared = common_prefix(key, last_key_);
  }
  --until_restart_;
  ++count_;
  char head[30];
  char* at = write_uvarint(head, shared);
  at = write_uvarint(at, key.size() + suffix.size() - shared);
  at = write_uvarint(at, value.size());
  out_.append(head, static_cast<std::size_t>(at - head));
  out_.append(key.substr(shared)).append(suffix).append(value);
  last_key_.assign(key).append(suffix);
}

bool should_cut_block(std::size_t count, std::size_t estimate, bool at_restart,
                      std::size_t key_size, std::size_t value_size) {
  if (count == 0) return false;
  if (estimate >= BlockBytesTarget) return true;
  if (estimate <= BlockBytesEarly) return false;
  std::size_t then = estimate + key_size + value_size;
  if (at_restart) then += 4;
  then += 4 + uvarint_size(key_size) + uvarint_size(value_size);
  return then > BlockBytesTarget;
}

bool BlockBuilder::should_cut(std::size_t key_size, std::size_t value_size) const {
  return should_cut_block(count_, estimate(), until_restart_ == 0, key_size, value_size);
}

std::string_view BlockBuilder::finish() {
  if (restarts_.empty()) restarts_.push_back(0);
  for (const std::uint32_t restart : restarts_) put_u32le(out_, restart);
  put_u32le(out_, static_cast<std::uint32_t>(restarts_.size()));
  return out_;
}

void BlockBuilder::reset() {
  out_.clear();
  last_key_.clear();
  restarts_.clear();
  count_ = 0;
  until_restart_ = 0;
}

}  // namespace varve::format
