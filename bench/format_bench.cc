// How fast are ranges written and read? Prints one line a question: name, figure, unit.
//
// Records look like a lake's: hive-style paths, 32-byte identities, entries of about 130 bytes. The
// budget behind it: a commit of 100,000 objects in 60 ms on two cores, so at most 1.2 us a record.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/rng.h"
#include "format/catalog.h"
#include "format/identity.h"
#include "format/range_writer.h"
#include "format/snappy.h"
#include "format/table_reader.h"

namespace varve {
namespace {

constexpr int Records = 100000;

struct Record {
  std::string key;
  base::Bytes identity;
  base::Bytes data;
};

std::vector<Record> make_records() {
  std::vector<Record> records;
  base::SeededRng rng(1);
  for (int i = 0; i < Records; ++i) {
    char path[96];
    std::snprintf(path, sizeof(path), "sensor=acc/subject=%05d/day=%03d/part-%06d.parquet", i / 997,
                  i % 997 / 5, i);
    model::Entry entry;
    entry.address = "data/gbsm2o3oct7kso9qtqsg/" + base::hex_encode(rng.bytes(10));
    entry.etag = base::hex_encode(rng.bytes(16));
    entry.size = static_cast<std::int64_t>(rng.below(1U << 24U));
    entry.last_modified = {1700000000, static_cast<std::int32_t>(rng.below(1000000000))};
    entry.content_type = "application/octet-stream";
    Record record;
    record.key = path;
    record.identity = format::entry_identity(entry).str();
    record.data = *format::encode_entry(entry);
    records.push_back(std::move(record));
  }
  return records;
}

void report(const char* what, std::chrono::steady_clock::time_point start, double operations) {
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
  std::printf("%-36s %10.3f us/op %14.0f op/s\n", what, took.count() / operations,
              operations * 1e6 / took.count());
}

auto now() { return std::chrono::steady_clock::now(); }

std::vector<base::Bytes> bench_write(const std::vector<Record>& records) {
  std::vector<base::Bytes> files;
  const auto start = now();
  format::RangeWriter writer;
  for (const Record& record : records) {
    if (!writer.add(record.key, record.identity, record.data).has_value()) return {};
    if (writer.should_break()) {
      files.push_back(writer.finish().bytes);
      writer = format::RangeWriter();
    }
  }
  if (!writer.empty()) files.push_back(writer.finish().bytes);
  report("write ranges, per record", start, Records);
  return files;
}

// A commit's work: every range copied with one record in `every` replaced.
void bench_copy(const std::vector<base::Bytes>& files, int every, const char* what) {
  const auto start = now();
  for (const base::Bytes& file : files) {
    const auto table = *format::Table::open(base::SharedBytes(file, nullptr), {});
    format::TableCursor source = table->cursor();
    format::TableCursor edits = table->cursor();
    format::RangeWriter writer({0, 1U << 30U, 1ULL << 62U});
    bool good = source.seek_first().has_value() && edits.seek_first().has_value();
    while (good && edits.valid()) {
      for (int i = 0; i < every && edits.valid(); ++i) good = edits.next().has_value();
      if (!edits.valid()) break;
      good = writer.copy_from(source, edits.key()).has_value() && source.next().has_value() &&
             writer.add(edits.key(), std::string(32, 'i'), edits.framed()->data).has_value();
    }
    if (!good || !writer.copy_from(source, std::nullopt).has_value()) return;
    (void)writer.finish();
  }
  report(what, start, Records);
}

// The smallest cache that is one: what a look-up costs once its block is decompressed.
class MapCache final : public format::BlockCache {
 public:
  std::shared_ptr<const base::Bytes> find(std::uint64_t table, std::uint64_t offset) override {
    const std::lock_guard lock(mutex_);
    const auto found = blocks_.find({table, offset});
    return found == blocks_.end() ? nullptr : found->second;
  }
  void insert(std::uint64_t table, std::uint64_t offset,
              std::shared_ptr<const base::Bytes> block) override {
    const std::lock_guard lock(mutex_);
    blocks_[{table, offset}] = std::move(block);
  }

