#include "http/tls.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "base/result.h"
#include "http/transport.h"

namespace varve::http {
namespace {

using base::Code;
using base::Error;
using base::Result;

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSession {
  void operator()(SSL* session) const { SSL_free(session); }
};
using ContextPtr = std::unique_ptr<SSL_CTX, FreeContext>;
using SessionPtr = std::unique_ptr<SSL, FreeSession>;

// One record's worth. Small pieces are gathered up to it, so that a head and a short body make one
// record, and one segment.
constexpr std::size_t RecordBytes = 16U << 10U;

std::string last_error() {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  ERR_clear_error();
  return text.data();
}

class TlsTransport final : public Transport {
 public:
  TlsTransport(SessionPtr session, int socket) : session_(std::move(session)), socket_(socket) {}

  IoStep handshake() override {
    ERR_clear_error();
    const int result = SSL_do_handshake(session_.get());
    return result == 1 ? IoStep{} : step_of(result);
  }

  IoStep read(char* data, std::size_t size) override {
    ERR_clear_error();
    std::size_t got = 0;
    const int result = SSL_read_ex(session_.get(), data, size, &got);
    return result == 1 ? IoStep{.bytes = got} : step_of(result);
  }

  bool has_pending() const override { return SSL_pending(session_.get()) > 0; }

  // Small pieces are gathered into one record, which is kept until OpenSSL has taken it: what
  // SSL_write was once asked it must be asked again. A whole record's worth needs no gathering,
  // because the caller comes back with the same bytes in front.
  IoStep write(std::span<const iovec> parts, bool /*more*/) override {
    const iovec& first = parts.front();
    const bool is_direct = kept_.empty() && (parts.size() == 1 || first.iov_len >= RecordBytes);
    if (!is_direct && kept_.empty()) gather(parts);
    const void* data = is_direct ? first.iov_base : kept_.data();
    const std::size_t size = is_direct ? std::min(first.iov_len, RecordBytes) : kept_.size();
    ERR_clear_error();
    std::size_t sent = 0;
    const int result = SSL_write_ex(session_.get(), data, size, &sent);
    if (result != 1) return step_of(result);
    VARVE_ASSERT(sent == size);
    kept_.clear();
    return IoStep{.bytes = sent};
  }

  void finish() override {
    if (SSL_is_init_finished(session_.get()) == 1 && !is_broken_) {
      ERR_clear_error();
      SSL_shutdown(session_.get());
      ERR_clear_error();
    }
    ::shutdown(socket_, SHUT_WR);
  }

  bool can_send_files() const override { return false; }
  IoStep send_file(int /*file*/, off_t /*offset*/, std::size_t /*size*/) override {
    return IoStep{.state = IoState::Broken};
  }

 private:
  void gather(std::span<const iovec> parts) {
    for (const iovec& part : parts) {
      const std::size_t taken = std::min(part.iov_len, RecordBytes - kept_.size());
      kept_.append(static_cast<const char*>(part.iov_base), taken);
      if (kept_.size() == RecordBytes) break;
    }
  }

  IoStep step_of(int result) {
    switch (SSL_get_error(session_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        return IoStep{.state = IoState::WantRead};
      case SSL_ERROR_WANT_WRITE:
        return IoStep{.state = IoState::WantWrite};
      case SSL_ERROR_ZERO_RETURN:
        return IoStep{.state = IoState::End};
      default:
        // An end without close_notify is Broken too: it may be an attacker's cut.
        is_broken_ = true;
        ERR_clear_error();
        return IoStep{.state = IoState::Broken};
    }
  }

  const SessionPtr session_;
  const int socket_;
  std::string kept_;
  bool is_broken_ = false;
};

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

ContextPtr make_context(const SSL_METHOD* method) {
  ContextPtr context(SSL_CTX_new(method));
  VARVE_ASSERT(context != nullptr);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION);
  return context;
}

// Picks http/1.1 from what the client offers, if it is there; else goes on without ALPN.
int select_protocol(SSL* /*session*/, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned int offered_size, void* /*unused*/) {
  static constexpr std::string_view Ours("\x08http/1.1");
  unsigned char* chosen = nullptr;
  const int result =
      SSL_select_next_proto(&chosen, out_size, reinterpret_cast<const unsigned char*>(Ours.data()),
                            static_cast<unsigned int>(Ours.size()), offered, offered_size);
  *out = chosen;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

}  // namespace

struct TlsContext::Impl {
  ContextPtr context;
};

TlsContext::TlsContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsContext::~TlsContext() = default;

Result<std::unique_ptr<TlsContext>> TlsContext::for_server(const std::string& certificate_file,
                                                           const std::string& key_file) {
  ContextPtr context = make_context(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1) {
    return Error(Code::InvalidArgument,
                 "TLS certificate " + certificate_file + ": " + last_error());
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    return Error(Code::InvalidArgument, "TLS key " + key_file + ": " + last_error());
  }
  SSL_CTX_set_alpn_select_cb(context.get(), select_protocol, nullptr);
  auto impl = std::make_unique<Impl>();
  impl->context = std::move(context);
  return std::unique_ptr<TlsContext>(new TlsContext(std::move(impl)));
}

Result<std::unique_ptr<TlsContext>> TlsContext::for_client(const std::string& ca_file) {
  ContextPtr context = make_context(TLS_client_method());
  const bool has_trust =
      ca_file.empty() ? SSL_CTX_set_default_verify_paths(context.get()) == 1
                      : SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(), nullptr) == 1;
  if (!has_trust) {
    return Error(Code::InvalidArgument, "TLS authorities " + ca_file + ": " + last_error());
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  auto impl = std::make_unique<Impl>();
  impl->context = std::move(context);
  return std::unique_ptr<TlsContext>(new TlsContext(std::move(impl)));
}

std::unique_ptr<Transport> TlsContext::accept(int socket) const {
  SessionPtr session(SSL_new(impl_->context.get()));
  VARVE_ASSERT(session != nullptr);
  SSL_set_fd(session.get(), socket);
  SSL_set_accept_state(session.get());
  return std::make_unique<TlsTransport>(std::move(session), socket);
}

std::unique_ptr<Transport> TlsContext::connect(int socket, const std::string& host) const {
  SessionPtr session(SSL_new(impl_->context.get()));
  VARVE_ASSERT(session != nullptr);
  SSL_set_fd(session.get(), socket);
  SSL_set_connect_state(session.get());
  if (is_address(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session.get()), host.c_str());
  } else {
    // SSL_set_tlsext_host_name, whose C cast not every compiler forgives. The name is copied.
    SSL_ctrl(session.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(host.c_str()));
    SSL_set1_host(session.get(), host.c_str());
  }
  return std::make_unique<TlsTransport>(std::move(session), socket);
}

}  // namespace varve::http
