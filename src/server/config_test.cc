#include "server/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "base/result.h"
#include "server/option.h"
#include "server/reference_page.h"
#include "server/text.h"

namespace varve::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A file of its own for each test, gone with it.
class ConfigFile {
 public:
  explicit ConfigFile(const std::string& text) {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    path_ = ::testing::TempDir() + test->test_suite_name() + test->name() + ".yaml";
    std::ofstream(path_) << text;
  }
  ~ConfigFile() { std::filesystem::remove(path_); }
  ConfigSource source() const {
    ConfigSource source;
    source.config_file = path_;
    return source;
  }

 private:
  std::string path_;
};

constexpr const char* Minimal =
    "database: {type: local}\nblockstore: {type: local}\nauth: {encrypt: {secret_key: x}}\n";

std::string complaint_of(const ConfigSource& source) {
  base::Result<Settings> settings = load_settings(source);
  return settings ? "" : settings.error().message();
}

std::string complaint_about(const std::string& more) {
  return complaint_of(ConfigFile(Minimal + more).source());
}

TEST(Config, AFileWrittenForTheOriginalStartsUnchanged) {
  const ConfigFile file(R"(---
listen_address: "127.0.0.1:8001"
logging:
  format: json
  level: WARN
  output: "-"
database:
  type: "local"
  local:
    path: ~/data/meta
blockstore:
  type: local
  local:
    path: "~/data/block"
    import_enabled: true
    allowed_external_prefixes: [/data/in, /data/more]
auth:
  encrypt:
    secret_key: "10a718b3f285d89c36e9864494cdd1507f3bc85b342df24736ea81f9a1134bcc"
gateways:
  s3:
    domain_name: [s3.example.com]
    region: eu-west-1
stats:
  enabled: false
)");
  ConfigSource source = file.source();
  source.environment["HOME"] = "/home/ada";
  const base::Result<Settings> settings = load_settings(source);
  ASSERT_TRUE(settings) << settings.error().message();
  EXPECT_EQ(settings->text("listen_address"), "127.0.0.1:8001");
  EXPECT_EQ(settings->text("logging.level"), "warn");
  EXPECT_EQ(settings->path("database.local.path"), "/home/ada/data/meta");
  EXPECT_EQ(settings->path("blockstore.local.path"), "/home/ada/data/block");
  EXPECT_THAT(settings->list("blockstore.local.allowed_external_prefixes"),
              ElementsAre("/data/in", "/data/more"));
  EXPECT_THAT(settings->list("gateways.s3.domain_name"), ElementsAre("s3.example.com"));
  EXPECT_EQ(settings->duration("auth.login_duration"), std::chrono::hours(168));
}

TEST(Config, TheLastSpeakerWins) {
  const ConfigFile file(std::string(Minimal) + "gateways: {s3: {region: file}}\n");
  ConfigSource source = file.source();
  const auto region = [&] { return load_settings(source)->text("gateways.s3.region"); };
  EXPECT_EQ(region(), "file");
  source.environment["LAKEFS_GATEWAYS_S3_REGION"] = "lakefs-variable";
  EXPECT_EQ(region(), "lakefs-variable");
  source.environment["VARVE_GATEWAYS_S3_REGION"] = "varve-variable";
  EXPECT_EQ(region(), "varve-variable");
  source.flags.emplace_back("gateways.s3.region", "flag");
  EXPECT_EQ(region(), "flag");
  EXPECT_EQ(load_settings(source)->origin("gateways.s3.region"), Origin::Flag);
}

TEST(Config, AnUnknownKeyNamesItsNearestNeighbour) {
  EXPECT_THAT(complaint_about("blockstor: {typ: x}\n"),
              HasSubstr("blockstor.typ: unknown key; did you mean blockstore.type?"));
  EXPECT_THAT(complaint_about("zebra: 1\n"), HasSubstr("zebra: unknown key"));
  EXPECT_THAT(complaint_about("zebra: 1\n"), Not(HasSubstr("did you mean")));
}

TEST(Config, AWrongValueNamesKeyValueReasonAndWhatIsAllowed) {
  EXPECT_THAT(complaint_about("logging: {level: loud}\n"),
              HasSubstr("logging.level: \"loud\": unknown value; allowed: trace, debug, info"));
  EXPECT_THAT(complaint_about("listen_address: nowhere\n"),
              HasSubstr("listen_address: \"nowhere\": is no address; allowed: host:port"));
  EXPECT_THAT(complaint_about("auth.login_duration: soon\n"),
              HasSubstr("auth.login_duration: \"soon\": is not a value of type duration"));
  EXPECT_THAT(complaint_about("server.loops: -1\n"), HasSubstr("must not be negative"));
  EXPECT_THAT(complaint_about("tls: {enabled: maybe}\n"), HasSubstr("allowed: true, false"));
  EXPECT_THAT(complaint_about("gateways: {s3: {domain_name: [a.example, x.a.example]}}\n"),
              HasSubstr("x.a.example is a sub-domain of a.example"));
  EXPECT_THAT(complaint_about("gateways: {s3: {region: [a, b]}}\n"), HasSubstr("wrong shape"));
}

