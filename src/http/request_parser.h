// RequestParser: from the bytes of one request to a Request and the framing of its body. Wraps
// Beast, which no other file sees (with http_client's parser). Pure: no socket, no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <tl/expected.hpp>

#include "base/bytes.h"
#include "http/head_scanner.h"
#include "http/headers.h"
#include "http/message.h"

namespace varve::http {

enum class Framing : std::uint8_t { None, Length, Chunked };

struct RequestHead {
  Request request;  // all but body, peer and is_tls
  Framing framing = Framing::None;
  std::uint64_t length = 0;  // of a body framed by Length
  bool keep_alive = true;
  bool expects_continue = false;
};

class RequestParser {
 public:
  RequestParser();
  ~RequestParser();

  // Starts over with the head that a HeadScanner delimited. Refused beyond what Beast refuses:
  // Content-Length beside Transfer-Encoding, differing lengths, a coding that is not chunked (501),
  // a missing, repeated or malformed Host, a target that is not origin-form, absolute-form or `*`,
  // an expectation that is not 100-continue (417), a version that is not 1.x (505).
  tl::expected<RequestHead, HeadFault> parse_head(std::string_view head, std::size_t lines);

  // Decodes the next bytes of a chunked body, appending payload to `out` until that has `out_max`
  // bytes. Call again with what was not consumed in front of what came since.
  enum class ChunkState : std::uint8_t { OutputFull, NeedInput, Done, Bad };
  struct ChunkStep {
    std::size_t consumed = 0;
    ChunkState state = ChunkState::NeedInput;
  };
  ChunkStep decode_chunks(std::string_view input, base::Bytes& out, std::size_t out_max);

  const Headers& trailers() const;  // complete once decode_chunks said Done

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::http
