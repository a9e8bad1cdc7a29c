// TLS on OpenSSL, as a Transport. TLS 1.2 and 1.3; the library's own choice of ciphers.
//
// A context may be used from any thread; a transport belongs to its connection.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "http/transport.h"

namespace varve::http {

class TlsContext {
 public:
  // For a server. InvalidArgument: a file that cannot be read, or a key that does not fit.
  static base::Result<std::unique_ptr<TlsContext>> for_server(const std::string& certificate_file,
                                                              const std::string& key_file);
  // For a client. Trusts `ca_file`, or what the system trusts if that is empty.
  static base::Result<std::unique_ptr<TlsContext>> for_client(const std::string& ca_file);
  ~TlsContext();

  std::unique_ptr<Transport> accept(int socket) const;
  // Checks that the certificate is good for `host`, a name or an address.
  std::unique_ptr<Transport> connect(int socket, const std::string& host) const;

 private:
  struct Impl;
  explicit TlsContext(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::http
