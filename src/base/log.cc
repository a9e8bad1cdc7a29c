#include "base/log.h"

#include <fmt/core.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <exception>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/utf8.h"

namespace varve::base {
namespace {

// spdlog refuses to count further than this.
constexpr std::size_t FilesKeptMax = 200000;

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::Trace:
      return spdlog::level::trace;
    case LogLevel::Debug:
      return spdlog::level::debug;
    case LogLevel::Info:
      return spdlog::level::info;
    case LogLevel::Warn:
      return spdlog::level::warn;
    case LogLevel::Error:
      return spdlog::level::err;
    case LogLevel::Off:
      return spdlog::level::off;
  }
  return spdlog::level::off;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// Bytes that are no text are shown one by one: a log line is read by machines, so it is always
// valid UTF-8 and, if JSON, valid JSON.
void append_quoted(std::string& out, std::string_view text) {
  const bool is_text = is_valid_utf8(text);
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (is_control(c) || (!is_text && !is_ascii(c))) {
          fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

// A word that logfmt can hold without quotes.
bool is_plain(std::string_view text) {
  return !text.empty() && is_valid_utf8(text) && std::ranges::none_of(text, [](char c) {
    return is_control(c) || c == ' ' || c == '"' || c == '=' || c == '\\';
  });
}

void append_word(std::string& out, std::string_view text) {
  if (is_plain(text)) {
    out += text;
  } else {
    append_quoted(out, text);
  }
}

spdlog::sink_ptr open_output(const std::string& output, const LogOptions& options) {
  if (output == "-") return std::make_shared<spdlog::sinks::stdout_sink_mt>();
  if (output == "=") return std::make_shared<spdlog::sinks::stderr_sink_mt>();
  return std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
      output, options.file_bytes_max, std::min(options.files_kept, FilesKeptMax));
}

}  // namespace

void LogField::append_json(std::string& out) const {
  append_quoted(out, key_);
  out += ':';
  if (kind_ == Kind::Text) {
    append_quoted(out, text_);
  } else if (kind_ == Kind::Real && !std::isfinite(real_)) {
    out += "null";  // JSON has no word for it
  } else {
    append_number(out);
  }
}

void LogField::append_logfmt(std::string& out) const {
  append_word(out, key_);
  out += '=';
  if (kind_ == Kind::Text) {
    append_word(out, text_);
  } else {
    append_number(out);
  }
}

void LogField::append_number(std::string& out) const {
  const auto append = std::back_inserter(out);
  switch (kind_) {
    case Kind::Text:
      break;
    case Kind::Integer:
      fmt::format_to(append, "{}", integer_);
      break;
    case Kind::Unsigned:
      fmt::format_to(append, "{}", unsigned_);
      break;
    case Kind::Real:
      fmt::format_to(append, "{}", real_);
      break;
    case Kind::Boolean:
      out += integer_ != 0 ? "true" : "false";
      break;
  }
}

// spdlog carries whole lines: it stamps the time and the level, and writes. What a line says is
// put together here, so that nothing ever reads a message as a format.
struct Log::Impl {
  Impl(LogFormat f, std::vector<spdlog::sink_ptr> sinks)
      : format(f), logger("varve", sinks.begin(), sinks.end()) {}

  LogFormat format;
  spdlog::logger logger;
};

Result<Log> Log::open(LogOptions options) {
  try {
    std::vector<spdlog::sink_ptr> sinks;
    for (const std::string& output : options.outputs) {
      sinks.push_back(open_output(output, options));
    }
    auto impl = std::make_shared<Impl>(options.format, std::move(sinks));
    const bool is_json = options.format == LogFormat::Json;
    impl->logger.set_formatter(std::make_unique<spdlog::pattern_formatter>(
        is_json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                : "time=%Y-%m-%dT%H:%M:%S.%eZ level=%l %v",
        spdlog::pattern_time_type::utc));
    impl->logger.set_level(to_spdlog(options.level));
    impl->logger.flush_on(spdlog::level::info);
    return Log(std::move(impl));
  } catch (const std::exception& failure) {
    return Error(Code::InvalidArgument, failure.what()).with("log output");
  }
}

bool Log::is_on(LogLevel level) const {
  return impl_ != nullptr && level != LogLevel::Off && impl_->logger.should_log(to_spdlog(level));
}

void Log::write(LogLevel level, std::string_view event, Fields fields) const {
  if (!is_on(level)) return;
  std::string line;
  line.reserve(256);
  const bool is_json = impl_->format == LogFormat::Json;
  const LogField message("msg", event);
  if (is_json) {
    message.append_json(line);
  } else {
    message.append_logfmt(line);
  }
  for (const LogField& field : fields) {
    line += is_json ? ',' : ' ';
    if (is_json) {
      field.append_json(line);
    } else {
      field.append_logfmt(line);
    }
  }
  impl_->logger.log(to_spdlog(level), spdlog::string_view_t(line));
}

}  // namespace varve::base
