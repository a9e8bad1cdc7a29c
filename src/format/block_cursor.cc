#include "format/block_cursor.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "format/table_format.h"
#include "format/wire.h"

namespace varve::format {
namespace {

struct EntryHead {
  std::uint64_t shared = 0;
  std::uint64_t unshared = 0;
  std::uint64_t value_size = 0;
};

// Nearly always the numbers take one, one and at most two octets. False: they may take more.
bool take_short_head(std::string_view& in, EntryHead& head) {
  if (in.size() < 4) return false;
  const auto octet = [&in](std::size_t i) { return static_cast<unsigned char>(in[i]); };
  if (((octet(0) | octet(1)) & 0x80) != 0 || (octet(2) & octet(3) & 0x80) != 0) return false;
  const bool is_long = (octet(2) & 0x80) != 0;
  head.shared = octet(0);
  head.unshared = octet(1);
  head.value_size = is_long ? (octet(2) & 0x7fU) | static_cast<unsigned>(octet(3)) << 7U : octet(2);
  in.remove_prefix(is_long ? 4 : 3);
  return true;
}

// Takes the three numbers in front of an entry; false unless key and value are there too.
bool take_head(std::string_view& in, EntryHead& head) {
  if (!take_short_head(in, head) &&
      (!take_uvarint(in, head.shared) || !take_uvarint(in, head.unshared) ||
       !take_uvarint(in, head.value_size))) {
    return false;
  }
  return head.unshared <= in.size() && head.value_size <= in.size() - head.unshared;
}

}  // namespace

bool BlockCursor::open(std::string_view payload) {
  valid_ = false;
  if (payload.size() < 4) return false;
  const std::uint64_t count = load_u32le(payload.data() + payload.size() - 4);
  if (count == 0 || 4 * (count + 1) > payload.size()) return false;
  restart_count_ = count;
  entries_ = payload.substr(0, payload.size() - 4 * (count + 1));
  restarts_ = payload.data() + entries_.size();
  return true;
}

std::size_t BlockCursor::restart(std::size_t index) const {
  return load_u32le(restarts_ + 4 * index);
}

bool BlockCursor::seek_first() {
  key_.clear();
  next_ = 0;
  return next();
}

bool BlockCursor::next() {
  valid_ = false;
  if (next_ == entries_.size()) return true;
  return read_at(next_);
}

bool BlockCursor::read_at(std::size_t offset) {
  std::string_view in = entries_.substr(offset);
  EntryHead head;
  if (!take_head(in, head) || head.shared > key_.size()) return false;
  key_.resize(head.shared);
  key_.append(in.substr(0, head.unshared));
  value_ = in.substr(head.unshared, head.value_size);
  offset_ = offset;
  shared_ = head.shared;
  next_ = static_cast<std::size_t>(value_.data() + value_.size() - entries_.data());
  valid_ = true;
  return true;
}

bool BlockCursor::key_at_restart(std::size_t index, std::string_view& user_key) const {
  const std::size_t offset = restart(index);
  if (offset >= entries_.size()) return false;
  std::string_view in = entries_.substr(offset);
  EntryHead head;
  if (!take_head(in, head) || head.shared != 0 || head.unshared < SuffixBytes) return false;
  user_key = in.substr(0, head.unshared - SuffixBytes);
  return true;
}

bool BlockCursor::seek_ge(std::string_view user_key_wanted) {
  valid_ = false;
  if (entries_.empty()) return true;
  // The last restart with a key below the wanted one, or the first: [low, high) is undecided.
  std::size_t low = 0;
  std::size_t high = restart_count_;
  while (high - low > 1) {
    const std::size_t middle = low + (high - low) / 2;
    std::string_view at;
    if (!key_at_restart(middle, at)) return false;
    (at < user_key_wanted ? low : high) = middle;
  }
  if (restart(low) >= entries_.size()) return false;
  key_.clear();
  next_ = restart(low);
  do {
    if (!next()) return false;
    if (valid_ && !has_suffix()) return false;
  } while (valid_ && user_key() < user_key_wanted);
  return true;
}

}  // namespace varve::format
