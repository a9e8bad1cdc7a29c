// What an upload is read from: forms, media types; and what a download is cut to: ranges.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "base/run.h"
#include "base/task.h"
#include "http/body.h"
#include "http/headers.h"
#include "rest/media_type.h"
#include "rest/multipart_form.h"
#include "rest/range.h"

namespace varve::rest {
namespace {

using base::run;

// Gives a few bytes at a time, so that every delimiter is met in pieces.
class Trickle final : public http::BodyReader {
 public:
  Trickle(base::Bytes bytes, std::size_t step) : bytes_(std::move(bytes)), step_(step) {}
  base::Task<base::Result<base::Bytes>> read(std::size_t bytes_max) override {
    base::Bytes piece = bytes_.substr(at_, std::min(step_, bytes_max));
    at_ += piece.size();
    co_return piece;
  }
  std::optional<std::uint64_t> content_length() const override { return bytes_.size(); }
  bool is_chunked() const override { return false; }
  const http::Headers& trailers() const override { return none_; }

 private:
  const base::Bytes bytes_;
  const std::size_t step_;
  std::size_t at_ = 0;
  http::Headers none_;
};

base::Task<std::string> content(http::BodyStream body) {
  MultipartForm form(std::move(body), "BB");
  const auto part = co_await form.find_part("content");
  if (!part) co_return "refused: " + part.error().message();
  std::string out = part->content_type + "|";
  for (;;) {
    const auto piece = co_await form.read(3);
    if (!piece) co_return "refused: " + piece.error().message();
    if (piece->empty()) co_return out;
    out.append(*piece);
  }
}

std::string content_of(const std::string& form) {
  std::string first;
  for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{7}, form.size() + 1}) {
    auto reader = std::make_unique<Trickle>(form, step);
    const std::string got = run(content(http::BodyStream(std::move(reader))));
    if (first.empty()) first = got;
    EXPECT_EQ(got, first) << "step " << step;
  }
  return first;
}

constexpr const char* Disposition = "Content-Disposition: form-data; name=\"content\"";

TEST(MultipartForm, GivesTheFirstPartOfTheName) {
  EXPECT_EQ(content_of("--BB\r\nContent-Disposition: form-data; name=\"content\"; "
                       "filename=\"x.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--BB--\r\n"),
            "text/plain|hello");
  const std::string other = "--BB\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nzzz\r\n";
  EXPECT_EQ(content_of(other + "--BB\r\n" + Disposition + "\r\n\r\nsecond\r\n--BB\r\n" +
                       Disposition + "\r\n\r\nthird\r\n--BB--\r\n"),
            "|second");
}

TEST(MultipartForm, TellsContentFromDelimiters) {
  const std::string head = std::string("--BB\r\n") + Disposition + "\r\n\r\n";
  EXPECT_EQ(content_of(head + "\r\n--BB--"), "|");
  EXPECT_EQ(content_of(head + "\r\n\r\n--BB--"), "|\r\n");
  EXPECT_EQ(content_of(head + "a\r\n--B\r\n--BBx\r\nb\r\n--BB--"), "|a\r\n--B\r\n--BBx\r\nb");
  EXPECT_EQ(content_of(head + "\r\n--BB \t\r\n"), "|");
  EXPECT_EQ(content_of("preamble\r\n" + head + "a\r\n--BB--epilogue"), "|a");
}

TEST(MultipartForm, RefusesWhatIsNoForm) {
  EXPECT_EQ(content_of(""), "refused: multipart: NextPart: EOF");
  EXPECT_EQ(content_of("nothing like a form"), "refused: multipart: NextPart: EOF");
  EXPECT_EQ(content_of(std::string("--BB\r\n") + Disposition + "\r\n\r\ncut off"),
            "refused: unexpected EOF\nfailed to write to storage");
  EXPECT_EQ(content_of("--BB\r\nno colon\r\n\r\nx\r\n--BB--"),
            "refused: multipart: malformed part header");
  EXPECT_EQ(content_of("--BB--"), "refused: the form has no part 'content'");
  EXPECT_EQ(content_of("--BB\r\nX: " + std::string(PartHeaderBytesMax, 'x')),
            "refused: multipart: part header is too large");
}

