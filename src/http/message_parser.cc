#include "http/message_parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "http/head_scanner.h"
#include "http/headers.h"
#include "http/message.h"
#include "http/uri.h"

namespace varve::http {
namespace {

namespace beast = boost::beast;
using beast::http::field;

constexpr std::size_t FieldNameBytesMax = 256;
// The shortest that can follow where a chunk header is due: "0\r\n\r\n". Beast asserts it.
constexpr std::size_t ChunkTailBytesMin = 5;

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

std::string_view text_of(beast::error_code error) {
  using Fault = beast::http::error;
  if (error == Fault::bad_method) return "the method is malformed";
  if (error == Fault::bad_target) return "the request target is malformed";
  if (error == Fault::bad_version) return "the request line is malformed";
  if (error == Fault::bad_field) return "a header name is malformed";
  if (error == Fault::bad_value) return "a header value is malformed";
  if (error == Fault::bad_content_length) return "Content-Length is malformed";
  if (error == Fault::multiple_content_length) return "Content-Length is given twice";
  if (error == Fault::bad_transfer_encoding) return "Transfer-Encoding is malformed";
  return "the request is malformed";
}

// Collects what Beast's parser announces about either kind of message.
template <bool IsRequest>
class Collector : public beast::http::basic_parser<IsRequest> {
 public:
  Headers headers;
  int codings = 0;
  bool coding_is_chunked = false;

  ChunkDecoder::Step decode(std::string_view input, base::Bytes& out, std::size_t out_max);
  const Headers& trailers() const { return trailers_; }

 protected:
  using Error = beast::error_code;
  using Text = beast::string_view;

  virtual void on_head_field(field /*name*/, std::string_view /*value*/) {}

 private:
  void on_field_impl(field name, Text name_text, Text value, Error& error) override {
    if (name_text.size() > FieldNameBytesMax) {
      error = beast::http::error::bad_field;
      return;
    }
    if (this->is_header_done()) {
      trailers_.add(view(name_text), view(value));
      return;
    }
    headers.add(view(name_text), view(value));
    if (name == field::transfer_encoding) {
      ++codings;
      coding_is_chunked = equal_ignoring_case(view(value), "chunked");
    } else {
      on_head_field(name, view(value));
    }
  }

  void on_chunk_header_impl(std::uint64_t size, Text /*extensions*/, Error& /*error*/) override {
    chunk_left_ = size;
  }

  std::size_t on_chunk_body_impl(std::uint64_t /*left*/, Text body, Error& /*error*/) override {
    const std::size_t taken = std::min(body.size(), out_max_ - out_->size());
    out_->append(body.data(), taken);
    chunk_left_ -= taken;
    return taken;
  }

  void on_request_impl(beast::http::verb /*verb*/, Text /*method*/, Text /*target*/,
                       int /*version*/, Error& /*error*/) override {}
  void on_response_impl(int /*status*/, Text /*reason*/, int /*version*/,
                        Error& /*error*/) override {}
  void on_header_impl(Error& /*error*/) override {}
  void on_body_init_impl(boost::optional<std::uint64_t> const& /*length*/,
                         Error& /*error*/) override {}
  // Bodies that are not chunked never pass through here.
  std::size_t on_body_impl(Text body, Error& /*error*/) override { return body.size(); }
  void on_finish_impl(Error& /*error*/) override {}

  Headers trailers_;
  std::uint64_t chunk_left_ = 0;  // of the chunk being decoded
  base::Bytes* out_ = nullptr;
  std::size_t out_max_ = 0;
};

template <bool IsRequest>
ChunkDecoder::Step Collector<IsRequest>::decode(std::string_view input, base::Bytes& out,
                                                std::size_t out_max) {
  out_ = &out;
  out_max_ = out_max;
  ChunkDecoder::Step step;
  for (;;) {
    if (this->is_done()) {
      step.state = ChunkDecoder::State::Done;
      return step;
    }
    if (out.size() >= out_max) {
      step.state = ChunkDecoder::State::OutputFull;
      return step;
    }
    const std::string_view rest = input.substr(step.consumed);
    const std::size_t needed = chunk_left_ == 0 ? ChunkTailBytesMin : 1;
    if (rest.size() < needed) return step;
    beast::error_code error;
    step.consumed += this->put(boost::asio::buffer(rest.data(), rest.size()), error);
    if (error == beast::http::error::need_more) return step;
    if (error) {
      step.state = ChunkDecoder::State::Bad;
      return step;
    }
  }
}

class RequestCollector final : public Collector<true> {
 public:
  Request request;
  int hosts = 0;
  bool expects_continue = false;
  bool expectation_is_known = true;

