// The classic single-hash-table Snappy compressor, octet for octet (engine.md 3.7). The stream is
// drawn in snappy.h. Every constant here shows in the output: none is a tuning knob.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/bytes.h"
#include "format/snappy.h"
#include "format/wire.h"

namespace varve::format {
namespace {

constexpr std::size_t FragmentBytes = 65536;
constexpr std::size_t FragmentBytesMin = 17;  // shorter ones are one literal
constexpr std::size_t InputMargin = 15;       // the search stops so far from the end
constexpr std::size_t TableSize = 16384;

std::uint32_t load32(const char* at) {
  std::uint32_t word = 0;
  std::memcpy(&word, at, 4);
  return word;
}

std::uint64_t load64(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, 8);
  return word;
}

// Writes elements to space that is known to suffice: see compressed_bytes_max.
struct Output {
  char* at;

  void put(std::size_t octet) { *at++ = static_cast<char>(octet & 255U); }

  void literal(std::string_view text) {
    const std::size_t n = text.size() - 1;
    if (n < 60) {
      put(n << 2U);
    } else if (n < 256) {
      put(60U << 2U);
      put(n);
    } else {
      put(61U << 2U);
      put(n);
      put(n >> 8U);
    }
    std::memcpy(at, text.data(), text.size());
    at += text.size();
  }

  void far_copy(std::size_t offset, std::size_t size) {
    put((size - 1) << 2U | 2U);
    put(offset);
    put(offset >> 8U);
  }

  void copy(std::size_t offset, std::size_t size) {
    while (size >= 68) {  // 64 at a time, but never leave less than the 4 a near copy needs
      far_copy(offset, 64);
      size -= 64;
    }
    if (size > 64) {
      far_copy(offset, 60);
      size -= 60;
    }
    if (size >= 12 || offset >= 2048) {
      far_copy(offset, size);
    } else {
      put(offset >> 8U << 5U | (size - 4) << 2U | 1U);
      put(offset);
    }
  }
};

// Literals add at most 3 octets per fragment start and copy; a copy never takes more than it stands
// for. The classic bound covers both.
std::size_t compressed_bytes_max(std::size_t raw) { return 32 + raw + raw / 6; }

// How many octets from `at` on equal those from `candidate` on, before `end`.
std::size_t match_size(const char* candidate, const char* at, const char* end) {
  const char* const start = at;
  while (end - at >= 8) {
    const std::uint64_t difference = load64(at) ^ load64(candidate);
    if (difference != 0) {
      return static_cast<std::size_t>(at - start) +
             static_cast<std::size_t>(__builtin_ctzll(difference)) / 8;
    }
    at += 8;
    candidate += 8;
  }
  while (at < end && *at == *candidate) {
    ++at;
    ++candidate;
  }
  return static_cast<std::size_t>(at - start);
}

struct Hash {
  unsigned shift;
  std::uint32_t operator()(std::uint32_t word) const { return word * 0x1e35a7bdU >> shift; }
};

// The table starts at 256 slots and doubles while the fragment is longer.
struct TableShape {
  std::size_t slots = 256;
  unsigned shift = 24;
  explicit TableShape(std::size_t fragment) {
    while (slots < TableSize && slots < fragment) {
      slots *= 2;
      --shift;
    }
  }
};

class FragmentEncoder {
 public:
  FragmentEncoder(std::string_view fragment, std::uint16_t* table, Hash hash, Output& out)
      : base_(fragment.data()),
        end_(fragment.size()),
        limit_(fragment.size() - InputMargin),
        table_(table),
        hash_(hash),
        out_(out) {}

  void run() {
    std::size_t position = 1;
    std::uint32_t next_hash = hash_(load32(base_ + 1));
    std::size_t candidate = 0;
    while (search(position, next_hash, candidate)) {
      out_.literal({base_ + literal_, position - literal_});
      if (!copies(position, candidate)) break;
      next_hash = hash_(load32(base_ + position + 1));
      ++position;
    }
    if (literal_ < end_) out_.literal({base_ + literal_, end_ - literal_});
  }

 private:
  // Moves on to the next position whose four octets were seen before; steps widen where nothing
  // matches. False: too near the end.
  bool search(std::size_t& position, std::uint32_t next_hash, std::size_t& candidate) const {
    std::size_t skip = 32;
    std::size_t next = position;
    do {
      position = next;
      const std::size_t step = skip >> 5U;
      next = position + step;
      skip += step;
      if (next > limit_) return false;
      candidate = table_[next_hash];
      table_[next_hash] = static_cast<std::uint16_t>(position);
      next_hash = hash_(load32(base_ + next));
    } while (load32(base_ + position) != load32(base_ + candidate));
    return true;
  }

  // Emits copies for as long as one match follows another. False: too near the end.
  bool copies(std::size_t& position, std::size_t candidate) {
    for (;;) {
      const std::size_t start = position;
      position += 4 + match_size(base_ + candidate + 4, base_ + position + 4, base_ + end_);
      out_.copy(start - candidate, position - start);
      literal_ = position;
      if (position >= limit_) return false;
      const std::uint64_t around = load64(base_ + position - 1);
      table_[hash_(static_cast<std::uint32_t>(around))] = static_cast<std::uint16_t>(position - 1);
      const auto here = static_cast<std::uint32_t>(around >> 8U);
      std::uint16_t& slot = table_[hash_(here)];
      candidate = slot;
      slot = static_cast<std::uint16_t>(position);
      if (here != load32(base_ + candidate)) return true;
    }
  }

  const char* base_;
  std::size_t end_;
  std::size_t limit_;
  std::uint16_t* table_;
  Hash hash_;
  Output& out_;
  std::size_t literal_ = 0;  // what is not emitted yet starts here
};

}  // namespace

void SnappyEncoder::compress(std::string_view raw, base::Bytes& out) {
  out.clear();
  put_uvarint(out, raw.size());
  while (!raw.empty()) {
    const std::string_view fragment = raw.substr(0, FragmentBytes);
    compress_fragment(fragment, out);
    raw.remove_prefix(fragment.size());
  }
}

void SnappyEncoder::compress_fragment(std::string_view fragment, base::Bytes& out) {
  const std::size_t before = out.size();
  out.resize(before + compressed_bytes_max(fragment.size()));
  Output output{out.data() + before};
  if (fragment.size() < FragmentBytesMin) {
    output.literal(fragment);
  } else {
    const TableShape shape(fragment.size());
    std::fill_n(table_.begin(), shape.slots, std::uint16_t{0});
    FragmentEncoder(fragment, table_.data(), Hash{shape.shift}, output).run();
  }
  out.resize(static_cast<std::size_t>(output.at - out.data()));
}

base::Bytes snappy_compress(std::string_view raw) {
  SnappyEncoder encoder;
  base::Bytes out;
  encoder.compress(raw, out);
  return out;
}

}  // namespace varve::format
