#include "http/response_writer.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <variant>

#include "base/bytes.h"
#include "base/result.h"
#include "http/body.h"
#include "http/channel.h"
#include "http/message.h"
#include "http/response_head.h"
#include "http/transport.h"

namespace varve::http {
namespace {

using base::Bytes;
using base::Result;
using base::Task;

// A small file costs less as one copy and one write than as two system calls of the kernel's.
constexpr std::uint64_t SmallFileBytes = 32U << 10U;
// Per step where the kernel cannot send the file by itself.
constexpr std::uint64_t FileStepBytes = 256U << 10U;

// Reads exactly that much, or fails: the length was announced.
bool read_file(int descriptor, std::uint64_t offset, Bytes& bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::pread(descriptor, bytes.data() + done, bytes.size() - done,
                                static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    done += static_cast<std::size_t>(got);
  }
  return true;
}

// What a source throws is a mistake of ours; it must not take the other connections along.
Task<Result<Bytes>> next_piece(BodySource* source) {
  try {
    co_return co_await source->next();
  } catch (...) {
    co_return base::Error(base::Code::Internal, "a body could not be made");
  }
}

}  // namespace

Task<bool> ResponseWriter::write(WriteParts parts, bool more) {
  co_return co_await channel_.write_all(parts, more, timeout_) == Channel::Flow::Done;
}

Task<bool> ResponseWriter::send(std::string head, ResponseBody body, ResponsePlan plan) {
  if (plan.sends_body) {
    if (auto* file = std::get_if<FileBody>(&body)) {
      co_return co_await send_file(std::move(head), std::move(*file));
    }
    if (auto* source = std::get_if<std::unique_ptr<BodySource>>(&body)) {
      co_return co_await send_source(std::move(head), std::move(*source), plan);
    }
  }
  Bytes bytes;
  if (auto* kept = std::get_if<Bytes>(&body); kept != nullptr && plan.sends_body) {
    bytes = std::move(*kept);
  }
  co_return co_await send_bytes(std::move(head), std::move(bytes));
}

Task<bool> ResponseWriter::send_bytes(std::string head, Bytes bytes) {
  WriteParts parts;
  parts.add(head);
  parts.add(bytes);
  body_bytes_ = bytes.size();
  // Nearly always the socket takes it all at once, and nothing suspends.
  const IoStep step = channel_.try_write(parts, false);
  if (step.state == IoState::Broken) co_return false;
  parts.skip(step.bytes);
  if (parts.empty()) co_return true;
  co_return co_await write(parts, false);
}

Task<bool> ResponseWriter::send_file(std::string head, FileBody file) {
  if (file.length <= SmallFileBytes) {
    Bytes bytes(static_cast<std::size_t>(file.length), '\0');
    if (!read_file(file.descriptor, file.offset, bytes)) co_return false;
    co_return co_await send_bytes(std::move(head), std::move(bytes));
  }
  WriteParts start;
  start.add(head);
  if (!co_await write(start, true)) co_return false;
  if (channel_.can_send_files()) {
    const Channel::Flow flow =
        co_await channel_.send_file(file.descriptor, file.offset, file.length, timeout_);
    if (flow == Channel::Flow::Done) body_bytes_ = file.length;
    co_return flow == Channel::Flow::Done;
  }
  while (body_bytes_ < file.length) {
    const std::uint64_t step = std::min(FileStepBytes, file.length - body_bytes_);
    Bytes bytes(static_cast<std::size_t>(step), '\0');
    if (!read_file(file.descriptor, file.offset + body_bytes_, bytes)) co_return false;
    WriteParts parts;
    parts.add(bytes);
    if (!co_await write(parts, false)) co_return false;
    body_bytes_ += step;
  }
  co_return true;
}

Task<bool> ResponseWriter::send_source(std::string head, std::unique_ptr<BodySource> source,
                                       ResponsePlan plan) {
  // The head goes out with the first piece, in one segment.
  for (;;) {
    Result<Bytes> piece = co_await next_piece(source.get());
    if (!piece) co_return false;
    WriteParts parts;
    parts.add(head);
    if (piece->empty()) {
      const bool is_whole = !plan.content_length || *plan.content_length == body_bytes_;
      if (!is_whole) co_return false;
      if (plan.is_chunked) parts.add("0\r\n\r\n");
      co_return parts.empty() || co_await write(parts, false);
    }
    // More than was announced would be read as the next response.
    const bool is_too_much =
        plan.content_length && piece->size() > *plan.content_length - body_bytes_;
    if (is_too_much) co_return false;
    const std::string header = plan.is_chunked ? chunk_header(piece->size()) : std::string();
    parts.add(header);
    parts.add(*piece);
    if (plan.is_chunked) parts.add("\r\n");
    if (!co_await write(parts, false)) co_return false;
    body_bytes_ += piece->size();
    head.clear();
  }
}

}  // namespace varve::http