 private:
  void on_request_impl(beast::http::verb /*verb*/, Text method, Text target, int version,
                       Error& /*error*/) override {
    request.method_name.assign(method.data(), method.size());
    request.method = method_of(request.method_name);
    request.target.assign(target.data(), target.size());
    request.version_minor = version % 10;
  }

  void on_head_field(field name, std::string_view value) override {
    if (name == field::host) {
      ++hosts;
      request.host = std::string(value);
    } else if (name == field::expect) {
      expects_continue = equal_ignoring_case(value, "100-continue");
      expectation_is_known = expectation_is_known && expects_continue;
    }
  }
};

class ResponseCollector final : public Collector<false> {
 public:
  int status = 0;

 private:
  void on_response_impl(int status_code, Text /*reason*/, int /*version*/,
                        Error& /*error*/) override {
    status = status_code;
  }
};

// Feeds a whole head. The text is empty if it was taken, else says what is wrong with it.
template <bool IsRequest>
std::string_view feed_head(Collector<IsRequest>& collector, std::string_view head,
                           std::size_t lines) {
  collector.header_limit(std::numeric_limits<std::uint32_t>::max());  // the scanner's business
  collector.body_limit(boost::none);
  collector.headers.reserve(lines, head.size());
  beast::error_code error;
  const std::size_t consumed = collector.put(boost::asio::buffer(head.data(), head.size()), error);
  if (error) return text_of(error);
  if (consumed != head.size() || !collector.is_header_done()) return "the head is malformed";
  return {};
}

HeadFault bad(std::string_view reason) { return HeadFault{.status = 400, .reason = reason}; }

// A well-formed version that is not ours deserves 505; Beast would call it malformed.
std::optional<HeadFault> check_version(std::string_view head) {
  const std::string_view line = head.substr(0, head.find('\r'));
  const std::size_t space = line.rfind(' ');
  if (space == std::string_view::npos) return bad("the request line is malformed");
  const std::string_view version = line.substr(space + 1);
  const bool is_version = version.size() == 8 && version.starts_with("HTTP/") &&
                          version[5] >= '0' && version[5] <= '9' && version[6] == '.' &&
                          version[7] >= '0' && version[7] <= '9';
  if (!is_version) return bad("the request line is malformed");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return HeadFault{.status = 505, .reason = "only HTTP/1.0 and HTTP/1.1 are spoken here"};
  }
  return std::nullopt;
}

bool is_host_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~:[]%!$&'()*+,;=").find(c) != std::string_view::npos;
}

bool is_host(std::string_view host) { return std::all_of(host.begin(), host.end(), is_host_char); }

// Sets path, query and, for an absolute target, host.
std::optional<HeadFault> split_request_target(Request& request) {
  std::string_view target = request.target;
  if (target.find('#') != std::string_view::npos) return bad("the request target is malformed");
  if (target == "*") {
    if (request.method != Method::Options) return bad("the request target is malformed");
  } else if (target.front() != '/') {
    const std::size_t mark = target.find("://");
    if (mark == std::string_view::npos) return bad("the request target is malformed");
    const std::string_view scheme = target.substr(0, mark);
    if (!equal_ignoring_case(scheme, "http") && !equal_ignoring_case(scheme, "https")) {
      return bad("the request target is malformed");
    }
    target.remove_prefix(mark + 3);
    const std::size_t end = std::min(target.find_first_of("/?"), target.size());
    const std::string_view authority = target.substr(0, end);
    if (authority.empty() || !is_host(authority)) return bad("the request target is malformed");
    request.host = std::string(authority);
    target.remove_prefix(end);
  }
  const TargetParts parts = split_target(target);
  request.path = parts.path.empty() ? "/" : std::string(parts.path);
  request.query = std::string(parts.query);
  request.has_query = parts.has_query;
  return std::nullopt;
}

