#include "kernel/aws_chunked.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "kernel/sign_text.h"
#include "kernel/sigv4.h"

namespace varve::kernel {
namespace {

using base::Error;
using base::Result;

constexpr std::size_t SizeDigitsMax = 16;

Error fault(ChunkFault what, std::string_view text) {
  return Error(base::Code::InvalidArgument, static_cast<std::uint16_t>(what), std::string(text));
}
Error framing(std::string_view text) { return fault(ChunkFault::Framing, text); }

// Reads a chunk's size off the front of its line.
std::optional<std::uint64_t> cut_size(std::string_view& line) {
  std::uint64_t size = 0;
  std::size_t digits = 0;
  for (; digits < line.size(); ++digits) {
    const char c = lower(line[digits]);
    const int value = is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (value < 0) break;
    if (digits == SizeDigitsMax) return std::nullopt;
    size = size << 4U | static_cast<std::uint64_t>(value);
  }
  if (digits == 0) return std::nullopt;
  line.remove_prefix(digits);
  return size;
}

// The first chunk-signature among the extensions `;name=value;...`; "" if there is none.
std::optional<std::string_view> find_signature(std::string_view extensions) {
  extensions = trim(extensions);
  std::string_view found;
  while (!extensions.empty()) {
    if (extensions.front() != ';') return std::nullopt;
    extensions.remove_prefix(1);
    const auto end = extensions.find(';');
    const auto extension = trim(extensions.substr(0, end));
    extensions = end == std::string_view::npos ? std::string_view() : extensions.substr(end);
    constexpr std::string_view Name = "chunk-signature=";
    if (found.empty() && extension.starts_with(Name)) found = extension.substr(Name.size());
  }
  return found;
}

}  // namespace

ChunkFault chunk_fault_of(const base::Error& error) {
  const auto detail = error.detail();
  const bool is_ours = detail >= static_cast<std::uint16_t>(ChunkFault::Framing) &&
                       detail <= static_cast<std::uint16_t>(ChunkFault::Trailer);
  return is_ours ? static_cast<ChunkFault>(detail) : ChunkFault::None;
}

AwsChunkedDecoder::AwsChunkedDecoder(bool has_trailer, std::optional<SigV4ChunkChain> chain)
    : has_trailer_(has_trailer), chain_(std::move(chain)) {}

Result<void> AwsChunkedDecoder::feed(std::string_view input, base::Bytes& out) {
  while (!input.empty()) {
    if (state_ == State::Done) {
      surplus_bytes_ += input.size();
      if (surplus_bytes_ > SurplusBytesMax) return framing("bytes after the last chunk");
      return {};
    }
    if (state_ == State::Data) {
      take_data(input, out);
      if (data_left_ == 0) {
        VARVE_CHECK(end_chunk());
        state_ = State::DataEnd;
      }
      continue;
    }
    const auto end = input.find('\n');
    const auto piece = input.substr(0, end);
    if (line_.size() + piece.size() > ChunkLineBytesMax) return framing("a line is too long");
    if (end == std::string_view::npos) {
      line_.append(piece);
      return {};
    }
    input.remove_prefix(end + 1);
    if (line_.empty()) {
      VARVE_CHECK(take_line(piece));
    } else {
      const std::string line = std::exchange(line_, {}).append(piece);
      VARVE_CHECK(take_line(line));
    }
  }
  return {};
}

Result<void> AwsChunkedDecoder::finish() {
  if (state_ == State::Done || (state_ == State::AfterEmptyLine && line_.empty())) {
    return end_trailers();
  }
  return framing("the body ended before its last chunk");
}

void AwsChunkedDecoder::take_data(std::string_view& input, base::Bytes& out) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(data_left_, input.size()));
  const auto data = input.substr(0, count);
  if (data_hash_) data_hash_->update(data);
  out.append(data);
  input.remove_prefix(count);
  data_left_ -= count;
}

// `line` lacks its LF; its CR is still there.
Result<void> AwsChunkedDecoder::take_line(std::string_view line) {
  const bool has_cr = line.ends_with('\r');
  if (has_cr) line.remove_suffix(1);
  switch (state_) {
    case State::SizeLine:
      if (!has_cr) return framing("a chunk header must end with CRLF");
      return start_chunk(line);
    case State::DataEnd:
      if (!has_cr || !line.empty()) return framing("chunk data must end with CRLF");
      state_ = State::SizeLine;
      return {};
    case State::AfterLast:
      if (line.empty()) {
        state_ = has_trailer_ ? State::AfterEmptyLine : State::Done;
        return {};
      }
      if (!has_trailer_) return framing("an empty line must follow the last chunk");
      return take_trailer(line, has_cr);
    case State::AfterEmptyLine:
      if (line.empty()) {
        state_ = State::Done;
        return {};
      }
      return take_trailer(line, has_cr);
    case State::Trailers:
      if (!line.empty()) return take_trailer(line, has_cr);
      // The CRLF of a trailer whose value ended with a lone LF may be the last line, or not.
      state_ = is_lone_lf_ ? State::AfterEmptyLine : State::Done;
      return {};
    case State::Data:
    case State::Done:
      break;
  }
  return framing("unexpected line");
}

Result<void> AwsChunkedDecoder::start_chunk(std::string_view line) {
  const auto size = cut_size(line);
  if (!size) return framing("a chunk must begin with its size in hexadecimal");
  const auto signature = find_signature(line);
  if (!signature) return framing("a chunk's size must be followed by its extensions");
  if (chain_) {
    if (signature->empty()) return fault(ChunkFault::Signature, "a chunk has no signature");
    signature_ = *signature;
    data_hash_.emplace(base::HashKind::Sha256);
  }
  data_left_ = *size;
  if (*size > 0) {
    state_ = State::Data;
    return {};
  }
  VARVE_CHECK(end_chunk());
  state_ = State::AfterLast;
  return {};
}

Result<void> AwsChunkedDecoder::end_chunk() {
  if (!chain_) return {};
  const std::string hash = base::hex_encode(data_hash_->finish());
  data_hash_.reset();
  if (!base::equal_constant_time(chain_->next(hash), signature_)) {
    return fault(ChunkFault::Signature, "a chunk's signature does not match its data");
  }
  return {};
}

Result<void> AwsChunkedDecoder::take_trailer(std::string_view line, bool has_cr) {
  state_ = State::Trailers;
  is_lone_lf_ = !has_cr;
  trailer_bytes_ += line.size();
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0 || trailer_bytes_ > TrailerBytesMax) {
    return fault(ChunkFault::Trailer, "a trailer must be a name, a colon and a value");
  }
  ChunkTrailer trailer{to_lower(trim(line.substr(0, colon))),
                       std::string(trim(line.substr(colon + 1)))};
  if (trailer.name == "x-amz-trailer-signature") {
    trailer_signature_ = std::move(trailer.value);
  } else {
    trailers_.push_back(std::move(trailer));
  }
  return {};
}

Result<void> AwsChunkedDecoder::end_trailers() {
  if (!chain_ || trailers_.empty()) return {};
  std::string lines;
  for (const ChunkTrailer& trailer : trailers_) {
    lines.append(trailer.name).append(":").append(trailer.value).append("\n");
  }
  if (!base::equal_constant_time(chain_->trailer(lines), trailer_signature_)) {
    return fault(ChunkFault::Signature, "the trailer's signature does not match it");
  }
  return {};
}

}  // namespace varve::kernel
