#include <string_view>
#include <vector>

#include "server/option.h"
#include "server/option_tables.h"

namespace varve::server {
namespace {

using enum OptionType;

std::vector<Option> database() {
  return {
      {.key = "database.type",
       .text = "The key-value store: embedded in the server, or in memory for tests.",
       .choices = "local,mem",
       .choices_unbuilt = "postgres,dynamodb,cosmosdb,redis",
       .is_required = true},
      {.key = "database.drop_tables",
       .type = Boolean,
       .initial = "false",
       .text = "Would drop the schema at set-up.",
       .support = Support::Unbuilt},
      {.key = "database.local.path",
       .initial = "~/lakefs/metadata",
       .text = "Folder of the embedded store. One process at a time can have it open.",
       .check = Check::Folder},
      {.key = "database.local.sync_writes",
       .type = Boolean,
       .initial = "true",
       .text = "Answer a write only once it is on disk."},
      {.key = "database.local.prefetch_size",
       .type = Integer,
       .initial = "256",
       .unit = "rows",
       .text = "Rows that lakeFS reads ahead in a scan; Varve reads what is asked for.",
       .support = Support::Ignored},
      {.key = "database.local.enable_logging",
       .type = Boolean,
       .initial = "false",
       .text = "Log lines of the embedded store; it keeps a LOG file in its folder.",
       .support = Support::Ignored},
  };
}

// Parameters of stores that this version does not have: harmless as long as `database.type` and
// `blockstore.type` name others, which is checked there.
struct Other {
  std::string_view key;
  OptionType type;
  bool is_secret;
};

constexpr Other OtherDatabases[] = {
    {"database.postgres.connection_string", Text, true},
    {"database.postgres.max_open_connections", Integer, false},
    {"database.postgres.max_idle_connections", Integer, false},
    {"database.postgres.connection_max_lifetime", Duration, false},
    {"database.postgres.scan_page_size", Integer, false},
    {"database.postgres.metrics", Boolean, false},
    {"database.dynamodb.table_name", Text, false},
    {"database.dynamodb.scan_limit", Integer, false},
    {"database.dynamodb.endpoint", Text, false},
    {"database.dynamodb.aws_region", Text, false},
    {"database.dynamodb.aws_profile", Text, false},
    {"database.dynamodb.aws_access_key_id", Text, true},
    {"database.dynamodb.aws_secret_access_key", Text, true},
    {"database.dynamodb.health_check_interval", Duration, false},
    {"database.dynamodb.max_attempts", Integer, false},
    {"database.dynamodb.max_connections", Integer, false},
    {"database.dynamodb.credentials_cache_expiry_window", Duration, false},
    {"database.dynamodb.credentials_cache_expiry_window_jitter_fraction", Real, false},
    {"database.cosmosdb.key", Text, true},
    {"database.cosmosdb.endpoint", Text, false},
    {"database.cosmosdb.database", Text, false},
    {"database.cosmosdb.container", Text, false},
    {"database.cosmosdb.throughput", Integer, false},
    {"database.cosmosdb.autoscale", Boolean, false},
    {"database.redis.endpoint", Text, false},
    {"database.redis.username", Text, false},
    {"database.redis.password", Text, true},
    {"database.redis.database", Integer, false},
    {"database.redis.pool_size", Integer, false},
    {"database.redis.min_idle_conns", Integer, false},
    {"database.redis.dial_timeout", Duration, false},
    {"database.redis.read_timeout", Duration, false},
    {"database.redis.write_timeout", Duration, false},
    {"database.redis.namespace", Text, false},
    {"database.redis.enable_tls", Boolean, false},
    {"database.redis.tls_skip_verify", Boolean, false},
    {"database.redis.aws_region", Text, false},
    {"database.redis.aws_profile", Text, false},
    {"database.redis.aws_access_key_id", Text, true},
    {"database.redis.aws_secret_access_key", Text, true},
    {"database.redis.use_iam_auth", Boolean, false},
    {"database.redis.cluster_mode", Boolean, false},
    {"database.redis.batch_size", Integer, false},
};

constexpr Other OtherBlockstores[] = {
    {"blockstore.s3.region", Text, false},
    {"blockstore.s3.profile", Text, false},
    {"blockstore.s3.credentials_file", Text, false},
    {"blockstore.s3.credentials.access_key_id", Text, true},
    {"blockstore.s3.credentials.secret_access_key", Text, true},
    {"blockstore.s3.credentials.session_token", Text, true},
    {"blockstore.s3.endpoint", Text, false},
    {"blockstore.s3.max_retries", Integer, false},
    {"blockstore.s3.force_path_style", Boolean, false},
    {"blockstore.s3.discover_bucket_region", Boolean, false},
    {"blockstore.s3.skip_verify_certificate_test_only", Boolean, false},
    {"blockstore.s3.server_side_encryption", Text, false},
    {"blockstore.s3.server_side_encryption_kms_key_id", Text, false},
    {"blockstore.s3.pre_signed_expiry", Duration, false},
    {"blockstore.s3.pre_signed_endpoint", Text, false},
    {"blockstore.s3.disable_pre_signed", Boolean, false},
    {"blockstore.s3.disable_pre_signed_ui", Boolean, false},
    {"blockstore.s3.disable_pre_signed_multipart", Boolean, false},
    {"blockstore.s3.client_log_retries", Boolean, false},
    {"blockstore.s3.client_log_request", Boolean, false},
    {"blockstore.s3.web_identity.session_duration", Duration, false},
    {"blockstore.s3.web_identity.session_expiry_window", Duration, false},
    {"blockstore.azure.storage_account", Text, false},
    {"blockstore.azure.storage_access_key", Text, true},
    {"blockstore.azure.try_timeout", Duration, false},
    {"blockstore.azure.pre_signed_expiry", Duration, false},
    {"blockstore.azure.disable_pre_signed", Boolean, false},
    {"blockstore.azure.disable_pre_signed_ui", Boolean, false},
    {"blockstore.azure.domain", Text, false},
    {"blockstore.azure.test_endpoint_url", Text, false},
    {"blockstore.azure.auth_method", Text, false},
    {"blockstore.azure.china_cloud", Boolean, false},
    {"blockstore.gs.s3_endpoint", Text, false},
    {"blockstore.gs.credentials_file", Text, false},
    {"blockstore.gs.credentials_json", Text, true},
    {"blockstore.gs.pre_signed_expiry", Duration, false},
    {"blockstore.gs.disable_pre_signed", Boolean, false},
    {"blockstore.gs.disable_pre_signed_ui", Boolean, false},
    {"blockstore.gs.server_side_encryption_customer_supplied", Text, true},
    {"blockstore.gs.server_side_encryption_kms_key_id", Text, false},
    {"blockstore.gs.data_credentials_file", Text, false},
    {"blockstore.gs.data_credentials_json", Text, true},
};

Option other_option(const Other& other) {
  Option option{.key = other.key, .type = other.type};
  option.text = "A parameter of a store that this version does not have.";
  option.support = Support::Ignored;
  option.is_secret = other.is_secret;
  return option;
}

std::vector<Option> blockstore() {
  return {
      {.key = "blockstore.type",
       .text = "Where objects live: in a local folder, or in memory for tests.",
       .choices = "local,mem,memory",
       .choices_unbuilt = "s3,gs,azure,transient",
       .is_required = true},
      {.key = "blockstore.signing.secret_key",
       .initial = "OVERRIDE_THIS_SIGNING_SECRET_DEFAULT",
       .text = "Signs the addresses that clients are given to upload to. The default, which "
               "everybody knows, stands for a key made from auth.encrypt.secret_key.",
       .is_secret = true},
      {.key = "blockstore.default_namespace_prefix",
       .text = "What the web interface suggests as the beginning of a storage namespace."},
      {.key = "blockstore.local.path",
       .initial = "~/lakefs/data/block",
       .text = "Folder of the local store.",
       .check = Check::Folder},
      {.key = "blockstore.local.import_enabled",
       .type = Boolean,
       .initial = "false",
       .text = "Whether objects outside the storage namespaces may be imported."},
      {.key = "blockstore.local.import_hidden",
       .type = Boolean,
       .initial = "false",
       .text = "Whether an import takes files whose name starts with a dot."},
      {.key = "blockstore.local.allowed_external_prefixes",
       .type = List,
       .text = "Folders outside the local store that full addresses may name."},
  };
}

}  // namespace

std::vector<Option> storage_options() {
  std::vector<Option> rows = database();
  for (const Other& other : OtherDatabases) rows.push_back(other_option(other));
  for (const Option& option : blockstore()) rows.push_back(option);
  for (const Other& other : OtherBlockstores) rows.push_back(other_option(other));
  return rows;
}

}  // namespace varve::server