TEST(Config, AKeyGivenTwiceIsNotGuessedAbout) {
  EXPECT_THAT(complaint_about("logging: {level: info, level: debug}\n"),
              HasSubstr("logging.level: is given twice"));
  EXPECT_THAT(complaint_about("logging: {level: info}\nlogging: {format: json}\n"),
              HasSubstr("logging: is given twice"));
  EXPECT_THAT(complaint_about("logging: {level: info}\nlogging.level: debug\n"),
              HasSubstr("logging.level: is given twice"));
}

TEST(Config, AValueInThePlaceOfASectionSaysSo) {
  EXPECT_THAT(complaint_about("logging: loud\n"),
              HasSubstr("logging: \"loud\": has the wrong shape; allowed: a map of keys"));
}

TEST(Config, TlsNeedsItsTwoFiles) {
  const std::string text = complaint_about("tls: {enabled: true, key_file: k.pem}\n");
  EXPECT_THAT(text, HasSubstr("tls.cert_file: is required if tls.enabled is true"));
  EXPECT_THAT(text, Not(HasSubstr("tls.key_file")));
  EXPECT_EQ(complaint_about("tls: {enabled: true, cert_file: c.pem, key_file: k.pem}\n"), "");
}

TEST(Config, ASecretIsNotRepeatedInAComplaint) {
  ConfigSource source;
  source.flags.emplace_back("auth.encrypt.secret_key", "swordfish");
  source.flags.emplace_back("database.type", "paper");
  EXPECT_THAT(complaint_of(source), Not(HasSubstr("swordfish")));
  const Option* option = find_option("auth.encrypt.secret_key");
  EXPECT_EQ(show_value(*option, OptionValue(std::string("swordfish"))), "******");
}

TEST(Config, EveryComplaintIsToldAtOnce) {
  const std::string text = complaint_about("zebra: 1\nlogging: {level: loud, format: wav}\n");
  EXPECT_EQ(split(text, '\n').size(), 3U) << text;
}

TEST(Config, RequiredKeysAreNamed) {
  const std::string text = complaint_of({});
  EXPECT_THAT(text, HasSubstr("database.type: is required"));
  EXPECT_THAT(text, HasSubstr("blockstore.type: is required"));
  EXPECT_THAT(text, HasSubstr("auth.encrypt.secret_key: is required"));
}

TEST(Config, ARefusedKeyIsNotAskedForAgain) {
  ConfigSource source;
  source.flags.emplace_back("database.type", "paper");
  const std::string text = complaint_of(source);
  EXPECT_TRUE(text.starts_with("--database.type: \"paper\"")) << text;
  EXPECT_THAT(text, Not(HasSubstr("database.type: is required")));
  EXPECT_THAT(text, HasSubstr("blockstore.type: is required"));
}

TEST(Config, OfAFileThatSaysNothingThatIsTheOnlyComplaint) {
  EXPECT_EQ(split(complaint_about("database: [\n"), '\n').size(), 1U);
  EXPECT_EQ(split(complaint_about("just a sentence\n"), '\n').size(), 1U);
}

TEST(Config, AFolderIsNoFile) {
  ConfigSource source;
  source.config_file = "/";
  EXPECT_EQ(complaint_of(source), "--config: \"/\": is a folder, not a file");
}

TEST(Config, WhatIsNotBuiltIsRefusedAndSaysSo) {
  ConfigSource source;
  source.flags.emplace_back("database.type", "postgres");
  EXPECT_THAT(complaint_of(source),
              HasSubstr("\"postgres\": not built into this version; allowed: local, mem"));
  EXPECT_THAT(complaint_about("auth.remote_authenticator.enabled: true\n"),
              HasSubstr("auth.remote_authenticator.enabled"));
  EXPECT_EQ(complaint_about("auth.remote_authenticator.enabled: false\n"), "");
}

TEST(Config, AKeyWithoutEffectIsAcceptedWithAWarning) {
  const ConfigFile file(std::string(Minimal) + "graveler: {max_batch_delay: 5ms}\n");
  const base::Result<Settings> settings = load_settings(file.source());
  ASSERT_TRUE(settings);
  ASSERT_EQ(settings->warnings().size(), 1U);
  EXPECT_THAT(settings->warnings()[0], HasSubstr("graveler.max_batch_delay"));
}

TEST(Config, AKeyWithoutEffectMaySayWhatIsTheCaseAnyway) {
  const ConfigFile file(std::string(Minimal) + "stats: {enabled: false}\n");
  const base::Result<Settings> settings = load_settings(file.source());
  ASSERT_TRUE(settings);
  EXPECT_TRUE(settings->warnings().empty());
}

