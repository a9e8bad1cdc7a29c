#include "server/component_options.h"

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/hash.h"
#include "base/log.h"
#include "base/time.h"
#include "engine/core/core.h"
#include "http/server.h"
#include "rest/options.h"
#include "s3/s3.h"
#include "server/config.h"
#include "server/file_limit.h"
#include "server/option.h"
#include "services/auth/auth.h"

namespace varve::server {
namespace {

std::size_t count_of(const Settings& settings, std::string_view key) {
  return static_cast<std::size_t>(settings.integer(key));
}

base::milliseconds milliseconds_of(const Settings& settings, std::string_view key) {
  return std::chrono::duration_cast<base::milliseconds>(settings.duration(key));
}

// The default of the setting is known to everybody, so it signs nothing: a key of its own is made
// from the installation's secret, the same on every server of it.
std::string signing_key_of(const Settings& settings) {
  constexpr std::string_view Key = "blockstore.signing.secret_key";
  const bool is_set = settings.text(Key) != find_option(Key)->initial;
  return is_set ? settings.text(Key)
                : base::hmac_sha256(settings.text("auth.encrypt.secret_key"),
                                    "varve signed addresses 1");
}

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

base::LogLevel log_level(const std::string& name) {
  if (name == "trace") return base::LogLevel::Trace;
  if (name == "debug") return base::LogLevel::Debug;
  if (name == "info") return base::LogLevel::Info;
  if (name == "warn") return base::LogLevel::Warn;
  if (name == "error") return base::LogLevel::Error;
  return base::LogLevel::Off;  // none; and panic, which nothing here logs at
}

base::LogOptions log_component_options(const Settings& settings) {
  base::LogOptions options;
  options.level = log_level(settings.text("logging.level"));
  options.format =
      settings.text("logging.format") == "json" ? base::LogFormat::Json : base::LogFormat::Text;
  options.outputs = settings.list("logging.output");
  options.file_bytes_max = static_cast<std::size_t>(settings.integer("logging.file_max_size_mb"))
                           << 20U;
  options.files_kept = static_cast<std::size_t>(settings.integer("logging.files_keep"));
  return options;
}

engine::EngineOptions engine_component_options(const Settings& settings) {
  engine::EngineOptions options;
  options.block_storage_prefix = settings.text("committed.block_storage_prefix");
  options.range_bytes_min = count_of(settings, "committed.permanent.min_range_size_bytes");
  options.range_bytes_max = count_of(settings, "committed.permanent.max_range_size_bytes");
  options.range_raggedness = static_cast<std::uint64_t>(
      std::llround(settings.real("committed.permanent.range_raggedness_entries")));
  options.ensure_readable_root_namespace =
      settings.boolean("graveler.ensure_readable_root_namespace");
  options.table_cache_bytes = count_of(settings, "committed.sstable.memory.cache_size_bytes");
  options.signing_key = signing_key_of(settings);
  options.is_single_writer = true;  // both stores that can be chosen live in this process
  options.commit_cache_records = count_of(settings, "graveler.commit_cache.size");
  options.repository_cache_records = count_of(settings, "graveler.repository_cache.size");
  return options;
}

services::AuthOptions auth_component_options(const Settings& settings) {
  services::AuthOptions options;
  options.secret_key = base::Secret(settings.text("auth.encrypt.secret_key"));
  options.login_duration =
      std::chrono::duration_cast<std::chrono::seconds>(settings.duration("auth.login_duration"));
  options.is_cache_enabled = settings.boolean("auth.cache.enabled");
  options.cache_size = count_of(settings, "auth.cache.size");
  options.cache_ttl = milliseconds_of(settings, "auth.cache.ttl");
  options.cache_jitter = milliseconds_of(settings, "auth.cache.jitter");
  options.asks_for_email = settings.boolean("email_subscription.enabled");
  options.fixed_installation_id = settings.text("installation.fixed_id");
  return options;
}

rest::ApiOptions rest_component_options(const Settings& settings) {
  rest::ApiOptions options;
  options.version = VARVE_VERSION;
  options.login.rbac = settings.text("auth.ui_config.rbac");
  options.login.login_url = settings.text("auth.ui_config.login_url");
  options.login.login_failed_message = settings.text("auth.ui_config.login_failed_message");
  options.login.fallback_login_url =
      unless_empty(settings.text("auth.ui_config.fallback_login_url"));
  options.login.fallback_login_label =
      unless_empty(settings.text("auth.ui_config.fallback_login_label"));
  options.login.login_cookie_names = settings.list("auth.ui_config.login_cookie_names");
  options.login.logout_url = settings.text("auth.ui_config.logout_url");
  options.login.use_login_placeholders = settings.boolean("auth.ui_config.use_login_placeholders");
  options.logout_redirect_url = settings.text("auth.logout_redirect_url");
  options.is_cookie_secure = settings.boolean("tls.enabled");
  options.gateway_domains = settings.list("gateways.s3.domain_name");
  options.is_ui_enabled = settings.boolean("ui.enabled");
  return options;
}

s3::GatewayOptions gateway_component_options(const Settings& settings) {
  s3::GatewayOptions options;
  options.domains = settings.list("gateways.s3.domain_name");
  options.region = settings.text("gateways.s3.region");
  options.verify_unsupported = settings.boolean("gateways.s3.verify_unsupported");
  options.trusted_proxies = settings.list("gateways.s3.trusted_proxies");
  options.create_bucket_namespace = settings.text("gateways.s3.create_bucket_namespace");
  options.cors_origins = settings.list("gateways.s3.cors_origins");
  return options;
}

http::ServerOptions http_component_options(const Settings& settings, base::Log log) {
  http::ServerOptions options;
  const std::uint64_t files_max = raise_file_limit();
  options.connections_max = connections_within(files_max);
  if (options.connections_max < ConnectionsMax) {
    log.warn("few files may be open",
             {{"files", files_max}, {"connections", options.connections_max}});
  }
  options.log = std::move(log);
  options.listen = {settings.text("listen_address")};
  options.drain_timeout = milliseconds_of(settings, "server.drain_timeout");
  if (settings.boolean("tls.enabled")) {
    options.tls = std::make_unique<http::TlsOptions>();
    options.tls->certificate_file = settings.path("tls.cert_file");
    options.tls->key_file = settings.path("tls.key_file");
  }
  return options;
}

}  // namespace varve::server
