// Log: one line an event, a stable text with fields.
//
//   log.info("head moved", {{"repo", id.view()}, {"to", commit.view()}});
//
// JSON:  {"time":"2026-03-01T10:20:30.123Z","level":"info","msg":"head moved","repo":"x","to":"ab"}
// text:  time=2026-03-01T10:20:30.123Z level=info msg="head moved" repo=x to=ab
//
// Any thread may log; lines are whole. A Log is a handle: copies write to the same outputs. The one
// made by default writes nothing.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace varve::base {

enum class LogLevel : std::uint8_t { Trace, Debug, Info, Warn, Error, Off };
enum class LogFormat : std::uint8_t { Text, Json };

struct LogOptions {
  LogLevel level = LogLevel::Info;
  LogFormat format = LogFormat::Text;
  std::vector<std::string> outputs = {"="};    // "-" stdout, "=" stderr, else a file
  std::size_t file_bytes_max = 100ULL << 30U;  // a file that has grown this long is rotated
  std::size_t files_kept = 100;                // rotated files
};

// A key and a value for the length of one call; it owns nothing.
class LogField {
 public:
  enum class Kind : std::uint8_t { Text, Integer, Unsigned, Real, Boolean };

  LogField(std::string_view key, std::string_view value)
      : key_(key), kind_(Kind::Text), text_(value) {}
  LogField(std::string_view key, const std::string& value)
      : LogField(key, std::string_view(value)) {}
  LogField(std::string_view key, const char* value) : LogField(key, std::string_view(value)) {}
  LogField(std::string_view key, bool value) : key_(key), kind_(Kind::Boolean), integer_(value) {}
  template <std::signed_integral T>
  LogField(std::string_view key, T value) : key_(key), kind_(Kind::Integer), integer_(value) {}
  template <std::unsigned_integral T>
  LogField(std::string_view key, T value) : key_(key), kind_(Kind::Unsigned), unsigned_(value) {}
  LogField(std::string_view key, double value) : key_(key), kind_(Kind::Real), real_(value) {}
  template <class T>
  LogField(std::string_view, const Secret<T>&) = delete;

  void append_json(std::string& out) const;    // "key":value
  void append_logfmt(std::string& out) const;  // key=value

 private:
  void append_number(std::string& out) const;

  std::string_view key_;
  Kind kind_;
  std::string_view text_;
  union {
    std::int64_t integer_ = 0;
    std::uint64_t unsigned_;
    double real_;
  };
};

class Log {
 public:
  using Fields = std::initializer_list<LogField>;

  Log() = default;  // discards everything

  // InvalidArgument: an output that cannot be opened.
  static Result<Log> open(LogOptions options);

  bool is_on(LogLevel level) const;
  void write(LogLevel level, std::string_view event, Fields fields) const;

  void trace(std::string_view event, Fields f = {}) const { write(LogLevel::Trace, event, f); }
  void debug(std::string_view event, Fields f = {}) const { write(LogLevel::Debug, event, f); }
  void info(std::string_view event, Fields f = {}) const { write(LogLevel::Info, event, f); }
  void warn(std::string_view event, Fields f = {}) const { write(LogLevel::Warn, event, f); }
  void error(std::string_view event, Fields f = {}) const { write(LogLevel::Error, event, f); }

 private:
  struct Impl;
  explicit Log(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

  // Shared by every copy of the handle, wherever components keep theirs; the last one closes it.
  std::shared_ptr<Impl> impl_;
};

}  // namespace varve::base