 private:
  std::mutex mutex_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::shared_ptr<const base::Bytes>> blocks_;
};

void bench_scan(const std::vector<base::Bytes>& files) {
  const auto start = now();
  std::size_t octets = 0;
  for (const base::Bytes& file : files) {
    const auto table = *format::Table::open(base::SharedBytes(file, nullptr), {});
    format::TableCursor cursor = table->cursor();
    for (bool good = cursor.seek_first().has_value(); good && cursor.valid();
         good = cursor.next().has_value()) {
      octets += cursor.framed()->data.size();
    }
  }
  report(octets > 0 ? "scan, per record" : "scan failed", start, Records);
}

void bench_get(const std::vector<Record>& records, const std::vector<base::Bytes>& files,
               format::BlockCache* cache, const char* what) {
  std::vector<std::shared_ptr<const format::Table>> tables;
  for (const base::Bytes& file : files) {
    format::TableOptions options;
    options.cache = cache;
    options.cache_number = tables.size();
    tables.push_back(*format::Table::open(base::SharedBytes(file, nullptr), options));
  }
  base::SeededRng rng(2);
  constexpr int LookUps = 200000;
  int found = 0;
  for (int round = 0; round < 2; ++round) {  // the first warms up
    const auto start = now();
    for (int i = 0; i < LookUps; ++i) {
      const Record& record = records[rng.below(Records)];
      found += (*tables.back()->get(record.key)).has_value() ? 1 : 0;
    }
    if (round == 1) report(what, start, LookUps);
  }
  if (found == 0) std::printf("nothing found\n");
}

void bench_snappy(const std::vector<Record>& records) {
  std::string block;
  for (const Record& record : records) {
    block += record.key + record.identity + record.data;
    if (block.size() > 4000) break;
  }
  format::SnappyEncoder encoder;
  base::Bytes compressed;
  base::Bytes raw;
  constexpr int Rounds = 20000;
  auto start = now();
  for (int i = 0; i < Rounds; ++i) encoder.compress(block, compressed);
  report("compress a 4 KiB block", start, Rounds);
  start = now();
  for (int i = 0; i < Rounds; ++i) (void)format::snappy_decompress(compressed, 1U << 20U, raw);
  report("decompress a 4 KiB block", start, Rounds);
}

void bench_entries(const std::vector<Record>& records) {
  auto start = now();
  std::size_t octets = 0;
  for (const Record& record : records) octets += format::decode_entry(record.data)->etag.size();
  report("decode an entry", start, Records);
  start = now();
  for (const Record& record : records) octets += format::view_entry(record.data)->etag.size();
  report(octets > 0 ? "view an entry" : "view failed", start, Records);
  const model::Entry entry = *format::decode_entry(records.front().data);
  start = now();
  for (int i = 0; i < Records; ++i) octets += format::encode_entry(entry)->size();
  report("encode an entry", start, Records);
  start = now();
  for (int i = 0; i < Records; ++i) octets += format::entry_identity(entry).view().size();
  report(octets > 0 ? "identity of an entry" : "failed", start, Records);
}

void run() {
  const std::vector<Record> records = make_records();
  (void)bench_write(records);
  const std::vector<base::Bytes> files = bench_write(records);
  bench_scan(files);
  bench_copy(files, 10, "copy, 1 in 10 replaced, per record");
  bench_copy(files, 500, "copy, 1 in 500 replaced, per record");
  bench_copy(files, Records, "copy, per record");
  bench_get(records, files, nullptr, "look-up, decompressing");
  MapCache cache;
  bench_get(records, files, &cache, "look-up, block in cache");
  bench_snappy(records);
  bench_entries(records);
}

}  // namespace
}  // namespace varve

int main() { varve::run(); }
