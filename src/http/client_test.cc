// The client against the server, and against a peer that breaks the rules; TLS on both sides.
#include "http/client.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "http/harness_test.h"
#include "http/headers.h"
#include "http/message.h"
#include "http/server.h"

namespace varve::http::test {
namespace {

using base::Bytes;
using base::Code;
using base::Context;
using base::Error;
using base::milliseconds;
using base::Result;
using base::Task;

// A response, read to its end.
struct Outcome {
  std::optional<Error> error;
  int status = 0;
  Headers headers;
  Bytes body;
};

Task<void> fetch(Client* client, Context context, ClientRequest request, Outcome* outcome) {
  Result<ClientResponse> response = co_await client->send(context, std::move(request));
  if (!response) {
    outcome->error = std::move(response).error();
    co_return;
  }
  outcome->status = response->status;
  outcome->headers = response->headers;
  Result<Bytes> body = co_await response->body.read_all(100U << 20U);
  if (!body) {
    outcome->error = std::move(body).error();
    co_return;
  }
  outcome->body = std::move(*body);
}

ClientOptions quick_options() {
  ClientOptions options;
  options.tick = milliseconds(5);
  return options;
}

class ClientTest : public ::testing::Test {
 protected:
  ClientTest() { make_client(quick_options()); }

  void make_client(ClientOptions options) {
    client_.reset();
    Result<std::unique_ptr<Client>> made = Client::make(std::move(options), loops_, clock_);
    ASSERT_TRUE(made.has_value());
    client_ = std::move(*made);
  }
  std::string url(std::string_view target) const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(target);
  }
  Outcome send(ClientRequest request, Context context = {}) {
    Outcome outcome;
    loops_.run(fetch(client_.get(), std::move(context), std::move(request), &outcome));
    return outcome;
  }
  Outcome get(std::string_view target) { return send(request_of(Method::Get, target)); }
  ClientRequest request_of(Method method, std::string_view target, ClientBody body = {}) {
    ClientRequest request;
    request.method = method;
    request.url = url(target);
    request.body = std::move(body);
    return request;
  }
  Code code_of(const Outcome& outcome) {
    EXPECT_TRUE(outcome.error.has_value());
    return outcome.error ? outcome.error->code() : Code::Internal;
  }

  EventLoops loops_{1};  // apart from the server's
  FixedClock clock_;
  std::unique_ptr<Client> client_;
  std::uint16_t port_ = 0;
};

class ClientAndServer : public ClientTest {
 protected:
  void SetUp() override {
    server_.route("/hello", say_hello);
    server_.route("/echo", echo);
    server_.route("/ignore", ignore_body);
    server_.route("/headers", [](RequestContext, Request request) -> Task<Response> {
      std::string all = request.method_name + "\n";
      for (const Headers::Field field : request.headers) {
        all += std::string(field.name) + ": " + std::string(field.value) + "\n";
      }
      co_return Response(200, "text/plain", all);
    });
    server_.route("/chunked", [](RequestContext, Request) -> Task<Response> {
      Response response(200);
      response.body = source_of({"one ", "two"}, std::nullopt);
      co_return response;
    });
    port_ = server_.start();
  }

