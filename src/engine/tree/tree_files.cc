#include "engine/tree/tree_files.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/core/lru_cache.h"
#include "engine/tree/byte_lru.h"
#include "engine/tree/tree.h"
#include "engine/tree/verified_ranges.h"
#include "format/metarange.h"
#include "format/range_trace.h"
#include "format/range_writer.h"
#include "format/table_reader.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"
#include "ports/object_types.h"

namespace varve::engine {

using base::Code;
using base::Context;
using base::Error;
using base::Result;
using base::Task;

namespace {

constexpr std::size_t LoadWaitersMax = 65536;  // of one file: every request a server may have
constexpr std::size_t ReadStepBytes = 4U << 20U;

// Of the budget, some is for metaranges and for decompressed blocks, which save time where a
// listing or look-ups come back; a little is for what is known of ranges that are not kept, for
// sixty times the budget. The rest is for the ranges themselves, or for their indexes: one that is
// not there has to be read.
constexpr std::uint64_t Shares = 32;
constexpr std::uint64_t SnapshotShares = 3;
constexpr std::uint64_t BlockShares = 4;
constexpr std::uint64_t ChecksumShares = 1;
constexpr std::uint64_t TraceShares = 1;
constexpr std::uint64_t RangeShares =
    Shares - SnapshotShares - BlockShares - ChecksumShares - TraceShares;

// An index takes some three times its file's octets once it was used.
constexpr std::size_t TailWeight = 3;

std::string tail_name(std::string_view range) { return std::string(range) + "/tail"; }

std::size_t bytes_of(const Snapshot& snapshot) {
  std::size_t bytes = sizeof(Snapshot);
  for (const model::RangeInfo& range : snapshot.ranges) {
    bytes += sizeof range + range.id.view().size() + range.min_key.size() + range.max_key.size();
  }
  return bytes;
}

SnapshotRef empty_snapshot() {
  static const SnapshotRef empty = std::make_shared<const Snapshot>();
  return empty;
}

Error wrong_bounds(const model::RangeInfo& range) {
  return {Code::Corruption, range.id.str() + ": not the keys its metarange says"};
}

// The first and the last key, which walks rely on.
Result<void> check_bounds(const format::Table& table, const model::RangeInfo& range) {
  format::TableCursor cursor = table.cursor(format::Table::Caching::Bypass);
  VARVE_CHECK(cursor.seek_first());
  if (!cursor.valid() || cursor.key() != range.min_key) return wrong_bounds(range);
  VARVE_CHECK(cursor.seek_ge(range.max_key));
  if (!cursor.valid() || cursor.key() != range.max_key) return wrong_bounds(range);
  VARVE_CHECK(cursor.next());
  if (cursor.valid()) return wrong_bounds(range);
  return {};
}

}  // namespace

class TreeFiles::Blocks final : public format::BlockCache {
 public:
  using Block = std::shared_ptr<const base::Bytes>;

  explicit Blocks(std::size_t bytes_max) : blocks_(bytes_max) {}

  Block find(std::uint64_t table, std::uint64_t offset) override {
    return blocks_.get(Key(table, offset).view());
  }
  void insert(std::uint64_t table, std::uint64_t offset, Block block) override {
    const std::size_t bytes = block->capacity() + Overhead;
    blocks_.put(Key(table, offset).view(), std::move(block), bytes);
  }

 private:
  static constexpr std::size_t Overhead = 200;  // of the cache's own nodes, about

  class Key {
   public:
    Key(std::uint64_t table, std::uint64_t offset) {
      std::memcpy(bytes_.data(), &table, sizeof table);
      std::memcpy(bytes_.data() + sizeof table, &offset, sizeof offset);
    }
    std::string_view view() const { return {bytes_.data(), bytes_.size()}; }

   private:
    std::array<char, 16> bytes_;
  };

