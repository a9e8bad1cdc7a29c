// Headers, targets, queries, URLs, bodies in memory and response heads: all that is pure.
#include <gtest/gtest.h>
#include <stdio.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "http/body.h"
#include "http/harness_test.h"
#include "http/headers.h"
#include "http/message.h"
#include "http/response_head.h"
#include "http/uri.h"
#include "http/url.h"

namespace varve::http {
namespace {

using base::Bytes;
using base::Code;
using base::Result;
using base::Task;

// Runs a task that returns a value.
template <class T>
T run(Task<T> task) {
  boost::asio::io_context loop;
  std::optional<T> result;
  boost::asio::co_spawn(loop, std::move(task), [&](const std::exception_ptr& failure, T value) {
    if (failure) std::rethrow_exception(failure);
    result.emplace(std::move(value));
  });
  loop.run();
  return std::move(*result);
}

TEST(HeadersTest, KeepOrderAndCaseAndFindWithoutCase) {
  Headers headers;
  headers.add("ETag", "\"a\"");
  headers.add("x-a", "1");
  headers.add("X-A", "2");
  EXPECT_EQ(headers.get("etag"), "\"a\"");
  EXPECT_EQ(headers.get_all("X-a"), (std::vector<std::string_view>{"1", "2"}));
  EXPECT_EQ(headers.count("x-A"), 2U);
  EXPECT_FALSE(headers.has("x"));
  EXPECT_EQ(headers.get_or_empty("x"), "");
  std::string all;
  for (const Headers::Field field : headers) {
    all += std::string(field.name) + "=" + std::string(field.value) + ";";
  }
  EXPECT_EQ(all, "ETag=\"a\";x-a=1;X-A=2;");
}

TEST(HeadersTest, ReplaceAndErase) {
  Headers headers;
  headers.add("A", "1");
  headers.add("B", "2");
  headers.add("a", "3");
  headers.set("A", *headers.get("B"));  // a view of itself
  EXPECT_EQ(headers.size(), 2U);
  EXPECT_EQ(headers.get("a"), "2");
  headers.erase("B");
  EXPECT_EQ(headers.size(), 1U);
  Headers copy = headers;
  headers.erase("A");
  EXPECT_TRUE(headers.empty());
  EXPECT_EQ(copy.get("A"), "2");
}

TEST(HeadersTest, FindTokensOfLists) {
  Headers headers;
  headers.add("Connection", " keep-alive ,\tClose");
  headers.add("connection", "x");
  EXPECT_TRUE(headers.lists_token("Connection", "close"));
  EXPECT_TRUE(headers.lists_token("Connection", "keep-alive"));
  EXPECT_TRUE(headers.lists_token("Connection", "X"));
  EXPECT_FALSE(headers.lists_token("Connection", "alive"));
}

TEST(UriTest, DecodesEscapesOnceAndRefusesBrokenOnes) {
  EXPECT_EQ(percent_decode("a%2Fb+%2525%00"), std::string("a/b+%25\0", 8));
  EXPECT_EQ(form_decode("a+b%2B"), "a b+");
  for (const std::string_view broken : {"%", "%2", "a%2", "%zz", "%2g"}) {
    EXPECT_FALSE(percent_decode(broken).has_value()) << broken;
  }
}

TEST(UriTest, EncodesAllButUnreserved) {
  EXPECT_EQ(percent_encode("a/b c~\xff"), "a%2Fb%20c~%FF");
  EXPECT_EQ(percent_encode_path("a/b c"), "a/b%20c");
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every.push_back(static_cast<char>(byte));
  EXPECT_EQ(percent_decode(percent_encode(every)), every);
}

TEST(UriTest, ParsesQueriesAsForms) {
  const Query query = Query::parse("delete&a=1&b=&a=x+y%3D&&=v&k%20=%zz");
  ASSERT_EQ(query.parameters().size(), 6U);
  EXPECT_TRUE(query.has("delete"));
  EXPECT_FALSE(query.parameters()[0].had_equals);
  EXPECT_EQ(query.get("b"), "");
  EXPECT_TRUE(query.parameters()[2].had_equals);
  EXPECT_EQ(query.get_all("a"), (std::vector<std::string_view>{"1", "x y="}));
  EXPECT_EQ(query.get(""), "v");
  EXPECT_EQ(query.get("k "), "%zz");
  EXPECT_EQ(query.broken(), 1);
  EXPECT_FALSE(query.has("Delete"));
  EXPECT_TRUE(Query::parse("").parameters().empty());
}

TEST(UrlTest, SplitsAddresses) {
  const auto plain = parse_url("http://Example.com:8080/a%20b?c");
  ASSERT_TRUE(plain.has_value());
  EXPECT_FALSE(plain->is_tls);
  EXPECT_EQ(plain->host, "Example.com");
  EXPECT_EQ(plain->port, 8080);
  EXPECT_EQ(plain->authority, "Example.com:8080");
  EXPECT_EQ(plain->target, "/a%20b?c");
  const auto tls = parse_url("HTTPS://[::1]:443?q");
  ASSERT_TRUE(tls.has_value());
  EXPECT_TRUE(tls->is_tls);
  EXPECT_EQ(tls->host, "::1");
  EXPECT_EQ(tls->authority, "[::1]");
  EXPECT_EQ(tls->target, "/?q");
  for (const std::string_view bad :
       {"", "a", "ftp://a/", "http://", "http://:80/", "http://a:/", "http://a:0/", "http://a:x/",
        "http://a:65536/", "http://u@a/", "http://a/#f", "http://a/ b", "http://a/\r\nX: y"}) {
    EXPECT_FALSE(parse_url(bad).has_value()) << bad;
  }
}

TEST(MethodTest, NamesAreExact) {
  EXPECT_EQ(method_of("GET"), Method::Get);
  EXPECT_EQ(method_of("get"), Method::Other);
  for (int i = 0; i < static_cast<int>(Method::Other); ++i) {
    EXPECT_EQ(method_of(to_string(static_cast<Method>(i))), static_cast<Method>(i));
  }
}

TEST(BodyTest, ReadsMemoryInSteps) {
  BodyStream body = body_of("abcdef");
  EXPECT_EQ(body.content_length(), 6U);
  EXPECT_EQ(*run(body.read(4)), "abcd");
  EXPECT_EQ(*run(body.read(4)), "ef");
  EXPECT_EQ(*run(body.read(4)), "");
  EXPECT_EQ(*run(body.read(4)), "");
  EXPECT_FALSE(BodyStream().content_length().has_value());
  EXPECT_EQ(*run(BodyStream().read(4)), "");
}

TEST(BodyTest, ReadAllStopsAtTheLimit) {
  BodyStream exact = body_of("abcdef");
  EXPECT_EQ(*run(exact.read_all(6)), "abcdef");
  BodyStream longer = body_of("abcdef");
  const Result<Bytes> refused = run(longer.read_all(5));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), Code::ResourceExhausted);
  EXPECT_EQ(body_fault_of(refused.error()), BodyFault::TooLarge);
  EXPECT_EQ(body_fault_of(base::Error(Code::NotFound, 3, "")), BodyFault::None);
}