// What Beast lets pass.
std::optional<HeadFault> judge(RequestCollector& collector, BodyFraming& body) {
  Request& request = collector.request;
  if (request.method == Method::Connect) {
    return HeadFault{.status = 501, .reason = "CONNECT is not implemented"};
  }
  if (collector.hosts > 1) return bad("Host is given twice");
  if (collector.hosts == 0 && request.version_minor > 0) return bad("Host is missing");
  if (!is_host(request.host)) return bad("Host is malformed");
  if (auto fault = split_request_target(request)) return fault;
  if (collector.codings > 0) {
    if (request.version_minor == 0) return bad("Transfer-Encoding needs HTTP/1.1");
    if (collector.content_length()) {
      return bad("Content-Length and Transfer-Encoding exclude each other");
    }
    if (collector.codings > 1 || !collector.coding_is_chunked) {
      return HeadFault{.status = 501, .reason = "the only transfer coding here is chunked"};
    }
    body.framing = Framing::Chunked;
  } else if (const auto length = collector.content_length()) {
    body.framing = Framing::Length;
    body.length = *length;
  }
  if (request.version_minor == 0) return std::nullopt;  // knows no 1xx: its Expect is ignored
  if (!collector.expectation_is_known) {
    return HeadFault{.status = 417, .reason = "the only expectation here is 100-continue"};
  }
  body.expects_continue = collector.expects_continue;
  return std::nullopt;
}

}  // namespace

struct RequestParser::Impl {
  std::optional<RequestCollector> collector;
};

RequestParser::RequestParser() : impl_(std::make_unique<Impl>()) {}
RequestParser::~RequestParser() = default;

tl::expected<RequestHead, HeadFault> RequestParser::parse_head(std::string_view head,
                                                               std::size_t lines) {
  if (auto fault = check_version(head)) return tl::unexpected(*fault);
  RequestCollector& collector = impl_->collector.emplace();
  const std::string_view complaint = feed_head(collector, head, lines);
  if (!complaint.empty()) return tl::unexpected(bad(complaint));
  RequestHead result;
  if (auto fault = judge(collector, result.body)) return tl::unexpected(*fault);
  result.request = std::move(collector.request);
  result.request.headers = std::move(collector.headers);
  result.keep_alive = collector.keep_alive();
  return result;
}

ChunkDecoder::Step RequestParser::decode_chunks(std::string_view input, base::Bytes& out,
                                                std::size_t out_max) {
  return impl_->collector->decode(input, out, out_max);
}

const Headers& RequestParser::trailers() const { return impl_->collector->trailers(); }

struct ResponseParser::Impl {
  std::optional<ResponseCollector> collector;
};

ResponseParser::ResponseParser() : impl_(std::make_unique<Impl>()) {}
ResponseParser::~ResponseParser() = default;

tl::expected<ResponseHead, std::string_view> ResponseParser::parse_head(std::string_view head,
                                                                        std::size_t lines,
                                                                        Method method) {
  ResponseCollector& collector = impl_->collector.emplace();
  const std::string_view complaint = feed_head(collector, head, lines);
  if (!complaint.empty()) return tl::unexpected(complaint);
  ResponseHead result;
  result.status = collector.status;
  const bool has_body = method != Method::Head && result.status >= 200 && result.status != 204 &&
                        result.status != 304;
  if (has_body && collector.codings > 0) {
    if (collector.codings > 1 || !collector.coding_is_chunked) {
      return tl::unexpected<std::string_view>("the only transfer coding here is chunked");
    }
    result.body.framing = Framing::Chunked;
  } else if (const auto length = collector.content_length(); has_body && length) {
    result.body.framing = Framing::Length;
    result.body.length = *length;
  } else if (has_body) {
    result.body.framing = Framing::UntilClose;
  }
  result.headers = std::move(collector.headers);
  result.keep_alive = result.body.framing != Framing::UntilClose && collector.keep_alive();
  return result;
}

ChunkDecoder::Step ResponseParser::decode_chunks(std::string_view input, base::Bytes& out,
                                                 std::size_t out_max) {
  return impl_->collector->decode(input, out, out_max);
}

const Headers& ResponseParser::trailers() const { return impl_->collector->trailers(); }

}  // namespace varve::http
