#include "adapters/kv_rocksdb/log_check.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/status.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "adapters/kv_rocksdb/status.h"
#include "base/hash.h"
#include "base/result.h"

namespace varve::adapters {

using base::Code;
using base::Error;
using base::Result;

namespace {

constexpr std::size_t BlockBytes = 32768;
constexpr std::size_t HeaderBytes = 7;
constexpr std::size_t WriteHeadBytes = 12;
constexpr std::string_view LogSuffix = ".log";

enum PartType : std::uint8_t { Whole = 1, First = 2, Middle = 3, Last = 4 };

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = (value << 8U) | static_cast<std::uint8_t>(bytes[i]);
  }
  return value;
}

// As stored: a checksum of bytes that hold checksums is weak, so it is rotated and moved.
std::uint32_t masked(std::uint32_t crc) {
  constexpr std::uint32_t Delta = 0xa282ead8;
  return ((crc >> 15U) | (crc << 17U)) + Delta;
}

// The record at the beginning of `block`; nullopt: there is none, or it is damaged.
std::optional<std::string_view> record_at(std::string_view block) {
  if (block.size() < HeaderBytes) return std::nullopt;
  const std::uint64_t size = HeaderBytes + little_endian(block.substr(4, 2));
  const auto type = static_cast<std::uint8_t>(block[6]);
  if (type < Whole || type > Last || size > block.size()) return std::nullopt;
  const std::string_view record = block.substr(0, size);
  if (masked(base::crc32c(record.substr(6))) != little_endian(record.substr(0, 4))) {
    return std::nullopt;
  }
  return record;
}

bool is_empty(std::string_view bytes) {
  return std::ranges::all_of(bytes, [](char byte) { return byte == '\0'; });
}

// (number, name) of each log in the folder, in order.
Result<std::vector<std::pair<std::uint64_t, std::string>>> logs_of(rocksdb::Env* env,
                                                                   const std::string& path) {
  std::vector<std::string> names;
  const rocksdb::Status status = env->GetChildren(path, &names);
  if (!status.ok()) return open_error(status, path);
  std::vector<std::pair<std::uint64_t, std::string>> logs;
  for (const std::string& name : names) {
    if (!name.ends_with(LogSuffix)) continue;
    const char* const end = name.data() + name.size() - LogSuffix.size();
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(name.data(), end, number);
    if (parsed.ec == std::errc() && parsed.ptr == end) logs.emplace_back(number, name);
  }
  std::ranges::sort(logs);
  return logs;
}

}  // namespace

void LogReader::add(std::string_view log, const std::string& name) {
  name_ = name;
  is_in_write_ = false;
  for (std::size_t begin = 0; begin < log.size(); begin += BlockBytes) {
    const std::string_view block = log.substr(begin, BlockBytes);
    std::size_t at = 0;
    while (at < block.size()) {
      if (const auto record = record_at(block.substr(at))) {
        add_part(static_cast<std::uint8_t>((*record)[6]), record->substr(HeaderBytes));
        at += record->size();
        continue;
      }
      const bool is_end_of_block = at > 0 && BlockBytes - at < HeaderBytes;
      if (is_end_of_block && is_empty(block.substr(at))) break;
      add_damage(begin + at);
      // A length may be what is damaged, so the next record may begin anywhere.
      do {
        ++at;
      } while (at < block.size() && !record_at(block.substr(at)));
    }
  }
  if (is_in_write_) add_damage(log.size());
}

void LogReader::add_part(std::uint8_t type, std::string_view part) {
  const bool begins = type == Whole || type == First;
  if (begins == is_in_write_) {  // a write within a write, or the rest of none
    add_damage(0);
    if (!begins) return;
  }
  if (begins) head_.clear();
  if (head_.size() < WriteHeadBytes) head_.append(part.substr(0, WriteHeadBytes - head_.size()));
  is_in_write_ = type == First || type == Middle;
  if (!is_in_write_) add_write(head_);
}

void LogReader::add_write(std::string_view head) {
  if (head.size() < WriteHeadBytes) return;
  const std::uint64_t first = little_endian(head.substr(0, 8));
  const std::uint64_t count = little_endian(head.substr(8, 4));
  if (last_sequence_ != 0 && first > last_sequence_ + 1 && !damage_) damage_ = name_;
  if (damage_ && !gap_) gap_ = *damage_;
  if (count > 0) last_sequence_ = std::max(last_sequence_, first + count - 1);
}

void LogReader::add_damage(std::size_t offset) {
  is_in_write_ = false;
  if (!damage_) damage_ = name_ + " at byte " + std::to_string(offset);
}

Result<void> check_logs(const rocksdb::Options& options, const std::string& path) {
  if (!options.env->FileExists(path + "/CURRENT").ok()) return {};
  VARVE_TRY(const auto logs, logs_of(options.env, path));
  LogReader reader;
  std::string content;
  for (const auto& [number, name] : logs) {
    const rocksdb::Status read =
        rocksdb::ReadFileToString(options.env, path + "/" + name, &content);
    if (!read.ok()) return open_error(read, path);
    reader.add(content, name);
  }
  if (!reader.gap()) return {};
  // The unfinished write of a crash, or of a full disk, is followed by a later log; and a damaged
  // log may be one whose writes have long been moved to tables. Only RocksDB knows what it would
  // drop.
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status = rocksdb::DB::OpenForReadOnly(options, path, &opened);
  if (!status.ok()) return open_error(status, path);
  const std::unique_ptr<rocksdb::DB> db(opened);
  if (db->GetLatestSequenceNumber() >= reader.last_sequence()) return {};
  return Error(Code::Corruption,
               "log " + *reader.gap() + " is damaged: the writes that follow cannot be replayed")
      .with("key-value store in '" + path + "'");
}

}  // namespace varve::adapters