TEST(MessageTest, MadeInMemoryAsTheServerMakesThem) {
  Headers headers;
  headers.add("Host", "h");
  Request request = make_request(Method::Put, "/a?b=1", std::move(headers), "body");
  EXPECT_EQ(request.path, "/a");
  EXPECT_EQ(request.parse_query().get("b"), "1");
  EXPECT_EQ(request.host, "h");
  EXPECT_EQ(request.headers.get("Content-Length"), "4");
  EXPECT_EQ(*run(request.body.read_all(10)), "body");
}

TEST(MessageTest, CollectsBodiesOfEveryKind) {
  EXPECT_EQ(*run(collect_body({})), "");
  EXPECT_EQ(*run(collect_body(Bytes("abc"))), "abc");
  EXPECT_EQ(*run(collect_body(test::source_of({"a", "b"}, std::nullopt))), "ab");
  EXPECT_FALSE(run(collect_body(test::source_of({"a"}, std::nullopt, true))).has_value());
  std::FILE* file = std::tmpfile();
  std::fputs("0123456789", file);
  std::fflush(file);
  FileBody part{.descriptor = ::fileno(file), .offset = 3, .length = 4};
  EXPECT_EQ(*run(collect_body(part)), "3456");
  part.length = 8;
  EXPECT_EQ(run(collect_body(part)).error().code(), Code::Corruption);
  std::fclose(file);
}

// RFC 9112 6.3 from the sender's side.
struct PlanRow {
  std::string_view name;
  int status;
  Method method;
  int version_minor;
  std::string_view body;    // "none", "bytes", "known", "unknown"
  std::string_view set;     // Content-Length set by the handler
  std::string_view wanted;  // "<length or -> [body] [chunked] [close]"
};

