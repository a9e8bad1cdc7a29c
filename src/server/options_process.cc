#include <vector>

#include "server/option.h"
#include "server/option_tables.h"

namespace varve::server {
namespace {

using enum OptionType;

std::vector<Option> listening() {
  return {
      {.key = "listen_address",
       .initial = "0.0.0.0:8000",
       .text = "Where REST, the web interface and S3 are served, all on one port.",
       .check = Check::Address},
      {.key = "tls.enabled",
       .type = Boolean,
       .initial = "false",
       .text = "Serve HTTPS, and mark cookies Secure."},
      {.key = "tls.cert_file", .text = "PEM file with the certificate chain."},
      {.key = "tls.key_file", .text = "PEM file with the private key."},
      {.key = "metrics.listen_address",
       .text = "A second address that alone serves /metrics; empty serves it on the main one."},
      {.key = "server.loops",
       .type = Integer,
       .initial = "0",
       .unit = "threads",
       .text = "Event loops; 0 takes one for each core up to 16, then one for each two.",
       .check = Check::NotNegative},
      {.key = "server.drain_timeout",
       .type = Duration,
       .initial = "30s",
       .text = "How long requests in flight may take when the server is asked to stop.",
       .check = Check::Positive},
  };
}

std::vector<Option> logging() {
  return {
      {.key = "logging.format",
       .initial = "text",
       .text = "The form of a log line.",
       .choices = "text,json"},
      {.key = "logging.level",
       .initial = "INFO",
       .text = "The least severe level that is logged.",
       .choices = "trace,debug,info,warn,error,panic,none"},
      {.key = "logging.output",
       .type = List,
       .initial = "-",
       .text = "Where lines go: - is standard output, = is standard error, else a file."},
      {.key = "logging.file_max_size_mb",
       .type = Integer,
       .initial = "102400",
       .unit = "MiB",
       .text = "A log file is rotated at this size.",
       .check = Check::Positive},
      {.key = "logging.files_keep",
       .type = Integer,
       .initial = "100",
       .unit = "files",
       .text = "Rotated log files kept.",
       .check = Check::NotNegative},
      {.key = "logging.audit_log_level",
       .initial = "DEBUG",
       .text = "The level of the one line that every request gets.",
       .choices = "trace,debug,info,warn,error,panic,none"},
      {.key = "logging.trace_request_headers",
       .type = Boolean,
       .initial = "false",
       .text = "Log request headers at trace level. Not done: they carry credentials.",
       .support = Support::Ignored},
  };
}

std::vector<Option> installation() {
  return {
      {.key = "installation.fixed_id", .text = "The installation id, instead of a random one."},
      {.key = "installation.user_name",
       .text = "With the two keys below: the administrator made at the first start."},
      {.key = "installation.access_key_id",
       .text = "Access key of the administrator made at the first start.",
       .is_secret = true},
      {.key = "installation.secret_access_key",
       .text = "Secret key of the administrator made at the first start.",
       .is_secret = true},
      {.key = "email_subscription.enabled",
       .type = Boolean,
       .initial = "true",
       .text = "Ask for an e-mail address at set-up. It stays in this installation."},
      {.key = "installation.allow_inter_region_storage",
       .type = Boolean,
       .initial = "true",
       .text = "Whether a repository's bucket may be in another region.",
       .support = Support::Ignored},
      {.key = "ui.enabled", .type = Boolean, .initial = "true", .text = "Serve the web interface."},
      {.key = "ui.snippets",
       .type = Objects,
       .text = "HTML put into the index page, as a list of {id, code}.",
       .support = Support::Ignored},
  };
}

// Nothing leaves the machine, whatever these say (D-19).
std::vector<Option> telemetry() {
  std::vector<Option> rows{
      {.key = "stats.enabled",
       .type = Boolean,
       .initial = "false",
       .text = "Telemetry of lakeFS. Varve sends none."},
      {.key = "stats.address", .text = "Telemetry of lakeFS. Varve sends none."},
      {.key = "stats.flush_interval",
       .type = Duration,
       .initial = "30s",
       .text = "Telemetry of lakeFS. Varve sends none."},
      {.key = "stats.flush_size",
       .type = Integer,
       .initial = "100",
       .text = "Telemetry of lakeFS. Varve sends none."},
      {.key = "stats.extended",
       .type = Boolean,
       .initial = "false",
       .text = "Telemetry of lakeFS. Varve sends none."},
      {.key = "usage_report.enabled",
       .type = Boolean,
       .initial = "false",
       .text = "Deprecated in lakeFS."},
      {.key = "usage_report.flush_interval",
       .type = Duration,
       .initial = "5m",
       .text = "How often request counts are written to the key-value store."},
      {.key = "security.check_latest_version",
       .type = Boolean,
       .initial = "false",
       .text = "Ask for newer versions. Varve does not."},
      {.key = "security.check_latest_version_cache",
       .type = Duration,
       .initial = "1h",
       .text = "Ask for newer versions. Varve does not."},
      {.key = "security.audit_check_interval",
       .type = Duration,
       .initial = "24h",
       .text = "Ask the vendor for alerts. Varve does not."},
      {.key = "security.audit_check_url", .text = "Ask the vendor for alerts. Varve does not."},
  };
  for (Option& row : rows) row.support = Support::Ignored;
  return rows;
}

}  // namespace

std::vector<Option> process_options() {
  std::vector<Option> rows = listening();
  for (const auto& part : {logging(), installation(), telemetry()}) {
    rows.insert(rows.end(), part.begin(), part.end());
  }
  return rows;
}

}  // namespace varve::server
