// From the bytes of one message to its head, the framing of its body, and the payload of chunks.
// Wraps Beast, which no other file sees. Pure: no socket, no clock.
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

enum class Framing : std::uint8_t { None, Length, Chunked, UntilClose };

struct BodyFraming {
  Framing framing = Framing::None;
  std::uint64_t length = 0;       // framed by Length
  bool expects_continue = false;  // the sender waits for `100 Continue`
};

// Takes chunked framing off a body.
class ChunkDecoder {
 public:
  enum class State : std::uint8_t { OutputFull, NeedInput, Done, Bad };
  struct Step {
    std::size_t consumed = 0;
    State state = State::NeedInput;
  };

  virtual ~ChunkDecoder() = default;
  // Decodes the next bytes, appending payload to `out` until that has `out_max` bytes. Call again
  // with what was not consumed in front of what came since.
  virtual Step decode_chunks(std::string_view input, base::Bytes& out, std::size_t out_max) = 0;
  virtual const Headers& trailers() const = 0;  // complete once decode_chunks said Done
};

struct RequestHead {
  Request request;  // all but body, peer and is_tls
  BodyFraming body;
  bool keep_alive = true;
};

class RequestParser final : public ChunkDecoder {
 public:
  RequestParser();
  ~RequestParser() override;

  // Starts over with the head that a HeadScanner delimited. Refused beyond what Beast refuses:
  // Content-Length beside Transfer-Encoding, differing lengths, a coding that is not chunked (501),
  // a missing, repeated or malformed Host, a target that is not origin-form, absolute-form or `*`,
  // an expectation that is not 100-continue (417), a version that is not 1.x (505).
  tl::expected<RequestHead, HeadFault> parse_head(std::string_view head, std::size_t lines);

  Step decode_chunks(std::string_view input, base::Bytes& out, std::size_t out_max) override;
  const Headers& trailers() const override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

struct ResponseHead {
  int status = 0;
  Headers headers;
  BodyFraming body;
  bool keep_alive = true;
};

class ResponseParser final : public ChunkDecoder {
 public:
  ResponseParser();
  ~ResponseParser() override;

  // As RequestParser's. `method` is the request's: the answer to HEAD has no body. False: this is
  // no HTTP/1.x response, or its framing is in doubt.
  tl::expected<ResponseHead, std::string_view> parse_head(std::string_view head, std::size_t lines,
                                                          Method method);

  Step decode_chunks(std::string_view input, base::Bytes& out, std::size_t out_max) override;
  const Headers& trailers() const override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::http
