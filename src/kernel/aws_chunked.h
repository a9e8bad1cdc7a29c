// The aws-chunked content coding: a body in chunks, each with its signature if the request was
// signed so, and trailers after the last one.
//
//   chunk = hex-size [";chunk-signature=" 64hex] CRLF data CRLF
//   last  = "0" [";chunk-signature=" 64hex] CRLF
//   body  = *chunk last CRLF
//         | *chunk last 1*(name ":" value CRLF) ["x-amz-trailer-signature:" 64hex CRLF] CRLF
//
// The decoder is pushed bytes as they come and hands out data at once, since a chunk may be of any
// size; a chunk's signature is known to be right only when the next call succeeds, and the body's
// only when finish() does. Tolerated, because clients do it: unknown chunk extensions, an empty
// line between the last chunk and the trailers, a lone LF before a trailer's CRLF, surplus bytes.
//
// Memory is bounded: a line of 4 KiB, trailers of 16 KiB.  [I-9]
// Belongs to one task.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "kernel/sigv4.h"

namespace varve::kernel {

// What `Error::detail()` says, beside InvalidArgument.
enum class ChunkFault : std::uint16_t {
  None = 0,
  Framing = 62001,  // not of the grammar above, or ended early
  Signature,        // missing where every chunk must have one, or wrong
  Trailer,          // a trailer line that is none, a trailer too many
};
ChunkFault chunk_fault_of(const base::Error& error);

constexpr std::size_t ChunkLineBytesMax = 4096;
constexpr std::size_t TrailerBytesMax = 16384;
constexpr std::size_t SurplusBytesMax = 65536;

struct ChunkTrailer {
  std::string name;   // lower case
  std::string value;  // trimmed
};

class AwsChunkedDecoder {
 public:
  // With a chain every chunk, and the trailer if there is one, must be signed.
  AwsChunkedDecoder(bool has_trailer, std::optional<SigV4ChunkChain> chain);

  // Appends the data in `input` to `out`.
  //   InvalidArgument  (ChunkFault)
  base::Result<void> feed(std::string_view input, base::Bytes& out);
  // The input has ended.
  base::Result<void> finish();

  const std::vector<ChunkTrailer>& trailers() const { return trailers_; }

 private:
  enum class State : std::uint8_t {
    SizeLine,
    Data,
    DataEnd,         // the CRLF after a chunk's data
    AfterLast,       // nothing but "0 CRLF" so far
    AfterEmptyLine,  // and an empty line: the end, unless trailers follow
    Trailers,
    Done,
  };

  base::Result<void> take_line(std::string_view line);
  base::Result<void> start_chunk(std::string_view line);
  base::Result<void> end_chunk();
  base::Result<void> take_trailer(std::string_view line, bool has_cr);
  base::Result<void> end_trailers();
  void take_data(std::string_view& input, base::Bytes& out);

  bool has_trailer_;
  std::optional<SigV4ChunkChain> chain_;
  std::optional<base::Hasher> data_hash_;
  State state_ = State::SizeLine;
  std::uint64_t data_left_ = 0;
  bool is_lone_lf_ = false;  // the last trailer's line had no CR
  std::string line_;         // of which a part has come
  std::string signature_;
  std::string trailer_signature_;
  std::size_t trailer_bytes_ = 0;
  std::size_t surplus_bytes_ = 0;
  std::vector<ChunkTrailer> trailers_;
};

}  // namespace varve::kernel
