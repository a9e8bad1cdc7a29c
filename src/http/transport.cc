#include "http/transport.h"

#include <sys/sendfile.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstddef>
#include <memory>
#include <span>

namespace varve::http {
namespace {

// From what a system call returned.
IoStep step_of(ssize_t result, IoState when_blocked) {
  if (result >= 0) return IoStep{.bytes = static_cast<std::size_t>(result)};
  if (errno == EAGAIN || errno == EWOULDBLOCK) return IoStep{.state = when_blocked};
  return IoStep{.state = IoState::Broken};
}

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(int socket) : socket_(socket) {}

  IoStep handshake() override { return IoStep{}; }

  IoStep read(char* data, std::size_t size) override {
    ssize_t got = 0;
    do {
      got = ::recv(socket_, data, size, 0);
    } while (got < 0 && errno == EINTR);
    if (got == 0) return IoStep{.state = IoState::End};
    return step_of(got, IoState::WantRead);
  }

  bool has_pending() const override { return false; }

  IoStep write(std::span<const iovec> parts, bool more) override {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts.data());  // the kernel only reads them
    message.msg_iovlen = parts.size();
    const int flags = MSG_NOSIGNAL | (more ? MSG_MORE : 0);
    ssize_t sent = 0;
    do {
      sent = ::sendmsg(socket_, &message, flags);
    } while (sent < 0 && errno == EINTR);
    return step_of(sent, IoState::WantWrite);
  }

  void finish() override { ::shutdown(socket_, SHUT_WR); }

  bool can_send_files() const override { return true; }

  IoStep send_file(int file, off_t offset, std::size_t size) override {
    ssize_t sent = 0;
    do {
      sent = ::sendfile(socket_, file, &offset, size);
    } while (sent < 0 && errno == EINTR);
    // Nothing sent, nothing blocked: the file is shorter than its length said.
    if (sent == 0) return IoStep{.state = IoState::Broken};
    return step_of(sent, IoState::WantWrite);
  }

 private:
  const int socket_;
};

}  // namespace

std::unique_ptr<Transport> make_plain_transport(int socket) {
  return std::make_unique<PlainTransport>(socket);
}

}  // namespace varve::http
