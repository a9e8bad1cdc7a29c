// RequestBody: the body of the request a connection is serving. Bodies framed by a length go from
// the socket to the caller, past the parser; chunked ones through it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "http/body.h"
#include "http/channel.h"
#include "http/input_buffer.h"
#include "http/request_parser.h"

namespace varve::http {

class RequestBody {
 public:
  // All outlive it. `timeout` is between two bytes.
  RequestBody(Channel& channel, InputBuffer& input, RequestParser& parser,
              base::milliseconds timeout);

  // Starts over. `gone` is set when a read finds the client gone.
  void begin(const RequestHead& head, std::atomic<bool>& gone);

  // The handle for the request; null if it has no body.
  std::unique_ptr<BodyReader> make_reader();

  base::Task<base::Result<base::Bytes>> read(std::size_t bytes_max);

  // Reads and drops what is left, if that is at most `bytes_max`. Whether the end was reached.
  base::Task<bool> discard(std::uint64_t bytes_max);

  bool is_finished() const { return is_finished_; }
  // The client still waits to be told to send the body.
  bool awaits_continue() const { return must_continue_ && !is_finished_; }
  // Whether the unread rest is known to be more than that, or not worth asking for.
  bool has_more_than(std::uint64_t bytes) const;
  // Somebody may still read: the response is made from it.
  bool is_held() const { return is_held_; }

 private:
  class Reader;

  base::Task<base::Result<base::Bytes>> read_length(std::size_t bytes_max);
  base::Task<base::Result<base::Bytes>> read_chunked(std::size_t bytes_max);
  base::Task<bool> send_continue();
  base::Error fail(Channel::Flow flow);
  base::Error fail_framing();

  Channel& channel_;
  InputBuffer& input_;
  RequestParser& parser_;
  const base::milliseconds timeout_;

  std::atomic<bool>* gone_ = nullptr;
  Framing framing_ = Framing::None;
  std::uint64_t length_ = 0;
  std::uint64_t left_ = 0;  // framed by a length: bytes not read yet
  bool must_continue_ = false;
  bool is_finished_ = true;
  bool has_failed_ = false;
  bool is_held_ = false;
};

}  // namespace varve::http
