// The Snappy decoder. The stream is drawn in snappy.h; nothing in it is trusted.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "format/snappy.h"
#include "format/wire.h"

namespace varve::format {
namespace {

// The best a stream can do is copies of 64 for 3 octets; a claim beyond is a lie, found out before
// memory is spent on it.
constexpr std::size_t ExpansionMax = 22;

constexpr std::size_t Slack = 16;  // fast copies write in whole steps and may run over by this

class Decoder {
 public:
  Decoder(std::string_view stream, char* out, std::size_t out_size)
      : in_(stream.data()),
        in_end_(in_ + stream.size()),
        start_(out),
        out_(out),
        out_end_(out + out_size) {}

  bool run() {
    while (in_ < in_end_) {
      const auto tag = static_cast<unsigned char>(*in_++);
      if (!((tag & 3U) == 0 ? literal(tag >> 2U) : copy(tag))) return false;
    }
    return out_ == out_end_;
  }

 private:
  std::size_t in_left() const { return static_cast<std::size_t>(in_end_ - in_); }
  std::size_t out_left() const { return static_cast<std::size_t>(out_end_ - out_); }

  // A little-endian number of `size` octets; the caller has checked that they are there.
  std::size_t take(std::size_t size) {
    std::size_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      value |= static_cast<std::size_t>(static_cast<unsigned char>(in_[i])) << (8 * i);
    }
    in_ += size;
    return value;
  }

  bool literal(std::size_t code) {
    std::size_t size = code + 1;
    if (code >= 60) {
      const std::size_t width = code - 59;
      if (in_left() < width) return false;
      size = take(width) + 1;
    }
    if (size > in_left() || size > out_left()) return false;
    if (size <= 16 && in_left() >= 16) {
      std::memcpy(out_, in_, 16);  // Slack beyond out_end_ is ours
    } else {
      std::memcpy(out_, in_, size);
    }
    in_ += size;
    out_ += size;
    return true;
  }

  bool copy(unsigned tag) {
    const std::size_t width = (tag & 3U) == 3 ? 4 : tag & 3U;
    if (in_left() < width) return false;
    std::size_t offset = take(width);
    std::size_t size = (tag >> 2U) + 1;
    if (width == 1) {
      size = 4 + (tag >> 2U & 7U);
      offset |= static_cast<std::size_t>(tag >> 5U) << 8U;
    }
    const auto written = static_cast<std::size_t>(out_ - start_);
    if (offset == 0 || offset > written || size > out_left()) return false;
    repeat(offset, size);
    return true;
  }

  // A copy may overlap what it writes: it then repeats the last `offset` octets.
  void repeat(std::size_t offset, std::size_t size) {
    const char* from = out_ - offset;
    char* const end = out_ + size;
    if (offset >= 8) {
      for (char* to = out_; to < end; to += 8, from += 8) std::memcpy(to, from, 8);
    } else {
      for (char* to = out_; to < end;) *to++ = *from++;
    }
    out_ = end;
  }

  const char* in_;
  const char* in_end_;
  char* start_;
  char* out_;
  char* out_end_;
};

base::Error corrupt(const char* what) {
  return {base::Code::Corruption, std::string("snappy stream: ") + what};
}

}  // namespace

base::Result<void> snappy_decompress(std::string_view stream, std::size_t raw_bytes_max,
                                     base::Bytes& out) {
  out.clear();
  std::uint64_t size = 0;
  if (!take_uvarint(stream, size)) return corrupt("no size");
  if (size > raw_bytes_max) return corrupt("too large");
  if (size > stream.size() * ExpansionMax) return corrupt("size beyond what it can hold");
  out.resize(size + Slack);
  if (!Decoder(stream, out.data(), size).run()) return corrupt("malformed");
  out.resize(size);
  return {};
}

}  // namespace varve::format
