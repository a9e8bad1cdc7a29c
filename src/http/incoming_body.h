// IncomingBody: the body of the message that a connection is receiving. Bodies framed by a length
// go from the socket to the caller, past the parser; chunked ones through it.
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
#include "http/message_parser.h"

namespace varve::http {

class IncomingBody {
 public:
  // All outlive it. `timeout` is between two bytes.
  IncomingBody(Channel& channel, InputBuffer& input, ChunkDecoder& decoder,
               base::milliseconds timeout);

  // Starts over. `gone` is set when a read finds the peer gone.
  void begin(const BodyFraming& body, std::atomic<bool>& gone);

  // The handle for whoever reads; null if there is no body.
  std::unique_ptr<BodyReader> make_reader();

  base::Task<base::Result<base::Bytes>> read(std::size_t bytes_max);

  // Reads and drops what is left, if that is at most `bytes_max`. Whether the end was reached.
  base::Task<bool> discard(std::uint64_t bytes_max);

  bool is_finished() const { return is_finished_; }
  // The peer still waits to be told to send the body.
  bool awaits_continue() const { return must_continue_ && !is_finished_; }
  // Whether the unread rest is known to be more than that, or not worth asking for.
  bool has_more_than(std::uint64_t bytes) const;
  // Somebody may still read: the response is made from it.
  bool is_held() const { return is_held_; }

 private:
  class Reader;

  base::Task<base::Result<base::Bytes>> read_plain(std::size_t bytes_max);
  base::Task<base::Result<base::Bytes>> read_chunked(std::size_t bytes_max);
  base::Task<bool> send_continue();
  base::Error fail(Channel::Flow flow);
  base::Error fail_framing();

  Channel& channel_;
  InputBuffer& input_;
  ChunkDecoder& decoder_;
  const base::milliseconds timeout_;

  std::atomic<bool>* gone_ = nullptr;
  Framing framing_ = Framing::None;
  std::uint64_t length_ = 0;
  std::uint64_t left_ = 0;  // not chunked: bytes not read yet, or more than there can be
  bool must_continue_ = false;
  bool is_finished_ = true;
  bool has_failed_ = false;
  bool is_held_ = false;
};

}  // namespace varve::http
