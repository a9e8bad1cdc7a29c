// What rest/ needs to know of the configuration.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace varve::rest {

// Of `login_config` (rest-semantics.md 9.1).
struct LoginOptions {
  std::string rbac = "none";
  std::string login_url;
  std::string login_url_method = "none";
  std::string login_failed_message = "The credentials don't match.";
  std::optional<std::string> fallback_login_url;
  std::optional<std::string> fallback_login_label;
  std::vector<std::string> login_cookie_names{"internal_auth_session"};
  std::string logout_url;
  bool use_login_placeholders = false;
};

// One file of the web interface.
struct StaticFile {
  std::string_view content;  // lives as long as the process
  std::string content_type;
  std::string etag;  // quoted hex MD5
};

// The web interface's files. Any thread may call.
class StaticFiles {
 public:
  virtual ~StaticFiles() = default;
  // `path` as in a URL, "/assets/x.js"; null if there is no such file.
  virtual const StaticFile* find(std::string_view path) const = 0;
};

struct ApiOptions {
  std::string version = "dev";  // getConfig's version_config.version
  LoginOptions login;
  std::string logout_redirect_url = "/auth/login";  // auth.logout_redirect_url
  bool is_cookie_secure = false;                    // tls.enabled
  std::vector<std::string> gateway_domains{"s3.local.lakefs.io"};
  std::int64_t gc_grace_seconds = 86400;
  bool is_ui_enabled = true;
  const StaticFiles* ui = nullptr;  // null: a small page of our own
  // Written into index.html before </head>, as configured.
  std::vector<std::string> ui_snippets;
};

}  // namespace varve::rest
