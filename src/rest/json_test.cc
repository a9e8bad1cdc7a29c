// JSON in and out: the writer's escapes, the body's leniency and its schemas.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "rest/json_body.h"
#include "rest/json_writer.h"
#include "rest/schema.h"

namespace varve::rest {
namespace {

std::string text(std::string_view value) {
  base::Bytes out;
  JsonWriter(out).text(value);
  return out;
}

TEST(JsonWriter, EscapesAsLakefsDoes) {
  EXPECT_EQ(text("plain"), R"("plain")");
  EXPECT_EQ(text("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(text("\n\r\t\x01\x1f"), R"("\n\r\t\u0001\u001f")");
  EXPECT_EQ(text("<b>&</b>"), R"("\u003cb\u003e\u0026\u003c/b\u003e")");
  EXPECT_EQ(text("\xe2\x80\xa8\xe2\x80\xa9"), R"("\u2028\u2029")");
  EXPECT_EQ(text("caf\xc3\xa9 \xf0\x9f\x8c\x8a"), "\"caf\xc3\xa9 \xf0\x9f\x8c\x8a\"");
  EXPECT_EQ(text("\x7f"), "\"\x7f\"");
}

TEST(JsonWriter, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(text("a\xff z"), R"("a\ufffd z")");
  EXPECT_EQ(text("\xc3"), R"("\ufffd")");
  EXPECT_EQ(text("\xed\xa0\x80"), R"("\ufffd\ufffd\ufffd")");  // half of a surrogate pair
  EXPECT_EQ(text("\xc0\xaf"), R"("\ufffd\ufffd")");            // overlong
  EXPECT_EQ(with_valid_utf8("a\xff z\xc3\xa9"), "a\xef\xbf\xbd z\xc3\xa9");
}

TEST(JsonWriter, PlacesCommas) {
  base::Bytes out;
  JsonWriter json(out);
  json.begin_object();
  json.field("a", 1);
  json.field("b", true);
  json.key("c");
  json.begin_list();
  json.text("x");
  json.null();
  json.begin_object();
  json.end_object();
  json.begin_list();
  json.end_list();
  json.end_list();
  json.field("d", model::Metadata{{"k", "v"}, {"l", ""}});
  json.field("e", std::int64_t{-9223372036854775807});
  json.end_object();
  EXPECT_EQ(out, R"({"a":1,"b":true,"c":["x",null,{},[]],"d":{"k":"v","l":""},)"
                 R"("e":-9223372036854775807})");
}

struct Row {
  const char* name;
  const Schema* schema;
  const char* body;
  bool is_good;
};

class ChecksBody : public ::testing::TestWithParam<Row> {};

TEST_P(ChecksBody, Body) {
  const auto parsed = JsonBody::parse(GetParam().body, *GetParam().schema);
  EXPECT_EQ(parsed.has_value(), GetParam().is_good);
  if (parsed.has_value()) return;
  EXPECT_EQ(parsed.error().code(), base::Code::InvalidArgument);
  EXPECT_TRUE(parsed.error().message().starts_with("request body has an error:"));
}

INSTANTIATE_TEST_SUITE_P(
    JsonBody, ChecksBody,
    ::testing::Values(
        Row{"minimal", &schemas::BranchCreation, R"({"name":"a","source":"b"})", true},
        Row{"unknown_property", &schemas::BranchCreation,
            R"({"name":"a","source":"b","x":{"y":[]}})", true},
        Row{"text_after_it", &schemas::BranchCreation, R"({"name":"a","source":"b"} trailing)",
            true},
        Row{"missing_property", &schemas::BranchCreation, R"({"name":"a"})", false},
        Row{"null_property", &schemas::BranchCreation, R"({"name":"a","source":null})", false},
        Row{"number_for_text", &schemas::BranchCreation, R"({"name":5,"source":"b"})", false},
        Row{"text_for_boolean", &schemas::BranchCreation,
            R"({"name":"a","source":"b","force":"yes"})", false},
        Row{"cut_off", &schemas::BranchCreation, R"({"name":"a")", false},
        Row{"a_list", &schemas::BranchCreation, "[]", false},
        Row{"a_text", &schemas::BranchCreation, R"("x")", false},
        Row{"a_null", &schemas::BranchCreation, "null", false},
        Row{"choice", &schemas::ResetCreation, R"({"type":"reset"})", true},
        Row{"other_choice", &schemas::ResetCreation, R"({"type":"Reset"})", false},
        Row{"name_pattern", &schemas::RepositoryCreation,
            R"({"name":"abc","storage_namespace":"local://x"})", true},
        Row{"name_too_short", &schemas::RepositoryCreation,
            R"({"name":"ab","storage_namespace":"mem://x"})", false},
        Row{"name_upper_case", &schemas::RepositoryCreation,
            R"({"name":"Abc","storage_namespace":"mem://x"})", false},
        Row{"namespace_scheme", &schemas::RepositoryCreation,
            R"({"name":"abc","storage_namespace":"ftp://x"})", false},
        Row{"integer", &schemas::CommitCreation, R"({"message":"m","date":-5})", true},
        Row{"fraction", &schemas::CommitCreation, R"({"message":"m","date":1.5})", false},
        Row{"integer_too_large", &schemas::CommitCreation,
            R"({"message":"m","date":9223372036854775808})", false},
        Row{"map_of_texts", &schemas::CommitCreation,
            R"({"message":"m","metadata":{"a":"b","":""}})", true},
        Row{"map_with_number", &schemas::CommitCreation, R"({"message":"m","metadata":{"a":1}})",
            false},
        Row{"out_of_range", &schemas::CommitRecordCreation,
            R"({"commit_id":"","version":7,"committer":"","message":"","metarange_id":"",)"
            R"("creation_date":0,"parents":[],"generation":1})",
            false},
        Row{"list_of_texts", &schemas::PathList, R"({"paths":["a",""]})", true},
        Row{"list_with_number", &schemas::PathList, R"({"paths":["a",1]})", false},
        Row{"nested_object", &schemas::Setup, R"({"username":"u","key":{}})", false},
        Row{"nested_empty_text", &schemas::Setup,
            R"({"username":"u","key":{"access_key_id":"","secret_access_key":"x"}})", false},
        Row{"nullable", &schemas::StagingMetadata,
            R"({"staging":{"presigned_url":null},"checksum":"x","size_bytes":1})", true},
        Row{"list_body", &schemas::BranchProtectionRules, R"([{"pattern":"a"}])", true},
        Row{"list_body_bad_item", &schemas::BranchProtectionRules, R"([{"pattern":""}])", false}),
    [](const auto& info) { return info.param.name; });

TEST(JsonBody, TheLastOfRepeatedPropertiesCounts) {
  const auto body =
      JsonBody::parse(R"({"name":"a","source":"x","name":"b"})", schemas::BranchCreation);
  ASSERT_TRUE(body.has_value());
  EXPECT_EQ(body->object().text("name"), "b");
}

TEST(JsonBody, ReadsMembers) {
  const auto body = JsonBody::parse(R"({"message":"caf\u00e9 )"
                                    "\xff"
                                    R"(","metadata":{"k":"v"},"date":7,"force":true})",
                                    schemas::CommitCreation);
  ASSERT_TRUE(body.has_value());
  const JsonObject object = body->object();
  EXPECT_EQ(object.text("message"), "caf\xc3\xa9 \xef\xbf\xbd");
  EXPECT_EQ(object.map("metadata"), (model::Metadata{{"k", "v"}}));
  EXPECT_EQ(object.number("date"), 7);
  EXPECT_TRUE(object.flag("force"));
  EXPECT_FALSE(object.flag("allow_empty"));
  EXPECT_FALSE(object.has("absent"));
  EXPECT_EQ(object.text("absent"), "");
}

TEST(JsonBody, DepthIsBounded) {
  std::string deep = R"({"paths":["a"],"x":)";
  deep.append(JsonDepthMax + 1, '[').append(JsonDepthMax + 1, ']').append("}");
  EXPECT_FALSE(JsonBody::parse(deep, schemas::PathList).has_value());
}

TEST(Schema, RangePattern) {
  for (const char* good : {"bytes=0-1", "bytes=0-", "bytes=-1", "bytes=-", "bytes=0-1,3-4",
                           "bytes=0-1, 3-4", "bytes=--1"}) {
    EXPECT_TRUE(RangePattern.matches(good)) << good;
  }
  for (const char* bad : {"bytes=", "bytes", "garbage", "bytes=a-b", "items=0-1", "bytes=0",
                          "Bytes=0-1", "bytes=0-1,  3-4"}) {
    EXPECT_FALSE(RangePattern.matches(bad)) << bad;
  }
}

// Sixteen megabytes of these would take eight hundred.
TEST(JsonBody, RefusesWhatTakesManyTimesItsSize) {
  const Schema any{.type = Schema::Type::Any};
  std::string list = "[";
  for (int i = 0; i < 4'000'000; ++i) list += "[],";
  list += "[]]";
  const auto parsed = JsonBody::parse(list, any);
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().message(), "request body has an error: it has too many values");
  EXPECT_TRUE(JsonBody::parse('"' + std::string(list.size(), 'x') + '"', any).has_value());
}

}  // namespace
}  // namespace varve::rest
