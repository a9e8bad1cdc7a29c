// What is a request and what is not. Each refused row is a way to smuggle, to confuse or to
// exhaust.
#include "http/message_parser.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "http/head_scanner.h"
#include "http/message.h"

namespace varve::http {
namespace {

using base::Bytes;

struct Outcome {
  int status = 0;  // 0: accepted
  RequestHead head;
  std::string reason;
};

Outcome parse(std::string_view text, HeadLimits limits = {}) {
  Outcome outcome;
  HeadScanner scanner(limits);
  const HeadScanner::State state = scanner.advance(text);
  if (state == HeadScanner::State::Incomplete) {
    outcome.status = -1;
    return outcome;
  }
  if (state == HeadScanner::State::Refused) {
    outcome.status = scanner.fault().status;
    outcome.reason = scanner.fault().reason;
    return outcome;
  }
  RequestParser parser;
  auto head = parser.parse_head(text.substr(scanner.begin(), scanner.end() - scanner.begin()),
                                scanner.lines());
  if (!head) {
    outcome.status = head.error().status;
    outcome.reason = head.error().reason;
  } else {
    outcome.head = std::move(*head);
  }
  return outcome;
}

struct Row {
  std::string_view name;
  std::string_view text;
  int status;
};

class Refused : public ::testing::TestWithParam<Row> {};

TEST_P(Refused, WithItsStatus) {
  const Outcome outcome = parse(GetParam().text);
  EXPECT_EQ(outcome.status, GetParam().status);
  if (outcome.status > 0) {
    EXPECT_NE(outcome.reason, "");
  }
}

using std::string_view_literals::operator""sv;

INSTANTIATE_TEST_SUITE_P(
    Request, Refused,
    ::testing::Values(
        // clang-format off
        Row{"get",                   "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0},
        Row{"unknown_method",        "BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n", 0},
        Row{"one_empty_line_before", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 0},
        Row{"many_empty_lines",      "\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Row{"incomplete",            "GET / HTTP/1.1\r\nHost: a\r\n", -1},
        // Line endings and characters.
        Row{"bare_lf",               "GET / HTTP/1.1\nHost: a\n\n", 400},
        Row{"bare_lf_in_header",     "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400},
        Row{"bare_cr_in_header",     "GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n", 400},
        Row{"nul_in_header",         "GET / HTTP/1.1\r\nHost: a\r\nX: y\0z\r\n\r\n"sv, 400},
        Row{"nul_in_target",         "GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n"sv, 400},
        Row{"control_in_header",     "GET / HTTP/1.1\r\nHost: a\r\nX: y\x01z\r\n\r\n", 400},
        Row{"utf8_in_header",        "GET / HTTP/1.1\r\nHost: a\r\nX: \xc3\xa4\r\n\r\n", 0},
        Row{"utf8_in_target",        "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n", 0},
        // Header syntax.
        Row{"space_before_colon",    "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
        Row{"no_colon",              "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400},
        Row{"empty_name",            "GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", 400},
        Row{"folded_by_space",       "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", 400},
        Row{"folded_by_tab",         "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\tz\r\n\r\n", 400},
        Row{"first_line_folded",     "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
        // Request lines.
        Row{"two_words",             "GET /\r\nHost: a\r\n\r\n", 400},
        Row{"two_spaces",            "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Row{"space_in_target",       "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Row{"lower_case_version",    "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
        Row{"bad_method",            "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Row{"http_0_9",              "GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505},
        Row{"http_1_2",              "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
        Row{"http_2_preface",        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        // Targets.
        Row{"relative_target",       "GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Row{"absolute_target",       "GET http://b/a HTTP/1.1\r\nHost: a\r\n\r\n", 0},
        Row{"foreign_scheme",        "GET ftp://b/a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Row{"user_in_authority",     "GET http://u@b/a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Row{"empty_authority",       "GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Row{"fragment",              "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Row{"star_for_options",      "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 0},
        Row{"star_for_get",          "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        Row{"connect",               "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        // Host.
        Row{"no_host",               "GET / HTTP/1.1\r\n\r\n", 400},
        Row{"no_host_in_1_0",        "GET / HTTP/1.0\r\n\r\n", 0},
        Row{"two_hosts",             "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
        Row{"host_with_path",        "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        Row{"host_with_user",        "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
        Row{"host_with_space",       "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
        Row{"empty_host",            "GET / HTTP/1.1\r\nHost:\r\n\r\n", 0},
        Row{"ipv6_host",             "GET / HTTP/1.1\r\nHost: [::1]:8000\r\n\r\n", 0},
        // Framing.
        Row{"length_and_chunked",    "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        Row{"chunked_and_length",    "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400},
        Row{"gzip_and_length",       "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nContent-Length: 1\r\n\r\n", 400},
        Row{"two_lengths",           "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
        Row{"same_length_twice",     "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 0},
        Row{"list_of_lengths",       "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 2\r\n\r\n", 400},
        Row{"negative_length",       "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
        Row{"signed_length",         "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400},
        Row{"hex_length",            "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\n", 400},
        Row{"empty_length",          "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400},
        Row{"huge_length",           "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551616\r\n\r\n", 400},
        Row{"chunked",               "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 0},
        Row{"chunked_upper_case",    "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n", 0},
        Row{"chunked_twice",         "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        Row{"chunked_listed_twice",  "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", 501},
        Row{"gzip_chunked",          "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
        Row{"identity",              "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 501},
        Row{"vertical_tab_chunked",  "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0b" "chunked\r\n\r\n", 400},
        Row{"chunked_in_1_0",        "PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        // Expectations.
        Row{"expect_continue",       "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-Continue\r\n\r\n", 0},
        Row{"expect_else",           "PUT / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", 417},
        Row{"expect_else_in_1_0",    "PUT / HTTP/1.0\r\nExpect: tea\r\n\r\n", 0}  // clang-format on
        ),
    [](const auto& row) { return std::string(row.param.name); });

TEST(RequestHead, KeepsEverythingAsSent) {
  const Outcome outcome = parse(
      "PUT /repo/main/a%2Fb//c?x=1&y?z HTTP/1.1\r\nHost: h:80\r\nETag:  v \r\nx-A: 1\r\nX-a: "
      "2\r\n\r\n");
  ASSERT_EQ(outcome.status, 0);
  const Request& request = outcome.head.request;
  EXPECT_EQ(request.method, Method::Put);
  EXPECT_EQ(request.method_name, "PUT");
  EXPECT_EQ(request.target, "/repo/main/a%2Fb//c?x=1&y?z");
  EXPECT_EQ(request.path, "/repo/main/a%2Fb//c");
  EXPECT_EQ(request.query, "x=1&y?z");
  EXPECT_TRUE(request.has_query);
  EXPECT_EQ(request.host, "h:80");
  EXPECT_EQ(request.headers.size(), 4U);
  EXPECT_EQ(request.headers[1].name, "ETag");
  EXPECT_EQ(request.headers[1].value, "v");
  EXPECT_EQ(request.headers.get_all("X-A"), (std::vector<std::string_view>{"1", "2"}));
}

TEST(RequestHead, TakesTheHostOfAnAbsoluteTarget) {
  const Outcome outcome = parse("GET HTTP://b:1?q HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.head.request.host, "b:1");
  EXPECT_EQ(outcome.head.request.path, "/");
  EXPECT_EQ(outcome.head.request.query, "q");
  EXPECT_EQ(outcome.head.request.target, "HTTP://b:1?q");
}

TEST(RequestHead, TellsAnEmptyQueryFromNone) {
  EXPECT_TRUE(parse("GET /a? HTTP/1.1\r\nHost: a\r\n\r\n").head.request.has_query);
  EXPECT_FALSE(parse("GET /a HTTP/1.1\r\nHost: a\r\n\r\n").head.request.has_query);
}

TEST(RequestHead, FramesBodies) {
  const auto framing = [](std::string_view fields) {
    return parse("PUT / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n").head.body;
  };
  EXPECT_EQ(framing("").framing, Framing::None);
  EXPECT_EQ(framing("Content-Length: 0\r\n").framing, Framing::Length);
  EXPECT_EQ(framing("Content-Length: 5\r\n").length, 5U);
  EXPECT_EQ(framing("Content-Length: 18446744073709551615\r\n").length, ~std::uint64_t{0});
  EXPECT_EQ(framing("Transfer-Encoding: chunked\r\n").framing, Framing::Chunked);
  EXPECT_TRUE(framing("Content-Length: 5\r\nExpect: 100-continue\r\n").expects_continue);
}

TEST(RequestHead, KeepsAliveAsTheVersionSays) {
  const auto keeps = [](std::string_view version, std::string_view fields) {
    return parse("GET / HTTP/" + std::string(version) + "\r\nHost: a\r\n" + std::string(fields) +
                 "\r\n")
        .head.keep_alive;
  };
  EXPECT_TRUE(keeps("1.1", ""));
  EXPECT_FALSE(keeps("1.1", "Connection: close\r\n"));
  EXPECT_FALSE(keeps("1.1", "Connection: x, Close\r\n"));
  EXPECT_FALSE(keeps("1.0", ""));
  EXPECT_TRUE(keeps("1.0", "Connection: Keep-Alive\r\n"));
}

TEST(HeadScanner, FindsTheEndHoweverTheBytesArrive) {
  const std::string text = "\r\nGET /a HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\nGET /b";
  const std::size_t end = text.find("GET /b");
  for (std::size_t cut = 1; cut <= text.size(); ++cut) {
    HeadScanner scanner((HeadLimits()));
    const HeadScanner::State early = scanner.advance(std::string_view(text).substr(0, cut));
    EXPECT_EQ(early == HeadScanner::State::Complete, cut >= end) << cut;
    if (early == HeadScanner::State::Incomplete) {
      EXPECT_EQ(scanner.advance(text), HeadScanner::State::Complete) << cut;
    }
    EXPECT_EQ(scanner.begin(), 2U);
    EXPECT_EQ(scanner.end(), end);
    EXPECT_EQ(scanner.lines(), 3U);
  }
}

TEST(HeadScanner, RefusesWhatIsTooLongBeforeItIsAllThere) {
  const HeadLimits limits{.header_bytes_max = 200, .request_line_bytes_max = 100};
  const std::string line = "GET /" + std::string(100, 'a');
  EXPECT_EQ(parse(line, limits).status, 414);
  const std::string fields = "GET / HTTP/1.1\r\nX: " + std::string(200, 'a');
  EXPECT_EQ(parse(fields, limits).status, 431);
  const std::string many = "GET / HTTP/1.1\r\n" + std::string(50, 'a') + ": x\r\n" +
                           std::string(150, 'b') + ": y\r\n\r\n";
  EXPECT_EQ(parse(many, limits).status, 431);
}

// Decodes a chunked body that arrives `step` bytes at a time, into pieces of `out_max`.
struct Decoded {
  Bytes body;
  bool is_done = false;
  bool is_bad = false;
  std::size_t left_over = 0;
  std::string trailers;
};

Decoded decode(std::string_view wire, std::size_t step, std::size_t out_max) {
  RequestParser parser;
  const std::string_view head = "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_TRUE(parser.parse_head(head, 3).has_value());
  Decoded decoded;
  std::string input;
  std::size_t at = 0;
  for (;;) {
    Bytes piece;
    const ChunkDecoder::Step taken = parser.decode_chunks(input, piece, out_max);
    EXPECT_LE(piece.size(), out_max);
    decoded.body += piece;
    input.erase(0, taken.consumed);
    if (taken.state == ChunkDecoder::State::Bad) {
      decoded.is_bad = true;
      return decoded;
    }
    if (taken.state == ChunkDecoder::State::Done) break;
    if (taken.state == ChunkDecoder::State::OutputFull) continue;
    if (at == wire.size()) return decoded;
    const std::string_view more = wire.substr(at, step);
    input += more;
    at += more.size();
  }
  decoded.is_done = true;
  decoded.left_over = input.size() + wire.size() - at;
  for (const Headers::Field field : parser.trailers()) {
    decoded.trailers += std::string(field.name) + "=" + std::string(field.value) + ";";
  }
  return decoded;
}

TEST(Chunks, DecodeTheSameHoweverTheyArrive) {
  const std::string_view wire =
      "5;name=value\r\nhello\r\n1\r\n \r\n000A\r\n0123456789\r\n0\r\nX-Sum: a\r\nx-b:c\r\n\r\nGET ";
  for (std::size_t step = 1; step < wire.size(); ++step) {
    for (const std::size_t out_max : {1U, 3U, 16U, 1000U}) {
      const Decoded decoded = decode(wire, step, out_max);
      ASSERT_TRUE(decoded.is_done) << step;
      EXPECT_EQ(decoded.body, "hello 0123456789");
      EXPECT_EQ(decoded.trailers, "X-Sum=a;x-b=c;");
      EXPECT_EQ(decoded.left_over, 4U);
    }
  }
}

TEST(Chunks, MayBeNone) {
  for (std::size_t step = 1; step < 6; ++step) {
    const Decoded decoded = decode("0\r\n\r\n", step, 10);
    EXPECT_TRUE(decoded.is_done);
    EXPECT_EQ(decoded.body, "");
  }
}

class BadChunks : public ::testing::TestWithParam<Row> {};

TEST_P(BadChunks, AreNeverDone) {
  for (const std::size_t step : {1U, 1000U}) {
    const Decoded decoded = decode(GetParam().text, step, 1000);
    EXPECT_FALSE(decoded.is_done);
    EXPECT_EQ(decoded.is_bad, GetParam().status == 400);
  }
}

INSTANTIATE_TEST_SUITE_P(Request, BadChunks,
                         ::testing::Values(
                             // clang-format off
        Row{"no_size",          "\r\nhello\r\n0\r\n\r\n", 400},
        Row{"not_hex",          "g\r\nhello\r\n0\r\n\r\n", 400},
        Row{"prefixed",         "0x5\r\nhello\r\n0\r\n\r\n", 400},
        Row{"negative",         "-5\r\nhello\r\n0\r\n\r\n", 400},
        Row{"overflowing",      "10000000000000005\r\nhello\r\n0\r\n\r\n", 400},
        Row{"longer_than_said", "5\r\nhello!\r\n0\r\n\r\n", 400},
        Row{"bare_lf",          "5\nhello\n0\n\n      ", 0},
        Row{"lf_after_data",    "5\r\nhello\n0\r\n\r\n   ", 400},
        Row{"cut",              "5\r\nhel", 0},
        Row{"no_last_chunk",    "5\r\nhello\r\n", 0},
        Row{"trailer_unended",  "0\r\nX: y\r\n", 0},
        Row{"bad_trailer",      "0\r\nX y\r\n\r\n", 400}  // clang-format on
                             ),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace varve::http
