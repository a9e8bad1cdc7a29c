#include "format/xid.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/rng.h"
#include "base/time.h"

namespace varve::format {
namespace {

constexpr std::string_view Alphabet = "0123456789abcdefghijklmnopqrstuv";
constexpr std::size_t TextSize = 20;
constexpr std::string_view NanoidAlphabet =
    "_-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::size_t NanoidSize = 20;

}  // namespace

std::string encode_xid(const XidBytes& id) {
  std::string text;
  text.reserve(TextSize);
  std::uint32_t group = 0;
  int bits = 0;
  for (const std::uint8_t octet : id) {
    group = group << 8U | octet;
    for (bits += 8; bits >= 5; bits -= 5) text.push_back(Alphabet[group >> (bits - 5) & 31U]);
  }
  text.push_back(Alphabet[group << (5 - bits) & 31U]);
  return text;
}

std::optional<XidBytes> decode_xid(std::string_view text) {
  if (text.size() != TextSize) return std::nullopt;
  XidBytes id{};
  std::size_t at = 0;
  std::uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    const std::size_t value = Alphabet.find(c);
    if (value == Alphabet.npos) return std::nullopt;
    group = group << 5U | static_cast<std::uint32_t>(value);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      id.at(at++) = static_cast<std::uint8_t>(group >> bits);
    }
  }
  if ((group & ((1U << bits) - 1)) != 0) return std::nullopt;  // four bits of padding
  return id;
}

std::uint32_t xid_seconds(const XidBytes& id) {
  return std::uint32_t{id[0]} << 24U | std::uint32_t{id[1]} << 16U | std::uint32_t{id[2]} << 8U |
         id[3];
}

struct XidSource::Counter {
  std::atomic<std::uint32_t> next;
};

XidSource::XidSource(base::Clock& clock, base::Rng& rng)
    : clock_(clock), counter_(std::make_unique<Counter>()) {
  const std::uint64_t who = rng.next();
  for (std::size_t i = 0; i < 5; ++i) {  // machine and process
    template_[4 + i] = static_cast<std::uint8_t>(who >> (8 * i));
  }
  const std::uint64_t start = rng.next();
  counter_->next = static_cast<std::uint32_t>(start);
}

XidSource::~XidSource() = default;

std::string XidSource::make(std::uint32_t seconds) {
  const std::uint32_t count = counter_->next.fetch_add(1, std::memory_order_relaxed);
  XidBytes id = template_;
  for (std::size_t i = 0; i < 4; ++i) id[i] = static_cast<std::uint8_t>(seconds >> (24 - 8 * i));
  for (std::size_t i = 0; i < 3; ++i) id[9 + i] = static_cast<std::uint8_t>(count >> (16 - 8 * i));
  return encode_xid(id);
}

std::string XidSource::next() { return make(static_cast<std::uint32_t>(clock_.now().seconds)); }

std::string XidSource::next_descending(std::int64_t from_seconds) {
  return make(static_cast<std::uint32_t>(from_seconds - clock_.now().seconds));
}

std::string make_task_id(std::string_view prefix, base::Rng& rng) {
  static_assert(NanoidAlphabet.size() == 64, "six bits a character, none favoured");
  std::string id(prefix);
  for (const char octet : rng.bytes(NanoidSize)) {
    id.push_back(NanoidAlphabet[static_cast<unsigned char>(octet) & 63U]);
  }
  return id;
}

}  // namespace varve::format
