#include <string_view>
#include <vector>

#include "server/option.h"
#include "server/option_tables.h"

namespace varve::server {
namespace {

using enum OptionType;
constexpr std::string_view CacheText =
    "Varve keeps parsed ranges in memory and needs no disk cache.";

std::vector<Option> committed() {
  return {
      {.key = "committed.block_storage_prefix",
       .initial = "_lakefs",
       .text = "Folder of a storage namespace that keeps ranges, metaranges and dumps."},
      {.key = "committed.permanent.min_range_size_bytes",
       .type = Integer,
       .initial = "0",
       .unit = "bytes",
       .text = "A range is not split below this size.",
       .check = Check::NotNegative},
      {.key = "committed.permanent.max_range_size_bytes",
       .type = Integer,
       .initial = "20971520",
       .unit = "bytes",
       .text = "A range is split at this size.",
       .check = Check::Positive},
      {.key = "committed.permanent.range_raggedness_entries",
       .type = Real,
       .initial = "50000",
       .unit = "entries",
       .text = "Mean number of entries between two places where a range may be split.",
       .check = Check::Positive},
      {.key = "committed.sstable.memory.cache_size_bytes",
       .type = Integer,
       .initial = "67108864",
       .unit = "bytes",
       .text =
           "Memory for parsed ranges and metaranges that are kept open. Of ranges beyond it, reads "
           "fetch the pieces they need.",
       .check = Check::NotNegative},
      {.key = "committed.local_cache.size_bytes",
       .type = Integer,
       .initial = "1073741824",
       .unit = "bytes",
       .text = CacheText,
       .support = Support::Ignored},
      {.key = "committed.local_cache.dir",
       .initial = "~/lakefs/data/cache",
       .text = CacheText,
       .support = Support::Ignored},
      {.key = "committed.local_cache.max_uploaders_per_writer",
       .type = Integer,
       .initial = "10",
       .text = CacheText,
       .support = Support::Ignored},
      {.key = "committed.local_cache.range_proportion",
       .type = Real,
       .initial = "0.9",
       .text = CacheText,
       .check = Check::Fraction,
       .support = Support::Ignored},
      {.key = "committed.local_cache.metarange_proportion",
       .type = Real,
       .initial = "0.1",
       .text = CacheText,
       .check = Check::Fraction,
       .support = Support::Ignored},
  };
}

Option ignored(std::string_view key, OptionType type, std::string_view initial,
               std::string_view text) {
  return {.key = key, .type = type, .initial = initial, .text = text, .support = Support::Ignored};
}

std::vector<Option> versioning() {
  constexpr std::string_view Cache = "A cache of lakeFS; Varve's sizes itself.";
  constexpr std::string_view Owner = "Varve queues writers of a branch instead of leasing it.";
  return {
      {.key = "graveler.ensure_readable_root_namespace",
       .type = Boolean,
       .initial = "true",
       .text = "Check that the storage namespace can be written when a repository is created."},
      ignored("graveler.batch_dbio_transaction_markers", Boolean, "false", "A trace of lakeFS."),
      ignored("graveler.compaction_sensor_threshold", Integer, "0",
              "Varve's listings do not slow down with staged deletes."),
      {.key = "graveler.repository_cache.size",
       .type = Integer,
       .initial = "1000",
       .unit = "repositories",
       .text = "Repository records kept in memory.",
       .check = Check::NotNegative},
      ignored("graveler.repository_cache.expiry", Duration, "5s", Cache),
      ignored("graveler.repository_cache.jitter", Duration, "2s", Cache),
      {.key = "graveler.commit_cache.size",
       .type = Integer,
       .initial = "50000",
       .unit = "commits",
       .text = "Commit records kept in memory.",
       .check = Check::NotNegative},
      ignored("graveler.commit_cache.expiry", Duration, "10m", Cache),
      ignored("graveler.commit_cache.jitter", Duration, "2s", Cache),
      ignored("graveler.background.rate_limit", Integer, "0",
              "Key-value operations a second for clean-up work."),
      ignored("graveler.max_batch_delay", Duration, "3ms",
              "Varve does not wait to merge identical reads."),
      ignored("graveler.branch_ownership.enabled", Boolean, "false", Owner),
      ignored("graveler.branch_ownership.refresh", Duration, "400ms", Owner),
      ignored("graveler.branch_ownership.acquire", Duration, "150ms", Owner),
      ignored("ugc.prepare_max_file_size", Integer, "20971520",
              "Size of the listings that uncommitted garbage collection prepares."),
      ignored("ugc.prepare_interval", Duration, "1m",
              "Time slice of one prepare call of uncommitted garbage collection."),
  };
}

std::vector<Option> gateways() {
  return {
      {.key = "gateways.s3.domain_name",
       .type = List,
       .initial = "s3.local.lakefs.io",
       .text = "Hosts that mean S3, by themselves and in front of them a bucket (bucket.host).",
       .check = Check::HostNames},
      {.key = "gateways.s3.region",
       .initial = "us-east-1",
       .text = "The region that S3 answers report."},
      {.key = "gateways.s3.fallback_url",
       .text = "Where requests for unknown buckets would be passed on to.",
       .support = Support::Unbuilt},
      {.key = "gateways.s3.verify_unsupported",
       .type = Boolean,
       .initial = "true",
       .text = "Refuse sub-resources that are known and not supported, instead of ignoring them."},
      {.key = "gateways.s3.trusted_proxies",
       .type = List,
       .text = "Addresses of proxies that are believed: X-Forwarded-Host as the host that was "
               "signed, X-Forwarded-For as the client of a log line."},
      {.key = "gateways.s3.create_bucket_namespace",
       .text =
           "With local://prefix, creating a bucket makes a repository at local://prefix/bucket."},
      {.key = "gateways.s3.cors_origins",
       .type = List,
       .text = "Origins whose pages may call S3 from a browser; * for all."},
  };
}

std::vector<Option> actions() {
  constexpr std::string_view Text = "Hooks; this version runs none.";
  return {
      ignored("actions.enabled", Boolean, "true", Text),
      ignored("actions.lua.net_http_enabled", Boolean, "false", Text),
      ignored("actions.env.enabled", Boolean, "true", Text),
      ignored("actions.env.prefix", OptionType::Text, "LAKEFSACTION_", Text),
  };
}

}  // namespace

std::vector<Option> engine_options() {
  std::vector<Option> rows = committed();
  for (const auto& part : {versioning(), gateways(), actions()}) {
    rows.insert(rows.end(), part.begin(), part.end());
  }
  return rows;
}

}  // namespace varve::server
