// What does one request cost? A server with nothing behind it, for bench/http_bench.sh to load.
//
//   GET /hello     a small body
//   PUT /discard   reads the body in steps of 256 KiB
//   GET /file      64 MiB from a file
//   GET /stream    64 MiB from memory, in pieces
//
// Prints its port, then serves until its input ends.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "adapters/system/system.h"
#include "http/server.h"

namespace {

using varve::base::Bytes;
using varve::base::Result;
using varve::base::Task;
using varve::http::BodySource;
using varve::http::FileBody;
using varve::http::Request;
using varve::http::RequestContext;
using varve::http::Response;

constexpr std::uint64_t LargeBytes = 64U << 20U;
constexpr std::size_t StepBytes = 256U << 10U;

class Repeat final : public BodySource {
 public:
  Task<Result<Bytes>> next() override {
    if (left_ == 0) co_return Bytes();
    left_ -= StepBytes;
    co_return Bytes(StepBytes, 'x');
  }
  std::optional<std::uint64_t> length() const override { return LargeBytes; }

 private:
  std::uint64_t left_ = LargeBytes;
};

class BenchHandler final : public varve::http::Handler {
 public:
  BenchHandler() : file_(std::tmpfile()) {
    const Bytes piece(StepBytes, 'f');
    for (std::uint64_t at = 0; at < LargeBytes; at += StepBytes) {
      std::fwrite(piece.data(), 1, piece.size(), file_);
    }
    std::fflush(file_);
  }
  ~BenchHandler() override { std::fclose(file_); }

  Task<Response> handle(RequestContext /*context*/, Request request) override {
    if (request.path == "/hello") co_return Response(200, "text/plain", "hello, world");
    if (request.path == "/discard") {
      for (;;) {
        const Result<Bytes> piece = co_await request.body.read(StepBytes);
        if (!piece) co_return Response(400);
        if (piece->empty()) co_return Response(200);
      }
    }
    Response response(200);
    if (request.path == "/file") {
      response.body = FileBody{.descriptor = ::fileno(file_), .length = LargeBytes};
    } else if (request.path == "/stream") {
      response.body = std::make_unique<Repeat>();
    } else {
      response.status = 404;
    }
    co_return response;
  }

 private:
  std::FILE* file_;
};

}  // namespace

int main(int argc, char** argv) {
  varve::adapters::SystemClock clock;
  varve::http::EventLoops loops(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 2);
  BenchHandler handler;
  varve::http::ServerOptions options;
  if (argc > 3) {
    options.tls = std::make_unique<varve::http::TlsOptions>();
    options.tls->certificate_file = argv[2];
    options.tls->key_file = argv[3];
  }
  varve::http::Server server(std::move(options), loops, clock, handler);
  if (const Result<void> started = server.start(); !started) {
    std::cerr << started.error().message() << "\n";
    return 1;
  }
  std::cout << server.ports().at(0) << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  server.stop();
  loops.stop();
  return 0;
}
