// Sends one response: its head, and its body of whatever kind.
#pragma once

#include <cstdint>
#include <string>

#include "base/task.h"
#include "http/channel.h"
#include "http/message.h"
#include "http/response_head.h"

namespace varve::http {

class ResponseWriter {
 public:
  ResponseWriter(Channel& channel, base::milliseconds timeout)
      : channel_(channel), timeout_(timeout) {}

  // `head` is what append_response_head gave. True if everything went out; if not, the connection
  // can only be closed, which is how the client learns of it.
  base::Task<bool> send(std::string head, ResponseBody body, ResponsePlan plan);

  std::uint64_t body_bytes() const { return body_bytes_; }

 private:
  base::Task<bool> send_bytes(std::string head, base::Bytes bytes);
  base::Task<bool> send_file(std::string head, FileBody file);
  base::Task<bool> send_source(std::string head, std::unique_ptr<BodySource> source,
                               ResponsePlan plan);
  base::Task<bool> write(WriteParts parts, bool more);

  Channel& channel_;
  const base::milliseconds timeout_;
  std::uint64_t body_bytes_ = 0;
};

}  // namespace varve::http
