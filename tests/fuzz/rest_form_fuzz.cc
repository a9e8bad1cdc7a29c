// Forms, media types and ranges. A form gives the same bytes however it arrives, and never more
// than it was sent. Input: the body of a form with boundary BB.
//
// links: varve_rest
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/result.h"
#include "base/run.h"
#include "base/task.h"
#include "http/body.h"
#include "rest/media_type.h"
#include "rest/multipart_form.h"
#include "rest/range.h"

namespace varve::fuzz {
namespace {

class Trickle final : public http::BodyReader {
 public:
  Trickle(std::string_view bytes, std::size_t step) : bytes_(bytes), step_(step) {}
  base::Task<base::Result<base::Bytes>> read(std::size_t bytes_max) override {
    base::Bytes piece(bytes_.substr(at_, std::min(step_, bytes_max)));
    at_ += piece.size();
    co_return piece;
  }
  std::optional<std::uint64_t> content_length() const override { return bytes_.size(); }
  bool is_chunked() const override { return false; }
  const http::Headers& trailers() const override { return none_; }

 private:
  const std::string_view bytes_;
  const std::size_t step_;
  std::size_t at_ = 0;
  http::Headers none_;
};

base::Task<std::string> content(http::BodyStream body) {
  rest::MultipartForm form(std::move(body), "BB");
  const auto part = co_await form.find_part("content");
  if (!part.has_value()) co_return "refused";
  std::string out = "given ";
  for (;;) {
    const auto piece = co_await form.read(1000);
    if (!piece.has_value()) co_return "cut off";
    if (piece->empty()) co_return out;
    out.append(*piece);
  }
}

std::string content_of(std::string_view input, std::size_t step) {
  return base::run(content(http::BodyStream(std::make_unique<Trickle>(input, step))));
}

void check_range(std::string_view input, std::int64_t size) {
  const rest::RangeAnswer range = rest::parse_range(input, size);
  if (range.kind != rest::RangeAnswer::Kind::Part) return;
  VARVE_ASSERT(range.first >= 0);
  VARVE_ASSERT(range.count > 0);
  VARVE_ASSERT(range.first + range.count <= size);
}

}  // namespace
}  // namespace varve::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string whole = varve::fuzz::content_of(input, size + 1);
  VARVE_ASSERT(whole.size() <= size + 16);
  VARVE_ASSERT(varve::fuzz::content_of(input, 1) == whole);
  VARVE_ASSERT(varve::fuzz::content_of(input, 5) == whole);
  varve::rest::parse_media_type(input);
  varve::fuzz::check_range(input, 0);
  varve::fuzz::check_range(input, 10);
  varve::fuzz::check_range(input, std::int64_t{1} << 62U);
  return 0;
}
