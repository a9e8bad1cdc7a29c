#include "http/body.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/result.h"
#include "http/headers.h"

namespace varve::http {
namespace {

using base::Bytes;
using base::Code;
using base::Error;
using base::Result;
using base::Task;

// How much read_all asks for at a time. What a client announces but does not send costs no memory.
constexpr std::size_t StepBytes = 256U << 10U;

const Headers NoTrailers;

Error too_large(std::size_t bytes_max) {
  return make_body_error(Code::ResourceExhausted, BodyFault::TooLarge,
                         "the body is larger than " + std::to_string(bytes_max) + " bytes");
}

class MemoryReader final : public BodyReader {
 public:
  explicit MemoryReader(Bytes bytes) : bytes_(std::move(bytes)) {}

  Task<Result<Bytes>> read(std::size_t bytes_max) override {
    Bytes piece = bytes_.substr(at_, bytes_max);
    at_ += piece.size();
    co_return piece;
  }
  std::optional<std::uint64_t> content_length() const override { return bytes_.size(); }
  bool is_chunked() const override { return false; }
  const Headers& trailers() const override { return NoTrailers; }

 private:
  const Bytes bytes_;
  std::size_t at_ = 0;
};

}  // namespace

BodyFault body_fault_of(const Error& error) {
  const auto first = static_cast<std::uint16_t>(BodyFault::Short);
  const auto last = static_cast<std::uint16_t>(BodyFault::TooSlow);
  if (error.detail() < first || error.detail() > last) return BodyFault::None;
  return static_cast<BodyFault>(error.detail());
}

Error make_body_error(Code code, BodyFault fault, std::string text) {
  return Error(code, static_cast<std::uint16_t>(fault), std::move(text));
}

Task<Result<Bytes>> BodyStream::read(std::size_t bytes_max) {
  VARVE_ASSERT(bytes_max > 0);
  if (!reader_) co_return Bytes();
  co_return co_await reader_->read(bytes_max);
}

Task<Result<Bytes>> BodyStream::read_all(std::size_t bytes_max) {
  if (!reader_) co_return Bytes();
  const std::optional<std::uint64_t> announced = reader_->content_length();
  if (announced && *announced > bytes_max) co_return too_large(bytes_max);
  Bytes whole;
  for (;;) {
    // One byte beyond the limit is asked for, so that a body of exactly the limit is told from one
    // that is longer.
    const std::size_t room = bytes_max - whole.size();
    const std::size_t step = std::min(StepBytes, room) + 1;
    VARVE_CO_TRY(Bytes piece, co_await reader_->read(step));
    if (piece.empty()) co_return whole;
    if (piece.size() > room) co_return too_large(bytes_max);
    if (whole.empty()) {
      whole = std::move(piece);
    } else {
      whole.append(piece);
    }
  }
}

std::optional<std::uint64_t> BodyStream::content_length() const {
  if (!reader_) return std::nullopt;
  return reader_->content_length();
}

bool BodyStream::is_chunked() const { return reader_ && reader_->is_chunked(); }

const Headers& BodyStream::trailers() const { return reader_ ? reader_->trailers() : NoTrailers; }

BodyStream body_of(Bytes bytes) {
  return BodyStream(std::make_unique<MemoryReader>(std::move(bytes)));
}

}  // namespace varve::http