// Skipping one costs more than sending one.
TEST(MultipartForm, LooksAtABoundedNumberOfParts) {
  const auto form_with = [](int parts) {
    std::string form;
    for (int i = 0; i < parts; ++i) form += "--BB\r\n\r\n\r\n";
    form += "--BB\r\n" + std::string(Disposition) + "\r\n\r\nhello\r\n--BB--\r\n";
    auto reader = std::make_unique<Trickle>(form, form.size());
    return run(content(http::BodyStream(std::move(reader))));
  };
  EXPECT_EQ(form_with(FormPartsMax), "|hello");
  EXPECT_EQ(form_with(FormPartsMax + 1), "refused: multipart: too many parts");
}

TEST(MediaType, TakesTypesAndParameters) {
  const auto form = parse_media_type("Multipart/Form-Data; Boundary=\"a b\\\"c\" ; x=y");
  ASSERT_TRUE(form.has_value());
  EXPECT_EQ(form->type, "multipart/form-data");
  EXPECT_EQ(*form->find("boundary"), "a b\"c");
  EXPECT_EQ(*form->find("x"), "y");
  EXPECT_EQ(form->find("z"), nullptr);
  EXPECT_EQ(parse_media_type("nonsense")->type, "nonsense");
  EXPECT_EQ(parse_media_type("text/plain;")->type, "text/plain");
  for (const char* bad : {"", "/;;=", "text/", "text/plain; charset", "text/plain; =x",
                          "text/plain; a=1; a=2", "text/plain, x", "a; b=\"open"}) {
    EXPECT_FALSE(parse_media_type(bad).has_value()) << bad;
  }
}

struct Row {
  const char* name;
  const char* header;
  std::int64_t size;
  RangeAnswer::Kind kind;
  const char* content_range;
};

class Cuts : public ::testing::TestWithParam<Row> {};

TEST_P(Cuts, Range) {
  const RangeAnswer range = parse_range(GetParam().header, GetParam().size);
  EXPECT_EQ(range.kind, GetParam().kind);
  if (*GetParam().content_range != '\0') {
    EXPECT_EQ(content_range(range, GetParam().size), GetParam().content_range);
  }
}

using Kind = RangeAnswer::Kind;

INSTANTIATE_TEST_SUITE_P(
    Range, Cuts,
    ::testing::Values(Row{"absent", "", 10, Kind::Whole, ""},
                      Row{"first_byte", "bytes=0-0", 10, Kind::Part, "bytes 0-0/10"},
                      Row{"open_end", "bytes=5-", 10, Kind::Part, "bytes 5-9/10"},
                      Row{"clamped", "bytes=5-99", 10, Kind::Part, "bytes 5-9/10"},
                      Row{"suffix", "bytes=-3", 10, Kind::Part, "bytes 7-9/10"},
                      Row{"long_suffix", "bytes=-99", 10, Kind::Part, "bytes 0-9/10"},
                      Row{"empty_suffix", "bytes=-0", 10, Kind::OutOfBounds, "bytes */10"},
                      Row{"beyond", "bytes=10-", 10, Kind::OutOfBounds, "bytes */10"},
                      Row{"of_nothing", "bytes=0-", 0, Kind::OutOfBounds, "bytes */0"},
                      Row{"suffix_of_nothing", "bytes=-1", 0, Kind::OutOfBounds, "bytes */0"},
                      Row{"backwards", "bytes=5-2", 10, Kind::Unacceptable, ""},
                      Row{"several", "bytes=0-1,3-4", 10, Kind::Unacceptable, ""},
                      Row{"neither", "bytes=-", 10, Kind::Unacceptable, ""},
                      Row{"twice_minus", "bytes=--1", 10, Kind::Unacceptable, ""},
                      Row{"too_large", "bytes=0-99999999999999999999", 10, Kind::Unacceptable, ""}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace varve::rest