  ByteLru<Block> blocks_;
};

TreeFiles::TreeFiles(Core& core)
    : core_(core),
      blocks_(std::make_unique<Blocks>(core.options.table_cache_bytes / Shares * BlockShares)),
      snapshots_(core.options.table_cache_bytes / Shares * SnapshotShares),
      ranges_(core.options.table_cache_bytes / Shares * RangeShares),
      verified_(core.rng, {core.options.table_cache_bytes / Shares * ChecksumShares,
                           core.options.table_cache_bytes / Shares * TraceShares}),
      loads_(LoadWaitersMax) {}

SnapshotRef TreeFiles::find_snapshot(const model::Repository& repository,
                                     const model::MetaRangeId& id) {
  if (id.empty()) return empty_snapshot();
  return snapshots_.get(CacheKey(repository.storage_namespace.view(), id.view()).view());
}

TableRef TreeFiles::find_table(const model::Repository& repository, const model::RangeId& id) {
  const KeptRef kept = ranges_.get(CacheKey(repository.storage_namespace.view(), id.view()).view());
  return kept == nullptr ? nullptr : kept->table;
}

bool TreeFiles::is_verified(const model::Repository& repository, const model::RangeId& id) {
  return verified_.find(CacheKey(repository.storage_namespace.view(), id.view()).view()) != nullptr;
}

void TreeFiles::forget(const model::Repository& repository, const model::RangeId& id) {
  const CacheKey key(repository.storage_namespace.view(), id.view());
  verified_.forget(key.view());
  ranges_.drop(tail_name(key.view()));
}

Error TreeFiles::broken(const model::Repository& repository, std::string_view id,
                        const Error& error) const {
  const auto address =
      metadata_address(core_.options, repository.storage_namespace, std::string(id));
  std::string text = "repository " + repository.id.str() + ": file " + address.str() + ": ";
  return {Code::Corruption, text + error.message()};
}

Task<Result<std::unique_ptr<ports::ObjectReader>>> TreeFiles::open_file(Context context,
                                                                        RepositoryRef repository,
                                                                        std::string id,
                                                                        std::string_view kind,
                                                                        ports::ByteRange range) {
  ports::ObjectAddress address = metadata_address(core_.options, repository->storage_namespace, id);
  auto reader = co_await core_.objects.get(std::move(context), std::move(address), range);
  // A name without its file is damage, not an answer: no caller may take it for an absent path.
  if (!reader.has_value() && reader.error().code() == Code::NotFound) {
    const Error missing(Code::NotFound, std::string(kind) + " not found: " + id);
    co_return broken(*repository, id, missing);
  }
  co_return reader;
}

Task<Result<base::Bytes>> TreeFiles::read_file(Context context, RepositoryRef repository,
                                               std::string id, std::string_view kind) {
  VARVE_CO_TRY(auto reader,
               co_await open_file(std::move(context), repository, id, kind, ports::ByteRange()));
  const auto size = static_cast<std::size_t>(std::max<std::int64_t>(reader->info().size, 0));
  base::Bytes bytes;
  for (;;) {
    VARVE_CO_TRY(base::Bytes step, co_await reader->read(std::max(size, ReadStepBytes)));
    if (step.empty()) break;
    if (bytes.empty()) {
      bytes = std::move(step);
    } else {
      bytes.append(step);
    }
    if (bytes.size() >= model::TableFileBytesMax) {
      const Error large(Code::Corruption, std::string(kind) + " too large: " + id);
      co_return broken(*repository, id, large);
    }
  }
  co_return bytes;
}

Task<Result<SnapshotRef>> TreeFiles::snapshot(Context context, RepositoryRef repository,
                                              model::MetaRangeId id) {
  if (SnapshotRef known = find_snapshot(*repository, id)) co_return known;
  const CacheKey key(repository->storage_namespace.view(), id.view());
  VARVE_CO_TRY(auto guard, co_await loads_.lock(context, std::string(key.view())));
  if (SnapshotRef known = find_snapshot(*repository, id)) co_return known;
  VARVE_CO_TRY(base::Bytes bytes,
               co_await read_file(std::move(context), repository, id.str(), "metarange"));
  auto decoded = format::decode_metarange(bytes);
  if (!decoded.has_value()) co_return broken(*repository, id.view(), decoded.error());
  const auto verified = format::verify_metarange_id(id, bytes);
  if (!verified.has_value()) co_return broken(*repository, id.view(), verified.error());
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->id = std::move(id);
  snapshot->ranges = *std::move(decoded);
  SnapshotRef result = std::move(snapshot);
  snapshots_.put(key.view(), result, bytes_of(*result));
  co_return result;
}

format::TableOptions TreeFiles::table_options(const model::RangeId& id) {
  format::TableOptions options;
  options.name = id.str();
  options.cache = blocks_.get();
  options.cache_number = tables_opened_.fetch_add(1, std::memory_order_relaxed);
  return options;
}

Result<TableRef> TreeFiles::parse_range(const model::RangeInfo& range, std::string_view key,
                                        base::Bytes bytes) {
  const base::SharedBytes file(std::move(bytes));
  format::TableOptions options = table_options(range.id);
  const VerifiedRangeRef known = verified_.find(key);
  if (known != nullptr && verified_.is_same(*known, {file, 0})) {
    options.trace = verified_.find_trace(key);
  } else {
    VARVE_TRY(const TableRef unverified, format::Table::open(file, options));
    VARVE_TRY(options.trace, format::trace_range(range.id, *unverified, range_params()));
    verified_.forget(key);
    verified_.remember(key, file.view, unverified->metadata_offset(), options.trace);
  }
  VARVE_TRY(TableRef table, format::Table::open(file, std::move(options)));
  VARVE_CHECK(check_bounds(*table, range));
  return table;
}

Task<Result<TableRef>> TreeFiles::table(Context context, RepositoryRef repository,
                                        model::RangeInfo range) {
  if (TableRef known = find_table(*repository, range.id)) co_return known;
  const CacheKey key(repository->storage_namespace.view(), range.id.view());
  VARVE_CO_TRY(auto guard, co_await loads_.lock(context, std::string(key.view())));
  if (TableRef known = find_table(*repository, range.id)) co_return known;
  VARVE_CO_TRY(base::Bytes bytes,
               co_await read_file(std::move(context), repository, range.id.str(), "range"));
  Result<TableRef> parsed = TableRef();
  if (bytes.size() <= InlineBytesMax) {
    parsed = parse_range(range, key.view(), std::move(bytes));
  } else {
    auto job = [this, &range, &key, &bytes] {
      return parse_range(range, key.view(), std::move(bytes));
    };
    parsed = co_await core_.offload.run(std::move(job));
  }
  if (!parsed.has_value()) {
    if (parsed.error().code() != Code::Corruption) co_return parsed;
    co_return broken(*repository, range.id.view(), parsed.error());
  }
  keep(key.view(), *parsed);
  co_return parsed;
}

void TreeFiles::keep(std::string_view key, TableRef table) {
  const std::size_t bytes = table->memory_bytes();
  auto kept = std::make_shared<Kept>();
  kept->table = std::move(table);
  ranges_.put(key, std::move(kept), bytes);
}

Task<Result<std::optional<format::TableWindow>>> TreeFiles::read_pieces(
    Context context, RepositoryRef repository, model::RangeId id, VerifiedRangeRef verified,
    format::TableStretch stretch) {
  using Pieces = std::optional<format::TableWindow>;
  const ports::ByteRange wanted{static_cast<std::int64_t>(stretch.offset),
                                static_cast<std::int64_t>(stretch.size)};
  auto reader = co_await open_file(std::move(context), repository, id.str(), "range", wanted);
  bool is_cut = !reader.has_value() && reader.error().code() == Code::InvalidArgument;
  if (!reader.has_value() && !is_cut) co_return std::move(reader).error();
  is_cut = is_cut || std::cmp_not_equal((*reader)->info().size, verified->file_bytes);
  base::Bytes bytes;
  while (!is_cut && bytes.size() < stretch.size) {
    VARVE_CO_TRY(base::Bytes step, co_await (*reader)->read(stretch.size - bytes.size()));
    if (step.empty()) break;
    bytes += step;
  }
  const format::TableWindow pieces{std::move(bytes), stretch.offset};
  bool is_same = false;
  auto compare = [this, &verified, &pieces, &stretch, &is_same] {
    is_same = pieces.bytes.view.size() == stretch.size && verified_.is_same(*verified, pieces);
  };
  if (stretch.size <= InlineBytesMax) {
    compare();
  } else {
    VARVE_CO_CHECK(co_await core_.offload.run(std::move(compare)));
  }
  if (is_same) co_return Pieces(pieces);
  // Damaged, or the same range in another file: who loads the whole will see.
  forget(*repository, id);
  co_return Pieces();
}

Task<Result<TreeFiles::KeptRef>> TreeFiles::tail(Context context, RepositoryRef repository,
                                                 model::RangeId id) {
  const CacheKey key(repository->storage_namespace.view(), id.view());
  const std::string name = tail_name(key.view());
  if (KeptRef known = ranges_.get(name)) co_return known;
  if (verified_.find(key.view()) == nullptr) co_return KeptRef();
  VARVE_CO_TRY(auto guard, co_await loads_.lock(context, name));
  if (KeptRef known = ranges_.get(name)) co_return known;
  VerifiedRangeRef verified = verified_.find(key.view());
  if (verified == nullptr) co_return KeptRef();
  const std::uint64_t metadata_bytes = verified->file_bytes - verified->metadata_offset;
  const format::TableStretch stretch =
      verified->pieces_around({verified->metadata_offset, metadata_bytes});
  VARVE_CO_TRY(auto pieces,
               co_await read_pieces(std::move(context), repository, id, verified, stretch));
  if (!pieces.has_value()) co_return KeptRef();
  auto table = format::Table::open_tail(*std::move(pieces), table_options(id));
  if (!table.has_value()) co_return broken(*repository, id.view(), table.error());
  const std::size_t bytes = (*table)->memory_bytes() * TailWeight;
  auto kept = std::make_shared<Kept>();
  kept->table = *std::move(table);
  kept->verified = std::move(verified);
  ranges_.put(name, kept, bytes);
  co_return kept;
}

Task<Result<std::optional<format::TableCursor>>> TreeFiles::cursor_near(Context context,
                                                                        RepositoryRef repository,
                                                                        model::RangeInfo range,
                                                                        std::string path,
                                                                        std::uint64_t bytes) {
  using Near = std::optional<format::TableCursor>;
  VARVE_CO_TRY(const KeptRef kept, co_await tail(context, repository, range.id));
  if (kept == nullptr) co_return Near();
  const auto block = kept->table->block_reaching(path);
  if (!block.has_value()) co_return broken(*repository, range.id.view(), block.error());
  if (!block->has_value()) co_return kept->table->cursor(format::TableWindow());  // all are below
  const format::TableStretch stretch = kept->verified->pieces_around(
      {(*block)->offset, std::max<std::uint64_t>((*block)->size, bytes)});
  // Reading pieces and then the whole costs at most twice what the better of the two does.
  if (kept->bytes_read.fetch_add(stretch.size) >= kept->verified->file_bytes) {
    kept->bytes_read = 0;
    co_return Near();
  }
  VARVE_CO_TRY(auto pieces, co_await read_pieces(std::move(context), std::move(repository),
                                                 range.id, kept->verified, stretch));
  if (!pieces.has_value()) co_return Near();
  co_return kept->table->cursor(*std::move(pieces));
}

Task<Result<void>> TreeFiles::write_file(Context context, RepositoryRef repository, std::string id,
                                         base::SharedBytes file) {
  const ports::ObjectAddress address =
      metadata_address(core_.options, repository->storage_namespace, id);
  auto put = co_await core_.objects.put_bytes(context, address, file, ports::PutMode::IfAbsent);
  if (!put.has_value() && put.error().code() == Code::OutcomeUnknown) {
    put = co_await core_.objects.put_bytes(std::move(context), address, std::move(file),
                                           ports::PutMode::IfAbsent);
  }
  // The name is the content: a file that is there is this file, whole.
  if (!put.has_value() && put.error().code() != Code::AlreadyExists) {
    co_return std::move(put).error();
  }
  co_return Result<void>();
}

Task<Result<void>> TreeFiles::store_range(Context context, RepositoryRef repository,
                                          format::EncodedRange range) {
  const base::SharedBytes file(std::move(range.bytes));
  const CacheKey key(repository->storage_namespace.view(), range.info.id.view());
  format::TableOptions options = table_options(range.info.id);
  options.trace = range.trace;
  VARVE_CO_TRY(TableRef table, format::Table::open(file, std::move(options)));
  auto remember = [this, &key, &file, &table, &range] {
    verified_.remember(key.view(), file.view, table->metadata_offset(), std::move(range.trace));
  };
  if (file.view.size() <= InlineBytesMax) {
    remember();
  } else {
    VARVE_CO_CHECK(co_await core_.offload.run(std::move(remember)));
  }
  VARVE_CO_CHECK(co_await write_file(std::move(context), repository, range.info.id.str(), file));
  keep(key.view(), std::move(table));
  co_return Result<void>();
}

Task<Result<SnapshotRef>> TreeFiles::store_snapshot(Context context, RepositoryRef repository,
                                                    std::vector<model::RangeInfo> ranges) {
  auto encoded = format::encode_metarange(ranges);
  // Ranges that overlap come from damaged trees, never from a request.
  if (!encoded.has_value()) co_return Error(Code::Internal, encoded.error().message());
  const base::SharedBytes file(std::move(encoded->bytes));
  VARVE_CO_CHECK(co_await write_file(std::move(context), repository, encoded->id.str(), file));
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->id = std::move(encoded->id);
  snapshot->ranges = std::move(ranges);
  SnapshotRef result = std::move(snapshot);
  const CacheKey key(repository->storage_namespace.view(), result->id.view());
  snapshots_.put(key.view(), result, bytes_of(*result));
  co_return result;
}

format::RangeParams TreeFiles::range_params() const {
  format::RangeParams params;
  params.bytes_min = core_.options.range_bytes_min;
  params.bytes_max = core_.options.range_bytes_max;
  params.raggedness = core_.options.range_raggedness;
  return params;
}

}  // namespace varve::engine
