#include "adapters/kv_rocksdb/status.h"

#include <string>
#include <utility>

#include "base/result.h"
#include "model/errors.h"

namespace varve::adapters {

using base::Code;
using base::Error;
using model::Detail;

namespace {

Error storage_full(std::string text) {
  return model::make_error(Code::ResourceExhausted, Detail::StorageFull, std::move(text))
      .with("no space left in the key-value store");
}

// The log record was not written whole, so replaying the log cannot find it. RocksDB has no code
// for this; its POSIX layer says so in these words, and a status in any other words only makes the
// answer "unknown", which is always true.
bool says_not_appended(const rocksdb::Status& status) {
  return status.ToString().find("While appending to file") != std::string::npos;
}

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

Error read_error(const rocksdb::Status& status) {
  const Code code = status.IsCorruption() ? Code::Corruption : Code::Unavailable;
  return Error(code, status.ToString()).with("key-value store");
}

Error write_error(const rocksdb::Status& status) {
  if (status.IsNoSpace() && says_not_appended(status)) return storage_full(status.ToString());
  // It waited for background work, which has stopped for want of space.
  if (status.IsIncomplete()) return storage_full(status.ToString());
  return Error(Code::OutcomeUnknown, status.ToString()).with("key-value store");
}

Error refused_error(const rocksdb::Status& status) {
  if (status.IsNoSpace()) return storage_full(status.ToString());
  return Error(Code::Unavailable, status.ToString()).with("key-value store");
}

Error open_error(const rocksdb::Status& status, const std::string& path) {
  const std::string text = status.ToString();
  if (contains(text, "lock file") || contains(text, "lock hold by current process")) {
    return {Code::Unavailable, "folder '" + path + "' is in use by another process: " + text};
  }
  const std::string where = "key-value store in '" + path + "'";
  if (status.IsNoSpace()) return storage_full(text).with(where);
  if (status.IsCorruption()) return Error(Code::Corruption, text).with(where);
  if (contains(text, "Permission denied")) return Error(Code::PermissionDenied, text).with(where);
  // A file that is missing or cannot be read; only "in use" is worth waiting for.
  return Error(Code::Corruption, text).with(where);
}

}  // namespace varve::adapters