class Plan : public ::testing::TestWithParam<PlanRow> {};

TEST_P(Plan, FramesTheResponse) {
  const PlanRow& row = GetParam();
  Response response(row.status);
  if (row.body == "bytes") response.body = Bytes("12345");
  if (row.body == "known") response.body = test::source_of({"123"}, 3);
  if (row.body == "unknown") response.body = test::source_of({"123"}, std::nullopt);
  if (!row.set.empty()) response.headers.add("content-length", row.set);
  const ResponsePlan plan = plan_response(response, row.method, row.version_minor);
  std::string got = plan.content_length ? std::to_string(*plan.content_length) : "-";
  if (plan.sends_body) got += " body";
  if (plan.is_chunked) got += " chunked";
  if (plan.ends_with_close) got += " close";
  EXPECT_EQ(got, row.wanted);
}

INSTANTIATE_TEST_SUITE_P(
    Response, Plan,
    ::testing::Values(
        // clang-format off
        //      name                  status  method        1.x body       set    wanted
        PlanRow{"bytes",              200, Method::Get,     1, "bytes",   "",    "5 body"},
        PlanRow{"bytes_and_a_lie",    200, Method::Get,     1, "bytes",   "9",   "5 body"},
        PlanRow{"none",               200, Method::Get,     1, "none",    "",    "0"},
        PlanRow{"none_and_a_lie",     200, Method::Get,     1, "none",    "9",   "0"},
        PlanRow{"known",              206, Method::Get,     1, "known",   "",    "3 body"},
        PlanRow{"unknown",            200, Method::Get,     1, "unknown", "",    "- body chunked"},
        PlanRow{"unknown_in_1_0",     200, Method::Get,     0, "unknown", "",    "- body close"},
        PlanRow{"head",               200, Method::Head,    1, "bytes",   "",    "5"},
        PlanRow{"head_announced",     200, Method::Head,    1, "none",    "77",  "77"},
        PlanRow{"head_of_nothing",    404, Method::Head,    1, "none",    "",    "0"},
        PlanRow{"head_nonsense",      200, Method::Head,    1, "none",    "7x",  "0"},
        PlanRow{"head_unknown",       200, Method::Head,    1, "unknown", "",    "-"},
        PlanRow{"no_content",         204, Method::Delete,  1, "bytes",   "5",   "-"},
        PlanRow{"not_modified",       304, Method::Get,     1, "bytes",   "",    "-"},
        PlanRow{"not_modified_known", 304, Method::Get,     1, "none",    "5",   "5"}  // clang-format on
        ),
    [](const auto& row) { return std::string(row.param.name); });

TEST(ResponseHeadTest, WritesFieldsInOrderAndItsOwnLast) {
  Response response(404);
  response.headers.add("ETag", "x");
  response.headers.add("connection", "upgrade");
  response.headers.add("Keep-Alive", "5");
  response.headers.add("X-Gap", "");
  std::string out;
  append_response_head(out, response, plan_response(response, Method::Get, 1),
                       ConnectionState{.keep_alive = false, .version_minor = 1, .date = "now"});
  EXPECT_EQ(out,
            "HTTP/1.1 404 Not Found\r\nETag: x\r\nX-Gap: \r\nDate: now\r\nContent-Length: 0\r\n"
            "Connection: close\r\n\r\n");
}

TEST(ResponseHeadTest, LeavesADateThatIsSetAndAStatusWithoutAName) {
  Response response(499);
  response.headers.add("date", "then");
  std::string out;
  append_response_head(out, response, plan_response(response, Method::Get, 0),
                       ConnectionState{.keep_alive = true, .version_minor = 0, .date = "now"});
  EXPECT_EQ(out,
            "HTTP/1.1 499 \r\ndate: then\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
}

TEST(ResponseHeadTest, KeepsLineBreaksInsideTheirField) {
  Response response(200);
  response.headers.add(std::string_view("X\r\nY"), std::string_view("a\r\nb\nc\0d", 8));
  std::string out;
  append_response_head(out, response, plan_response(response, Method::Get, 1),
                       ConnectionState{.keep_alive = true, .version_minor = 1, .date = "now"});
  EXPECT_NE(out.find("\r\nX  Y: a  b c d\r\n"), std::string::npos);
}

}  // namespace
}  // namespace varve::http