  TestServer server_;
};

TEST_F(ClientAndServer, GetAnswersOverOneConnection) {
  for (int i = 0; i < 5; ++i) {
    const Outcome outcome = get("/hello");
    EXPECT_EQ(outcome.status, 200);
    EXPECT_EQ(outcome.body, "hello");
    EXPECT_EQ(outcome.headers.get("content-type"), "text/plain");
  }
  EXPECT_EQ(get("/none").status, 404);
  EXPECT_EQ(get("/chunked").body, "one two");
  EXPECT_EQ(send(request_of(Method::Head, "/hello")).headers.get("Content-Length"), "5");
  EXPECT_EQ(get("/hello").body, "hello");
  EXPECT_EQ(server_.server().counters().connections_accepted, 1U);
}

TEST_F(ClientAndServer, SendBodiesOfEveryKind) {
  EXPECT_EQ(send(request_of(Method::Put, "/echo", Bytes("bytes"))).body, "bytes");
  EXPECT_EQ(send(request_of(Method::Post, "/echo")).body, "");
  EXPECT_EQ(send(request_of(Method::Put, "/echo", source_of({"a", "bc"}, 3))).body, "abc");
  EXPECT_EQ(send(request_of(Method::Put, "/echo", source_of({"a", "bc"}, std::nullopt))).body,
            "abc");
  const Bytes large(5U << 20U, 'x');
  EXPECT_EQ(send(request_of(Method::Put, "/echo", large)).body, large);
  EXPECT_EQ(server_.server().counters().connections_accepted, 1U);
}

TEST_F(ClientAndServer, SendTheFieldsTheyWereGivenAndTheirOwn) {
  ClientRequest request = request_of(Method::Delete, "/headers");
  request.headers.add("X-A", "1");
  request.headers.add("host", "elsewhere");
  request.headers.add("Transfer-Encoding", "gzip");
  EXPECT_EQ(send(std::move(request)).body,
            "DELETE\nHost: 127.0.0.1:" + std::to_string(port_) + "\nX-A: 1\n");
  ClientRequest bad = request_of(Method::Get, "/hello");
  bad.headers.add("X", "a\r\nY: b");
  EXPECT_EQ(code_of(send(std::move(bad))), Code::InvalidArgument);
}

TEST_F(ClientAndServer, ReportAFailingSourceAndALyingOne) {
  EXPECT_EQ(code_of(send(request_of(Method::Put, "/echo", source_of({"a"}, 5, true)))),
            Code::Unavailable);
  const Outcome lying = send(request_of(Method::Put, "/echo", source_of({"a", "b"}, 1)));
  EXPECT_TRUE(lying.error.has_value() || lying.body == "a");
  EXPECT_EQ(get("/hello").body, "hello");
}

TEST_F(ClientAndServer, SeeAResponseThatComesBeforeTheBodyIsSent) {
  const Outcome outcome = send(request_of(Method::Put, "/ignore", Bytes(64U << 20U, 'x')));
  // The server may have to reset the connection to be rid of the body.
  if (outcome.error) {
    EXPECT_EQ(outcome.error->code(), Code::OutcomeUnknown);
  } else {
    EXPECT_EQ(outcome.status, 403);
  }
}

TEST_F(ClientAndServer, NoticeThatTheServerIsGone) {
  EXPECT_EQ(get("/hello").body, "hello");
  server_.server().stop();
  EXPECT_EQ(code_of(get("/hello")), Code::Unavailable);
}

TEST_F(ClientAndServer, RefuseWhatIsNoAddressAndWhatIsCancelled) {
  ClientRequest request;
  request.url = "ftp://a/";
  EXPECT_EQ(code_of(send(std::move(request))), Code::InvalidArgument);
  Context cancelled;
  cancelled.cancel();
  EXPECT_EQ(code_of(send(request_of(Method::Get, "/hello"), cancelled)), Code::Cancelled);
  auto scope = std::make_shared<base::RequestScope>();
  scope->deadline = clock_.monotonic() - std::chrono::seconds(1);
  EXPECT_EQ(code_of(send(request_of(Method::Get, "/hello"), Context(scope))),
            Code::DeadlineExceeded);
}

TEST_F(ClientAndServer, CloseWhatIsIdleForTooLong) {
  ClientOptions options = quick_options();
  options.idle_timeout = milliseconds(30);
  make_client(std::move(options));
  EXPECT_EQ(get("/hello").status, 200);
  EXPECT_TRUE(eventually([&] { return server_.server().counters().connections_open == 0; }));
  EXPECT_EQ(get("/hello").status, 200);
}

// A peer that says exactly what the test wants, once for each connection.
class RawPeer {
 public:
  explicit RawPeer(std::vector<std::string> answers)
      : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, answers = std::move(answers)] { serve(answers); });
  }
  ~RawPeer() {
    ::shutdown(listener_, SHUT_RDWR);
    ::shutdown(current_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::uint16_t port() const { return port_; }

 private:
  // Answers, then waits for the client to close. After an answer that ends in '!' it closes first;
  // in '?', as soon as the client sends more.
  void serve(const std::vector<std::string>& answers) {
    for (std::string answer : answers) {
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0) return;
      current_ = socket;
      char request[65536];
      (void)::recv(socket, request, sizeof request, 0);
      const bool closes = answer.ends_with('!');
      const bool drops = answer.ends_with('?');
      if (closes || drops) answer.pop_back();
      (void)::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL);
      if (closes) ::shutdown(socket, SHUT_WR);
      while (::recv(socket, request, sizeof request, 0) > 0 && !drops) {
      }
      current_ = -1;
      ::close(socket);
    }
  }

  int listener_;
  std::atomic<int> current_{-1};
  std::uint16_t port_ = 0;
  std::thread thread_;
};

struct PeerRow {
  std::string_view name;
  std::string_view answer;
  std::string_view wanted;  // the body; or "error <code of GET>"
};

