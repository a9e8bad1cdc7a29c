#include "http/channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/task.h"
#include "base/time.h"
#include "http/counter.h"
#include "http/ticker.h"
#include "http/transport.h"

namespace varve::http {
namespace {

using base::Task;

constexpr boost::asio::use_awaitable_t<base::LoopExecutor> UseTask{};

// A fast peer and a handler that never waits must still let other connections of the loop run.
constexpr std::size_t GreedyBytesMax = 4U << 20U;
// How much one sendfile call may move: about a millisecond.
constexpr std::size_t SendFileBytesMax = 1U << 20U;

}  // namespace

void WriteParts::add(std::string_view piece) {
  if (piece.empty()) return;
  parts[count++] = iovec{.iov_base = const_cast<char*>(piece.data()), .iov_len = piece.size()};
}

void WriteParts::skip(std::size_t bytes) {
  while (bytes > 0) {
    iovec& part = parts[first];
    const std::size_t taken = std::min(bytes, part.iov_len);
    part.iov_base = static_cast<char*>(part.iov_base) + taken;
    part.iov_len -= taken;
    bytes -= taken;
    if (part.iov_len == 0) ++first;
  }
}

Channel::Channel(Socket socket, Ticker& ticker, ChannelCounters& counters)
    : Entry(ticker), socket_(std::move(socket)), counters_(counters) {
  boost::system::error_code ignored;  // a socket that cannot is broken, as the first read will say
  socket_.native_non_blocking(true, ignored);
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
}

IoStep Channel::try_read(char* data, std::size_t size) {
  if (is_aborted_) return IoStep{.state = IoState::Broken};
  const IoStep step = transport_->read(data, size);
  counters_.bytes_in.add(step.bytes);
  return step;
}

IoStep Channel::try_write(const WriteParts& parts, bool more) {
  if (is_aborted_) return IoStep{.state = IoState::Broken};
  const IoStep step = transport_->write(parts.span(), more);
  counters_.bytes_out.add(step.bytes);
  return step;
}

Task<Channel::Wake> Channel::wait(IoState want, std::uint64_t due) {
  if (is_aborted_) co_return Wake::Interrupted;
  has_timed_out_ = false;
  greedy_bytes_ = 0;
  arm_at(std::min(due, deadline_));
  boost::system::error_code error;
  const auto ready = want == IoState::WantRead ? Socket::wait_read : Socket::wait_write;
  co_await socket_.async_wait(ready, boost::asio::redirect_error(UseTask, error));
  disarm();
  if (!error) co_return Wake::Ready;
  co_return has_timed_out_ ? Wake::TimedOut : Wake::Interrupted;
}

// What a wait that was in vain makes of the operation that waited.
Channel::Flow Channel::flow_of(Wake wake) {
  if (wake != Wake::TimedOut) return Flow::Broken;
  counters_.timeouts.add(1);
  return Flow::TimedOut;
}

Task<Channel::Flow> Channel::handshake(std::uint64_t due) {
  for (;;) {
    const IoState state = transport_->handshake().state;
    if (state == IoState::Done) co_return Flow::Done;
    if (state == IoState::End || state == IoState::Broken) co_return Flow::Broken;
    const Wake wake = co_await wait(state, due);
    if (wake != Wake::Ready) co_return flow_of(wake);
  }
}

Task<Channel::Read> Channel::read_some(char* data, std::size_t size, std::uint64_t due) {
  Read read;
  if (is_greedy(0)) co_await yield();
  for (;;) {
    const IoStep step = try_read(data, size);
    if (step.state == IoState::Done) {
      greedy_bytes_ += step.bytes;
      read.bytes = step.bytes;
      co_return read;  // at once: `data` may be the loop's scratch
    }
    if (step.state == IoState::End || step.state == IoState::Broken) {
      read.flow = step.state == IoState::End ? Flow::End : Flow::Broken;
      co_return read;
    }
    const Wake wake = co_await wait(step.state, due);
    if (wake != Wake::Ready) {
      read.flow = flow_of(wake);
      co_return read;
    }
  }
}

Task<Channel::Flow> Channel::write_all(WriteParts parts, bool more, base::milliseconds timeout) {
  while (!parts.empty()) {
    const IoStep step = try_write(parts, more);
    if (step.state == IoState::Done) {
      parts.skip(step.bytes);
      if (is_greedy(step.bytes)) co_await yield();
      continue;
    }
    if (step.state == IoState::End || step.state == IoState::Broken) co_return Flow::Broken;
    const Wake wake = co_await wait(step.state, ticker().tick_after(timeout));
    if (wake != Wake::Ready) co_return flow_of(wake);
  }
  co_return Flow::Done;
}

Task<Channel::Flow> Channel::send_file(int file, std::uint64_t offset, std::uint64_t size,
                                       base::milliseconds timeout) {
  while (size > 0) {
    if (is_aborted_) co_return Flow::Broken;
    const std::size_t part =
        static_cast<std::size_t>(std::min<std::uint64_t>(size, SendFileBytesMax));
    const IoStep step = transport_->send_file(file, static_cast<off_t>(offset), part);
    if (step.state == IoState::Done) {
      counters_.bytes_out.add(step.bytes);
      offset += step.bytes;
      size -= step.bytes;
      if (is_greedy(step.bytes)) co_await yield();
      continue;
    }
    if (step.state != IoState::WantWrite) co_return Flow::Broken;
    const Wake wake = co_await wait(step.state, ticker().tick_after(timeout));
    if (wake != Wake::Ready) co_return flow_of(wake);
  }
  co_return Flow::Done;
}

bool Channel::is_greedy(std::size_t bytes) {
  greedy_bytes_ += bytes;
  return greedy_bytes_ >= GreedyBytesMax;
}

Task<void> Channel::yield() {
  greedy_bytes_ = 0;
  co_await boost::asio::post(socket_.get_executor(), UseTask);
}

void Channel::watch_peer(std::atomic<bool>& gone) {
  gone_ = &gone;
  watched_since_ = ticker().now();
}

void Channel::interrupt() {
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void Channel::abort() {
  is_aborted_ = true;
  ::shutdown(socket_.native_handle(), SHUT_RDWR);
  interrupt();
}

void Channel::on_due() {
  has_timed_out_ = true;
  interrupt();
}

void Channel::on_tick() {
  // Most requests end within a tick and are never looked at.
  if (gone_ == nullptr || ticker().now() < watched_since_ + 2) return;
  pollfd peer{.fd = socket_.native_handle(), .events = POLLRDHUP, .revents = 0};
  if (::poll(&peer, 1, 0) > 0) gone_->store(true, std::memory_order_relaxed);
}

}  // namespace varve::http