TEST(Config, AMisspeltVariableIsWarnedAbout) {
  const ConfigFile file(Minimal);
  ConfigSource source = file.source();
  source.environment["VARVE_LISTEN_ADRESS"] = "x";
  source.environment["VARVE_SERVICE_HOST"] = "10.0.0.1";
  const base::Result<Settings> settings = load_settings(source);
  ASSERT_TRUE(settings);
  ASSERT_EQ(settings->warnings().size(), 1U);
  EXPECT_THAT(settings->warnings()[0], HasSubstr("VARVE_LISTEN_ADDRESS exists"));
}

TEST(Config, PresetsAreDefaultsThatFileAndEnvironmentOverride) {
  ConfigSource source;
  source.preset = Preset::LocalSettings;
  EXPECT_EQ(load_settings(source)->text("database.type"), "local");
  EXPECT_EQ(load_settings(source)->text("installation.user_name"), "");
  source.environment["LAKEFS_DATABASE_TYPE"] = "mem";
  EXPECT_EQ(load_settings(source)->text("database.type"), "mem");
  source.preset = Preset::Quickstart;
  EXPECT_EQ(load_settings(source)->text("installation.access_key_id"), "AKIAIOSFOLQUICKSTART");
  source.environment["VARVE_INSTALLATION_USER_NAME"] = "eve";
  EXPECT_THAT(complaint_of(source), HasSubstr("installation.user_name: quickstart keeps"));
}

// Their secrets are in every manual.
TEST(Config, PresetsListenOnThisMachineUnlessToldOtherwise) {
  ConfigSource source;
  for (const Preset preset : {Preset::LocalSettings, Preset::Quickstart}) {
    source.preset = preset;
    EXPECT_EQ(load_settings(source)->text("listen_address"), "127.0.0.1:8000");
  }
  source.environment["LAKEFS_LISTEN_ADDRESS"] = "0.0.0.0:8000";
  EXPECT_EQ(load_settings(source)->text("listen_address"), "0.0.0.0:8000");
}

TEST(Config, AMissingFileIsNamed) {
  ConfigSource source;
  source.config_file = "/nowhere/at/all.yaml";
  EXPECT_THAT(complaint_of(source), HasSubstr("/nowhere/at/all.yaml"));
}

TEST(Config, BrokenYamlNamesTheLine) {
  EXPECT_THAT(complaint_about("a: [1, 2\nb: {\n"), HasSubstr("line "));
}

TEST(Config, AnEmptySectionIsNoMistake) { EXPECT_EQ(complaint_about("logging:\n"), ""); }

TEST(Options, EveryDefaultPassesItsOwnCheck) {
  for (const Option& option : options()) {
    if (option.initial.empty()) continue;
    EXPECT_TRUE(parse_value(option, option.initial)) << option.key;
  }
}

TEST(Options, KeysAreUniqueLowerCaseAndDocumented) {
  std::set<std::string_view> seen;
  for (const Option& option : options()) {
    EXPECT_TRUE(seen.insert(option.key).second) << option.key;
    EXPECT_EQ(lower_case(option.key), option.key);
    EXPECT_FALSE(option.text.empty()) << option.key;
  }
}

TEST(Options, TheReferencePageIsFresh) {
  std::ifstream file(std::string(VARVE_SOURCE_DIR) + "/docs/operating/configuration.md");
  std::stringstream page;
  page << file.rdbuf();
  EXPECT_EQ(page.str(), reference_page()) << "run ./dev docs";
}

struct DurationRow {
  const char* text;
  std::int64_t nanos;
};
class Durations : public ::testing::TestWithParam<DurationRow> {};
TEST_P(Durations, AreReadAsGoReadsThem) {
  const auto duration = parse_duration(GetParam().text);
  ASSERT_TRUE(duration) << GetParam().text;
  EXPECT_EQ(duration->count(), GetParam().nanos);
}
INSTANTIATE_TEST_SUITE_P(Config, Durations,
                         ::testing::Values(DurationRow{"300ms", 300'000'000},
                                           DurationRow{"10s", 10'000'000'000},
                                           DurationRow{"1h30m", 5'400'000'000'000},
                                           DurationRow{"1.5h", 5'400'000'000'000},
                                           DurationRow{"0", 0}, DurationRow{"-2us", -2'000}));

TEST(Duration, RefusesWhatIsNone) {
  for (const char* text : {"", "10", "s", "1d", "1h x", "1e3s", "3000000000h"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
  EXPECT_EQ(format_duration(std::chrono::minutes(90)), "1h30m");
}

TEST(EditDistance, CountsInsertionsDeletionsAndReplacements) {
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("same", "same"), 0U);
}

TEST(Config, HomeIsExpandedOnlyAtTheStart) {
  EXPECT_EQ(expand_home("~/x", "/h"), "/h/x");
  EXPECT_EQ(expand_home("~", "/h"), "/h");
  EXPECT_EQ(expand_home("/a/~/x", "/h"), "/a/~/x");
  EXPECT_EQ(expand_home("~other/x", "/h"), "~other/x");
}

}  // namespace
}  // namespace varve::server