class Peers : public ClientTest, public ::testing::WithParamInterface<PeerRow> {};

TEST_P(Peers, AreUnderstoodOrRefused) {
  RawPeer peer({std::string(GetParam().answer)});
  port_ = peer.port();
  ClientOptions options = quick_options();
  options.response_timeout = options.body_timeout = milliseconds(50);
  make_client(std::move(options));
  const Outcome outcome = get("/");
  const std::string got =
      outcome.error ? "error " + std::string(base::to_string(outcome.error->code())) : outcome.body;
  EXPECT_EQ(got, GetParam().wanted);
}

INSTANTIATE_TEST_SUITE_P(
    Client, Peers,
    ::testing::Values(
        // clang-format off
        PeerRow{"length",           "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok"},
        PeerRow{"chunked",          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", "ok"},
        PeerRow{"until_close",      "HTTP/1.1 200 OK\r\n\r\nok!", "ok"},
        PeerRow{"http_1_0",         "HTTP/1.0 200 OK\r\n\r\nok!", "ok"},
        PeerRow{"interim",          "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok"},
        PeerRow{"no_content",       "HTTP/1.1 204 No Content\r\n\r\n", ""},
        PeerRow{"not_modified",     "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", ""},
        PeerRow{"no_reason",        "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok", "ok"},
        PeerRow{"short",            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok!", "error invalid argument"},
        PeerRow{"short_chunks",     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n!", "error invalid argument"},
        PeerRow{"bad_chunks",       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n", "error invalid argument"},
        PeerRow{"stalled_body",     "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", "error deadline exceeded"},
        PeerRow{"silent",           "", "error deadline exceeded"},
        PeerRow{"closed",           "!", "error unavailable"},
        PeerRow{"half_a_head",      "HTTP/1.1 200 OK\r\nContent-!", "error unavailable"},
        PeerRow{"not_http",         "220 smtp.example.com\r\n\r\n", "error unavailable"},
        PeerRow{"gzip_coding",      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx", "error unavailable"},
        PeerRow{"two_lengths",      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok", "error unavailable"},
        PeerRow{"length_and_chunks", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "error unavailable"}  // clang-format on
        ),
    [](const auto& row) { return std::string(row.param.name); });

TEST_F(ClientTest, CallsALostWriteUnknown) {
  RawPeer peer({"!", ""});
  port_ = peer.port();
  ClientOptions options = quick_options();
  options.response_timeout = milliseconds(50);
  make_client(std::move(options));
  EXPECT_EQ(code_of(send(request_of(Method::Post, "/", Bytes("x")))), Code::OutcomeUnknown);
  EXPECT_EQ(code_of(send(request_of(Method::Put, "/", Bytes("x")))), Code::OutcomeUnknown);
}

TEST_F(ClientTest, RepeatsOnceWhatADeadConnectionSwallowed) {
  // The first connection answers once and drops what comes next; the second one serves.
  RawPeer peer({"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1?",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2"});
  port_ = peer.port();
  EXPECT_EQ(get("/").body, "1");
  EXPECT_EQ(get("/").body, "2");
}

TEST_F(ClientTest, DoesNotRepeatWhatMayDoHarm) {
  RawPeer peer({"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1?",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2"});
  port_ = peer.port();
  EXPECT_EQ(get("/").body, "1");
  EXPECT_EQ(code_of(send(request_of(Method::Post, "/", Bytes("x")))), Code::OutcomeUnknown);
}

TEST_F(ClientTest, SaysWhoCannotBeReached) {
  {
    RawPeer peer({});
    port_ = peer.port();
  }
  EXPECT_EQ(code_of(get("/")), Code::Unavailable);
  ClientRequest unknown;
  unknown.url = "http://no.such.host.invalid/";
  EXPECT_EQ(code_of(send(std::move(unknown))), Code::Unavailable);
}

TEST_F(ClientTest, KeepsToTheDeadlineOfItsContext) {
  RawPeer peer({""});
  port_ = peer.port();
  auto scope = std::make_shared<base::RequestScope>();
  scope->deadline = clock_.monotonic() + milliseconds(30);
  EXPECT_EQ(code_of(send(request_of(Method::Get, "/"), Context(scope))), Code::DeadlineExceeded);
}

// TLS.

// A key and a certificate for 127.0.0.1 and localhost, signed by itself, in files.
class Identity {
 public:
  Identity() {
    std::string folder = (std::filesystem::temp_directory_path() / "varve-tls-XXXXXX").string();
    folder_ = ::mkdtemp(folder.data());
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* names =
        X509V3_EXT_conf_nid(nullptr, &context, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
    X509_add_ext(certificate, names, -1);
    X509_sign(certificate, key, EVP_sha256());
    std::FILE* file = std::fopen(certificate_file().c_str(), "w");
    PEM_write_X509(file, certificate);
    std::fclose(file);
    file = std::fopen(key_file().c_str(), "w");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    X509_EXTENSION_free(names);
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  ~Identity() { std::filesystem::remove_all(folder_); }
  std::string certificate_file() const { return folder_ + "/certificate.pem"; }
  std::string key_file() const { return folder_ + "/key.pem"; }

 private:
  std::string folder_;
};

ServerOptions tls_options(const Identity& identity) {
  ServerOptions options = TestServer::quick_options();
  options.tls = std::make_unique<TlsOptions>();
  options.tls->certificate_file = identity.certificate_file();
  options.tls->key_file = identity.key_file();
  return options;
}

class TlsTest : public ClientTest {
 protected:
  TlsTest() : server_(tls_options(identity_)) {
    server_.route("/hello", say_hello);
    server_.route("/echo", echo);
    server_.route("/tls", [](RequestContext, Request request) -> Task<Response> {
      co_return Response(200, "text/plain", request.is_tls ? "yes" : "no");
    });
    port_ = server_.start();
    ClientOptions options = quick_options();
    options.ca_file = identity_.certificate_file();
    make_client(std::move(options));
  }
  ClientRequest tls_request(Method method, std::string_view host, std::string_view target,
                            ClientBody body = {}) {
    ClientRequest request = request_of(method, target, std::move(body));
    request.url =
        "https://" + std::string(host) + ":" + std::to_string(port_) + std::string(target);
    return request;
  }

  Identity identity_;
  TestServer server_;
};

TEST_F(TlsTest, CarriesEverythingPlainDoes) {
  for (const std::string_view host : {"127.0.0.1", "localhost"}) {
    EXPECT_EQ(send(tls_request(Method::Get, host, "/tls")).body, "yes");
    const Bytes large(5U << 20U, 'x');
    EXPECT_EQ(send(tls_request(Method::Put, host, "/echo", large)).body, large);
    EXPECT_EQ(send(tls_request(Method::Get, host, "/hello")).body, "hello");
  }
  EXPECT_EQ(server_.server().counters().connections_accepted, 2U);
}

TEST_F(TlsTest, SendsFilesWithoutTheKernel) {
  std::FILE* file = std::tmpfile();
  const std::string text = std::string(1U << 20U, 'f') + "end";
  std::fwrite(text.data(), 1, text.size(), file);
  std::fflush(file);
  const int descriptor = ::fileno(file);
  server_.route("/file", [=](RequestContext, Request) {
    Response response(200);
    response.body = FileBody{.descriptor = descriptor, .length = text.size()};
    return reply(std::move(response));
  });
  EXPECT_EQ(send(tls_request(Method::Get, "localhost", "/file")).body, text);
  std::fclose(file);
}

TEST_F(TlsTest, IsRefusedByAClientThatDoesNotTrustIt) {
  make_client(quick_options());
  EXPECT_EQ(code_of(send(tls_request(Method::Get, "localhost", "/hello"))), Code::Unavailable);
  ClientOptions options = quick_options();
  options.ca_file = Identity().certificate_file();  // gone again
  EXPECT_FALSE(Client::make(std::move(options), loops_, clock_).has_value());
}

TEST_F(TlsTest, DoesNotTalkPlain) {
  Wire wire(port_);
  wire.send(test::get("/hello"));
  EXPECT_EQ(wire.receive().status, 0);
}

TEST_F(TlsTest, EndsAHandshakeThatStalls) {
  ServerOptions options = tls_options(identity_);
  options.header_timeout = milliseconds(40);
  TestServer server(std::move(options));
  Wire wire(server.start());
  wire.send(std::string_view("\x16\x03\x01", 3));
  EXPECT_TRUE(wire.is_ended());
}

TEST_F(TlsTest, NamesTheFileThatCannotBeUsed) {
  for (const bool is_key : {false, true}) {
    ServerOptions options = tls_options(identity_);
    (is_key ? options.tls->key_file : options.tls->certificate_file) = "/no/such.pem";
    TestServer server(std::move(options));
    const Result<void> started = server.server().start();
    ASSERT_FALSE(started.has_value());
    EXPECT_EQ(started.error().code(), Code::InvalidArgument);
    EXPECT_NE(started.error().message().find("/no/such.pem"), std::string::npos);
  }
}

}  // namespace
}  // namespace varve::http::test
