#include "http/incoming_body.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "http/body.h"
#include "http/channel.h"
#include "http/headers.h"
#include "http/input_buffer.h"
#include "http/message_parser.h"
#include "http/transport.h"

namespace varve::http {
namespace {

using base::Bytes;
using base::Code;
using base::Error;
using base::Result;
using base::Task;

constexpr std::string_view ContinueLine = "HTTP/1.1 100 Continue\r\n\r\n";
// What a chunked body is received into, and the bound on a chunk header or a trailer section.
constexpr std::size_t ChunkBufferBytes = 64U << 10U;
constexpr std::size_t DiscardStepBytes = 64U << 10U;

}  // namespace

// Forwards to the connection's body, so that the handle may be moved and destroyed freely.
class IncomingBody::Reader final : public BodyReader {
 public:
  explicit Reader(IncomingBody& body) : body_(body) { body_.is_held_ = true; }
  ~Reader() override { body_.is_held_ = false; }
  Task<Result<Bytes>> read(std::size_t bytes_max) override { return body_.read(bytes_max); }
  std::optional<std::uint64_t> content_length() const override {
    if (body_.framing_ != Framing::Length) return std::nullopt;
    return body_.length_;
  }
  bool is_chunked() const override { return body_.framing_ == Framing::Chunked; }
  const Headers& trailers() const override { return body_.decoder_.trailers(); }

 private:
  IncomingBody& body_;
};

IncomingBody::IncomingBody(Channel& channel, InputBuffer& input, ChunkDecoder& decoder,
                           base::milliseconds timeout)
    : channel_(channel), input_(input), decoder_(decoder), timeout_(timeout) {}

void IncomingBody::begin(const BodyFraming& body, std::atomic<bool>& gone) {
  gone_ = &gone;
  framing_ = body.framing;
  length_ = left_ = body.length;
  if (framing_ == Framing::UntilClose) left_ = std::numeric_limits<std::uint64_t>::max();
  is_finished_ = framing_ == Framing::None || (framing_ == Framing::Length && length_ == 0);
  // A peer that has begun to send waits for nothing.
  must_continue_ = body.expects_continue && !is_finished_ && input_.empty();
  has_failed_ = false;
}

std::unique_ptr<BodyReader> IncomingBody::make_reader() {
  if (framing_ == Framing::None) return nullptr;
  return std::make_unique<Reader>(*this);
}

bool IncomingBody::has_more_than(std::uint64_t bytes) const {
  return !is_finished_ && (awaits_continue() || has_failed_ || left_ > bytes);
}

Task<Result<Bytes>> IncomingBody::read(std::size_t bytes_max) {
  if (is_finished_) co_return Bytes();
  if (has_failed_) co_return fail(Channel::Flow::Broken);
  if (must_continue_) {
    must_continue_ = false;
    // NOTE: named, because g++ 12 turns `if (!co_await …) co_return …` in here into a trap.
    const bool was_told = co_await send_continue();
    if (!was_told) co_return fail(Channel::Flow::Broken);
  }
  if (framing_ == Framing::Chunked) co_return co_await read_chunked(bytes_max);
  co_return co_await read_plain(bytes_max);
}

Task<bool> IncomingBody::send_continue() {
  WriteParts parts;
  parts.add(ContinueLine);
  co_return co_await channel_.write_all(parts, false, timeout_) == Channel::Flow::Done;
}

// Through the loop's scratch: a std::string cannot grow without being zeroed, and zeroing what the
// caller asked for costs more than copying what has come.
Task<Result<Bytes>> IncomingBody::read_plain(std::size_t bytes_max) {
  const std::size_t wanted = static_cast<std::size_t>(
      std::min<std::uint64_t>({bytes_max, left_, BufferPool::ScratchBytes}));
  Bytes out(input_.view().substr(0, wanted));
  input_.consume(out.size());
  char* scratch = input_.pool().scratch();
  if (out.empty()) {
    const std::uint64_t due = channel_.ticker().tick_after(timeout_);
    const Channel::Read read = co_await channel_.read_some(scratch, wanted, due);
    if (read.flow == Channel::Flow::End && framing_ == Framing::UntilClose) {
      is_finished_ = true;
      co_return out;
    }
    if (read.flow != Channel::Flow::Done) co_return fail(read.flow);
    out.assign(scratch, read.bytes);
  }
  // What else is there already; an end or a fault shows at the next read.
  while (out.size() < wanted) {
    const IoStep step = channel_.try_read(scratch, wanted - out.size());
    if (step.state != IoState::Done) break;
    out.append(scratch, step.bytes);
  }
  left_ -= out.size();
  is_finished_ = left_ == 0;
  co_return out;
}

Task<Result<Bytes>> IncomingBody::read_chunked(std::size_t bytes_max) {
  Bytes out;
  input_.reserve(ChunkBufferBytes);
  for (;;) {
    const ChunkDecoder::Step step = decoder_.decode_chunks(input_.view(), out, bytes_max);
    input_.consume(step.consumed);
    using State = ChunkDecoder::State;
    if (step.state == State::Bad) co_return fail_framing();
    if (step.state == State::Done) is_finished_ = true;
    if (step.state != State::NeedInput) co_return out;
    if (!input_.make_room(ChunkBufferBytes)) co_return fail_framing();
    if (!out.empty()) {
      const IoStep more = channel_.try_read(input_.room(), input_.room_bytes());
      if (more.state != IoState::Done) co_return out;
      input_.filled(more.bytes);
      continue;
    }
    const std::uint64_t due = channel_.ticker().tick_after(timeout_);
    const Channel::Read read = co_await channel_.read_some(input_.room(), input_.room_bytes(), due);
    if (read.flow != Channel::Flow::Done) co_return fail(read.flow);
    input_.filled(read.bytes);
  }
}

Task<bool> IncomingBody::discard(std::uint64_t bytes_max) {
  if (has_more_than(bytes_max)) co_return false;
  std::uint64_t dropped = 0;
  while (!is_finished_ && dropped <= bytes_max) {
    const Result<Bytes> piece = co_await read(DiscardStepBytes);
    if (!piece) co_return false;
    dropped += piece->size();
  }
  co_return is_finished_;
}

Error IncomingBody::fail(Channel::Flow flow) {
  has_failed_ = true;
  if (flow == Channel::Flow::TimedOut) {
    return make_body_error(Code::DeadlineExceeded, BodyFault::TooSlow,
                           "the peer stopped sending the body");
  }
  gone_->store(true, std::memory_order_relaxed);
  std::string text = "the body ended before its last chunk";
  if (framing_ == Framing::Length) {
    text = "the body ended after " + std::to_string(length_ - left_) + " of the " +
           std::to_string(length_) + " bytes announced";
  }
  return make_body_error(Code::InvalidArgument, BodyFault::Short, std::move(text));
}

Error IncomingBody::fail_framing() {
  has_failed_ = true;
  return make_body_error(Code::InvalidArgument, BodyFault::BadFraming,
                         "the body's chunks are malformed");
}

}  // namespace varve::http
