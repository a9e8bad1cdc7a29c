// A multipart/form-data body (RFC 7578), read as it arrives: finds one part and gives its bytes.
// Memory is bounded by the step of a read and the size of a part's header.  [I-13]
//
//   preamble CRLF? --boundary CRLF header* CRLF bytes CRLF --boundary ... --boundary--
//
// Belongs to one task.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "http/body.h"

namespace varve::rest {

constexpr std::size_t PartHeaderBytesMax = 16U << 10U;
constexpr std::size_t BoundaryBytesMax = 70;  // RFC 2046 5.1.1
constexpr int FormPartsMax = 1000;            // in front of the one that is looked for

class MultipartForm {
 public:
  struct Part {
    std::string content_type;  // empty: the part had none
  };

  MultipartForm(http::BodyStream body, std::string_view boundary);

  // Skips to the first part of that form name.
  //   NotFound         the form has no such part
  //   InvalidArgument  not such a form
  base::Task<base::Result<Part>> find_part(std::string name);
  // The next bytes of the part found; empty at its end.
  //   InvalidArgument  the body ends before the part does
  base::Task<base::Result<base::Bytes>> read(std::size_t bytes_max);

 private:
  struct PartHeader {
    std::string name;
    std::string content_type;
    bool is_last = false;  // the closing delimiter stood where a part would begin
  };

  // What the buffer begins with: bytes that are surely content, then perhaps a delimiter.
  struct Sight {
    std::size_t content = 0;
    bool is_delimiter = false;  // right behind them
  };

  Sight look() const;
  base::Task<base::Result<bool>> fill();  // false: the body has ended
  base::Task<base::Result<void>> skip_to_delimiter();
  base::Task<base::Result<PartHeader>> read_header();
  static base::Result<PartHeader> parse_header(std::string_view text);

  http::BodyStream body_;
  const std::string delimiter_;  // CRLF "--" boundary
  base::Bytes buffer_;           // received and not yet given away
  bool is_in_part_ = false;
};

}  // namespace varve::rest
