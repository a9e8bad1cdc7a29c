#include "base/log.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <regex>
#include <sstream>
#include <string>
#include <type_traits>

#include "base/result.h"
#include "base/secret.h"

namespace varve::base {
namespace {

class LogTest : public testing::Test {
 protected:
  LogTest() {
    std::string name = testing::TempDir() + "varve-log-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~LogTest() override { std::filesystem::remove_all(folder_); }

  Log open(LogFormat format, LogLevel level = LogLevel::Info) {
    LogOptions options;
    options.format = format;
    options.level = level;
    options.outputs = {file()};
    return Log::open(options).value();
  }

  std::string file() const { return folder_ + "/log"; }

  // What was written, with the time taken out.
  std::string text() const {
    std::ifstream in(file());
    std::stringstream content;
    content << in.rdbuf();
    const std::regex time(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)");
    return std::regex_replace(content.str(), time, "T");
  }

  std::string folder_;
};

TEST_F(LogTest, JsonKeepsTypes) {
  open(LogFormat::Json)
      .info("head moved", {{"repo", "x"},
                           {"count", 3},
                           {"big", std::numeric_limits<std::uint64_t>::max()},
                           {"ratio", 0.5},
                           {"nan", std::numeric_limits<double>::quiet_NaN()},
                           {"is_new", true}});
  EXPECT_EQ(text(), R"({"time":"T","level":"info","msg":"head moved","repo":"x","count":3,)"
                    R"("big":18446744073709551615,"ratio":0.5,"nan":null,"is_new":true})"
                    "\n");
}

TEST_F(LogTest, JsonEscapesWhatWouldBreakALine) {
  open(LogFormat::Json).error("a \"b\"\n{}%v", {{"path", std::string("\0\\\xff\xc3\xa9", 5)}});
  EXPECT_EQ(text(), R"({"time":"T","level":"error","msg":"a \"b\"\n{}%v",)"
                    R"("path":"\u0000\\\u00ff\u00c3\u00a9"})"
                    "\n");
}

TEST_F(LogTest, TextIsLogfmt) {
  open(LogFormat::Text)
      .warn("slow loop", {{"ms", -51}, {"what", "a=b"}, {"id", "ab-1"}, {"empty", ""}});
  EXPECT_EQ(text(),
            "time=T level=warning msg=\"slow loop\" ms=-51 what=\"a=b\" id=ab-1 empty=\"\"\n");
}

TEST_F(LogTest, WritesWhatItsLevelAsksFor) {
  const Log log = open(LogFormat::Text, LogLevel::Warn);
  log.info("quiet");
  log.warn("loud");
  EXPECT_FALSE(log.is_on(LogLevel::Info));
  EXPECT_TRUE(log.is_on(LogLevel::Error));
  EXPECT_EQ(text(), "time=T level=warning msg=loud\n");
}

TEST_F(LogTest, AnOutputThatCannotBeOpenedIsAnError) {
  LogOptions options;
  options.outputs = {folder_ + "/log/", "/proc/no/such/file"};
  const auto log = Log::open(options);
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().code(), Code::InvalidArgument);
}

TEST_F(LogTest, FilesAreRotated) {
  LogOptions options;
  options.outputs = {file()};
  options.file_bytes_max = 200;
  options.files_kept = 2;
  const Log log = Log::open(options).value();
  for (int i = 0; i < 20; ++i) log.info("a line of some length, to fill the file");
  int files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_)) ++files;
  EXPECT_EQ(files, 3);
}

TEST(Log, DefaultDiscards) { Log().error("nobody hears"); }

TEST(Secret, IsNoLogField) {
  static_assert(!std::is_constructible_v<LogField, std::string_view, Secret<std::string>>);
  EXPECT_EQ(Secret<std::string>("s").reveal(), "s");
}

}  // namespace
}  // namespace varve::base
