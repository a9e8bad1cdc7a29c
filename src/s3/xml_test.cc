#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "s3/errors.h"
#include "s3/xml_reader.h"
#include "s3/xml_writer.h"

namespace varve::s3 {
namespace {

std::string text_of(std::string_view text) {
  XmlWriter xml;
  xml.element("x", text);
  std::string out = xml.take();
  return out.substr(out.find("<x>") + 3, out.size() - out.find("<x>") - 7);
}

TEST(XmlWriter, EscapesWhatMustBe) {
  EXPECT_EQ(text_of("a&b<c>d\"e'f"), "a&amp;b&lt;c&gt;d&quot;e'f");
  EXPECT_EQ(text_of("tab\tlf\ncr\r"), "tab\tlf\ncr&#13;");
  EXPECT_EQ(text_of("é א 𝄞"), "é א 𝄞");
}

TEST(XmlWriter, ReplacesWhatXmlCannotCarry) {
  constexpr std::string_view Replacement = "\xEF\xBF\xBD";
  EXPECT_EQ(text_of(std::string_view("a\0b", 3)), "a" + std::string(Replacement) + "b");
  EXPECT_EQ(text_of("\x01"), Replacement);
  EXPECT_EQ(text_of("\xff"), Replacement);
  EXPECT_EQ(text_of("\xC3"), Replacement);                       // cut short
  EXPECT_EQ(text_of("\xEF\xBF\xBF"), Replacement);               // U+FFFF
  EXPECT_EQ(text_of("\xED\xA0\x80").substr(0, 3), Replacement);  // a surrogate
}

TEST(XmlWriter, WritesDocumentsWithoutIndentation) {
  XmlWriter xml;
  xml.open_root("Root");
  xml.element("Flag", true);
  xml.element("Count", std::int64_t{7});
  xml.element("Time", base::Timestamp{1767323045, 678000000});
  xml.quoted("ETag", "abc");
  xml.empty("Nothing");
  xml.close("Root");
  EXPECT_EQ(xml.take(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
            "<Root xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Flag>true</Flag>"
            "<Count>7</Count><Time>2026-01-02T03:04:05.678Z</Time><ETag>&quot;abc&quot;</ETag>"
            "<Nothing/></Root>");
}

TEST(DeleteRequest, IsReadWithOrWithoutNamespace) {
  const auto got = read_delete_request(
      "<?xml version=\"1.0\"?>\n<s:Delete xmlns:s=\"http://s3.amazonaws.com/doc/2006-03-01/\">\n"
      "<Quiet>true</Quiet><Other><Key>no</Key></Other>"
      "<Object><Key>a&amp;b</Key><VersionId>null</VersionId></Object>"
      "<s:Object><s:Key><![CDATA[<c>]]>d</s:Key><ETag>\"e\"</ETag><Size>3</Size></s:Object>"
      "<Object><Key> blank </Key></Object></s:Delete>");
  ASSERT_TRUE(got.has_value());
  EXPECT_TRUE(got->is_quiet);
  ASSERT_EQ(got->targets.size(), 3U);
  EXPECT_EQ(got->targets[0].key, "a&b");
  EXPECT_EQ(got->targets[0].version_id, "null");
  EXPECT_EQ(got->targets[1].key, "<c>d");
  EXPECT_EQ(got->targets[1].etag, "\"e\"");
  EXPECT_EQ(got->targets[1].size, "3");
  EXPECT_EQ(got->targets[2].key, " blank ");
}

TEST(XmlReader, RefusesWhatIsNoDocumentOfTheKind) {
  std::string deep;
  for (int i = 0; i < XmlDepthMax; ++i) deep += "<a>";
  for (int i = 0; i < XmlDepthMax; ++i) deep += "</a>";
  const std::string nul("<Delete><Object><Key>a\0b</Key></Object></Delete>", 48);
  for (const std::string& xml :
       {std::string(), std::string("not xml"), std::string("<Delete>"), std::string("<Other/>"),
        std::string("<Delete/><Delete/>"), nul, std::string("<Delete><Object/></Delete>"),
        std::string(
            "<Delete><Object><Key>a</Key></Object><Object><ETag>e</ETag></Object></Delete>"),
        std::string("<Delete><Object><Key>a&#0;b</Key></Object></Delete>"),
        std::string("<Delete><Object><Key>a&#x000;b</Key></Object></Delete>"),
        std::string("<Delete><Object><Key>\xff</Key></Object></Delete>"),
        std::string("<!DOCTYPE x [<!ENTITY e \"boom\">]><Delete><Object><Key>&e;</Key></Object>"
                    "</Delete>"),
        "<Delete>" + deep + "</Delete>"}) {
    const auto got = read_delete_request(xml);
    ASSERT_FALSE(got.has_value()) << xml;
    EXPECT_EQ(got.error().code(), Code::MalformedXml);
  }
}

TEST(CompleteRequest, ListsPartsWithTheirChecksums) {
  const auto got = read_complete_request(
      "<CompleteMultipartUpload><Part><PartNumber> 1 </PartNumber><ETag>\"abc\"</ETag>"
      "<ChecksumCRC32>AAAAAA==</ChecksumCRC32></Part>"
      "<Part><ETag>def</ETag><PartNumber>2</PartNumber></Part></CompleteMultipartUpload>");
  ASSERT_TRUE(got.has_value());
  ASSERT_EQ(got->size(), 2U);
  EXPECT_EQ((*got)[0].number, 1);
  EXPECT_EQ((*got)[0].etag, "abc");
  EXPECT_EQ((*got)[0].checksums.at(0).first, "ChecksumCRC32");
  EXPECT_EQ((*got)[1].etag, "def");
  for (const auto xml :
       {"<CompleteMultipartUpload/>", "<CompleteMultipartUpload></CompleteMultipartUpload>",
        "<CompleteMultipartUpload><Part><ETag>a</ETag></Part></CompleteMultipartUpload>",
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></"
        "CompleteMultipartUpload>",
        "<CompleteMultipartUpload><Part><PartNumber>x</PartNumber><ETag>a</ETag></Part>"
        "</CompleteMultipartUpload>"}) {
    EXPECT_FALSE(read_complete_request(xml).has_value()) << xml;
  }
}

TEST(CreateBucketRequest, MayBeEmptyOrNameARegion) {
  EXPECT_EQ(*read_create_bucket_request(""), "");
  EXPECT_EQ(*read_create_bucket_request("<CreateBucketConfiguration><LocationConstraint>eu"
                                        "</LocationConstraint></CreateBucketConfiguration>"),
            "eu");
  EXPECT_FALSE(read_create_bucket_request("<x/>").has_value());
}

}  // namespace
}  // namespace varve::s3
