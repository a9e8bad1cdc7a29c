// Bodies that need not fit in memory: BodyStream is what a request brings, BodySource is what a
// response sends. Both are pulled, so the slower side sets the pace and memory per transfer is
// bounded by the step the reader asks for.
//
// A body belongs to one task. A request's BodyStream may be used until the response has been sent
// (a BodySource may therefore read from it), not longer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "http/headers.h"

namespace varve::http {

// What `Error::detail()` says about a body, beside the code. Far from model's numbers on purpose:
// front ends look at both.
enum class BodyFault : std::uint16_t {
  None = 0,
  Short = 61001,  // InvalidArgument: the peer ended the body before what it announced
  BadFraming,     // InvalidArgument: chunked framing that is not RFC 9112
  TooLarge,       // ResourceExhausted: longer than the reader's limit
  TooSlow,        // DeadlineExceeded: no byte came for the whole body timeout
};
BodyFault body_fault_of(const base::Error& error);
base::Error make_body_error(base::Code code, BodyFault fault, std::string text);

// Where a request's bytes come from. Implemented by connections and by memory.
class BodyReader {
 public:
  virtual ~BodyReader() = default;
  virtual base::Task<base::Result<base::Bytes>> read(std::size_t bytes_max) = 0;
  virtual std::optional<std::uint64_t> content_length() const = 0;
  virtual bool is_chunked() const = 0;
  virtual const Headers& trailers() const = 0;
};

class BodyStream {
 public:
  BodyStream() = default;  // no body: no length was announced, and none is chunked
  explicit BodyStream(std::unique_ptr<BodyReader> reader) : reader_(std::move(reader)) {}

  // The next bytes, 1 .. bytes_max; empty at the end, and again on every later call. Waits for the
  // first byte only: what has arrived by then is returned. The first call sends `100 Continue` if
  // the client waits for it. Never returns more than Content-Length announced.
  //   InvalidArgument   (BodyFault::Short, BodyFault::BadFraming)
  //   DeadlineExceeded  (BodyFault::TooSlow)
  // After an error the connection is closed once the response is sent.
  base::Task<base::Result<base::Bytes>> read(std::size_t bytes_max);

  // The whole rest. ResourceExhausted (BodyFault::TooLarge) if that is more than `bytes_max`; a
  // Content-Length above it is refused before anything is read.
  base::Task<base::Result<base::Bytes>> read_all(std::size_t bytes_max);

  // Content-Length as announced; absent if the request had none.
  std::optional<std::uint64_t> content_length() const;
  bool is_chunked() const;
  // Fields after a chunked body. Empty until the end has been read.
  const Headers& trailers() const;

 private:
  std::unique_ptr<BodyReader> reader_;
};

// A body from memory, with Content-Length set.
BodyStream body_of(base::Bytes bytes);

// A response body made step by step. Destroyed once sent, or once the client is gone.
class BodySource {
 public:
  virtual ~BodySource() = default;
  // The next bytes; empty at the end. An error after the head was sent can only be told by closing
  // the connection early; every client notices, because the length or the last chunk is missing.
  virtual base::Task<base::Result<base::Bytes>> next() = 0;
  // If known, sent as Content-Length, and next() must give exactly that many bytes. If not, the
  // body goes out chunked (HTTP/1.0: until close).
  virtual std::optional<std::uint64_t> length() const = 0;
};

}  // namespace varve::http
