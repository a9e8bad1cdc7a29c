// Transport: how bytes cross a socket: plain, or TLS. Never waits and never suspends: an operation
// says what it did and what to wait for. Waiting is Channel's.
//
// That is the whole interface because it keeps one session for both: a template on the stream type
// would compile everything twice.
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace varve::http {

enum class IoState : std::uint8_t {
  Done,       // made progress; `bytes` says how much
  WantRead,   // try again when the socket is readable
  WantWrite,  // try again when it is writable
  End,        // the peer will send no more
  Broken,     // the connection is of no more use
};

struct IoStep {
  std::size_t bytes = 0;
  IoState state = IoState::Done;
};

class Transport {
 public:
  virtual ~Transport() = default;

  virtual IoStep handshake() = 0;
  virtual IoStep read(char* data, std::size_t size) = 0;
  // Bytes that were received but not read: waiting for the socket would miss them.
  virtual bool has_pending() const = 0;
  // `more` says that more follows at once, so that the kernel need not send a short segment.
  virtual IoStep write(std::span<const iovec> parts, bool more) = 0;
  // Announces the end of our bytes. Best effort.
  virtual void finish() = 0;

  // Whether the kernel may send files by itself.
  virtual bool can_send_files() const = 0;
  virtual IoStep send_file(int file, off_t offset, std::size_t size) = 0;
};

// Over a non-blocking socket that outlives it.
std::unique_ptr<Transport> make_plain_transport(int socket);

}  // namespace varve::http
