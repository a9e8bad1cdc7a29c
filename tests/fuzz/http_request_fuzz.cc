// Reads arbitrary bytes as an HTTP message, a request and a response, whole and byte by byte: both
// ways must agree, and what is accepted must hold no byte that could start another message.
// links: varve_http
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/bytes.h"
#include "http/head_scanner.h"
#include "http/message_parser.h"

namespace varve::fuzz {
namespace {

using http::ChunkDecoder;
using http::HeadScanner;

// As Host, Content-Length and Transfer-Encoding decide where a message ends and whose it is.
void check_request(const http::RequestHead& head) {
  const http::Request& request = head.request;
  VARVE_ASSERT(request.path.starts_with('/') || request.path == "*");
  VARVE_ASSERT(request.version_minor == 0 || request.headers.count("Host") == 1);
  const bool has_coding = request.headers.has("Transfer-Encoding");
  VARVE_ASSERT(!has_coding || !request.headers.has("Content-Length"));
  VARVE_ASSERT(has_coding == (head.body.framing == http::Framing::Chunked));
  for (const http::Headers::Field field : request.headers) {
    const std::string_view forbidden("\r\n\0", 3);
    VARVE_ASSERT(field.name.find_first_of(std::string_view("\r\n\0 \t:", 6)) ==
                 std::string_view::npos);
    VARVE_ASSERT(field.value.find_first_of(forbidden) == std::string_view::npos);
  }
}

struct Decoded {
  base::Bytes body;
  bool is_done = false;
  bool is_bad = false;
  std::size_t consumed = 0;
};

Decoded decode(ChunkDecoder& decoder, std::string_view wire, std::size_t step,
               std::size_t out_max) {
  Decoded decoded;
  std::size_t arrived = 0;
  for (;;) {
    base::Bytes piece;
    const ChunkDecoder::Step taken = decoder.decode_chunks(
        wire.substr(decoded.consumed, arrived - decoded.consumed), piece, out_max);
    VARVE_ASSERT(piece.size() <= out_max);
    VARVE_ASSERT(taken.consumed <= arrived - decoded.consumed);
    decoded.body += piece;
    decoded.consumed += taken.consumed;
    decoded.is_done = taken.state == ChunkDecoder::State::Done;
    decoded.is_bad = taken.state == ChunkDecoder::State::Bad;
    if (decoded.is_done || decoded.is_bad) return decoded;
    if (taken.state == ChunkDecoder::State::OutputFull) continue;
    if (arrived == wire.size()) return decoded;
    arrived = std::min(wire.size(), arrived + step);
  }
}

template <class Parse>
void check_chunks(std::string_view wire, Parse parse) {
  auto first = parse();
  const Decoded whole = decode(*first, wire, wire.size() + 1, 1U << 20U);
  auto second = parse();
  const Decoded split = decode(*second, wire, 1, 7);
  VARVE_ASSERT(whole.is_done == split.is_done);
  if (!whole.is_done) return;
  VARVE_ASSERT(whole.body == split.body);
  VARVE_ASSERT(whole.consumed == split.consumed);
}

void check(std::string_view input) {
  const http::HeadLimits limits{.header_bytes_max = 4096, .request_line_bytes_max = 2048};
  HeadScanner scanner(limits);
  const HeadScanner::State state = scanner.advance(input);
  HeadScanner split(limits);
  HeadScanner::State split_state = HeadScanner::State::Incomplete;
  for (std::size_t at = 1; at <= input.size(); ++at) {
    split_state = split.advance(input.substr(0, at));
    if (split_state != HeadScanner::State::Incomplete) break;
  }
  VARVE_ASSERT((state == HeadScanner::State::Complete) ==
               (split_state == HeadScanner::State::Complete));
  if (state != HeadScanner::State::Complete) return;
  VARVE_ASSERT(scanner.begin() == split.begin() && scanner.end() == split.end());

  const std::string_view head = input.substr(scanner.begin(), scanner.end() - scanner.begin());
  const std::string_view rest = input.substr(scanner.end());
  http::RequestParser request_parser;
  if (const auto request = request_parser.parse_head(head, scanner.lines())) {
    check_request(*request);
    if (request->body.framing == http::Framing::Chunked) {
      check_chunks(rest, [&] {
        auto parser = std::make_unique<http::RequestParser>();
        VARVE_ASSERT(parser->parse_head(head, scanner.lines()).has_value());
        return parser;
      });
    }
  }
  http::ResponseParser response_parser;
  const auto response = response_parser.parse_head(head, scanner.lines(), http::Method::Get);
  if (response && response->body.framing == http::Framing::Chunked) {
    check_chunks(rest, [&] {
      auto parser = std::make_unique<http::ResponseParser>();
      VARVE_ASSERT(parser->parse_head(head, scanner.lines(), http::Method::Get).has_value());
      return parser;
    });
  }
}

}  // namespace
}  // namespace varve::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  varve::fuzz::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
