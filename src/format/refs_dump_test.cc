#include "format/refs_dump.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "format/graveler.h"
#include "format/identity.h"
#include "format/metarange.h"
#include "format/tasks.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::format {
namespace {

model::Commit sample_commit() {
  model::Commit commit;
  commit.committer = "me";
  commit.message = "msg";
  commit.creation_date = {1700000000, 123};
  commit.generation = 3;
  commit.id = commit_id(commit);
  return commit;
}

TEST(RefsDump, ACommitComesBackWhole) {
  const DumpRecord record = *dump_commit(sample_commit());
  EXPECT_EQ(record.key, sample_commit().id.str());
  EXPECT_EQ(record.identity, sample_commit().id.str());
  const auto back = restore_commit(record.data);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(*encode_commit(*back), *encode_commit(sample_commit()));
}

TEST(RefsDump, ACommitMustHashToItsId) {  // [I-2]
  model::Commit forged = sample_commit();
  forged.message = "another";
  const auto back = restore_commit((*dump_commit(forged)).data);
  ASSERT_FALSE(back.has_value());
  EXPECT_EQ(back.error().code(), base::Code::InvalidArgument);
  EXPECT_EQ(back.error().message(), "commit id: invalid value: validation error");
}

TEST(RefsDump, ACommitWithoutGenerationIsTooOld) {
  model::Commit old = sample_commit();
  old.generation = 0;
  EXPECT_EQ(restore_commit((*dump_commit(old)).data).error().code(), base::Code::InvalidArgument);
}

TEST(RefsDump, ACommitOfAVersionToComeIsRefused) {
  model::Commit later = sample_commit();
  later.version = 0;
  EXPECT_TRUE(restore_commit((*dump_commit(later)).data).has_value());
  later.version = 2;
  EXPECT_EQ(restore_commit((*dump_commit(later)).data).error().message(),
            "commit " + later.id.str() + ": version 2 is not known; known are 0 and 1");
}

TEST(RefsDump, ATableSaysWhatItIsADumpOf) {
  const base::Bytes tags = (*encode_metarange({}, dump_properties(DumpKind::Tags))).bytes;
  EXPECT_TRUE(check_dump_kind(DumpKind::Tags, tags).has_value());
  EXPECT_EQ(check_dump_kind(DumpKind::Commits, tags).error().message(),
            "the metarange is a dump of another entity, 'tag'; wanted 'commit'");
  const base::Bytes objects = (*encode_metarange({})).bytes;
  EXPECT_EQ(check_dump_kind(DumpKind::Tags, objects).error().message(),
            "the metarange is no dump of refs; wanted 'tag'");
  EXPECT_EQ(check_dump_kind(DumpKind::Tags, tags.substr(9)).error().code(), base::Code::Corruption);
}

TEST(RefsDump, ABranchLeavesWhatIsStagedBehind) {
  model::Branch branch;
  branch.id = model::BranchId("main");
  branch.commit_id = model::CommitId("c");
  branch.staging_token = model::StagingToken("t");
  branch.sealed_tokens = {model::StagingToken("s")};
  branch.hidden = true;
  const DumpRecord record = *dump_branch(branch);
  EXPECT_EQ(record.key, "main");
  EXPECT_EQ(record.identity, "c");
  const model::Branch back = *restore_branch(record.data);
  EXPECT_EQ(back.id, branch.id);
  EXPECT_EQ(back.commit_id, branch.commit_id);
  EXPECT_TRUE(back.staging_token.empty());
  EXPECT_TRUE(back.sealed_tokens.empty());
  EXPECT_FALSE(back.hidden);
}

TEST(RefsDump, ATagComesBack) {
  const DumpRecord record = *dump_tag({model::TagId("v1"), model::CommitId("c")});
  EXPECT_EQ(record.key, "v1");
  EXPECT_EQ(record.identity, "c");
  EXPECT_EQ((*restore_tag(record.data)).commit_id.view(), "c");
}

RefsDump sample_dump() {
  return {model::MetaRangeId("c0"), model::MetaRangeId("70"), model::MetaRangeId("b0")};
}

TEST(RefsManifest, IsThisText) {
  EXPECT_EQ(encode_refs_manifest(sample_dump()),
            "{\n"
            "  \"branches_meta_range_id\": \"b0\",\n"
            "  \"commits_meta_range_id\": \"c0\",\n"
            "  \"tags_meta_range_id\": \"70\"\n"
            "}");
  EXPECT_EQ(*decode_refs_manifest(encode_refs_manifest(sample_dump())), sample_dump());
}

TEST(RefsManifest, IsReadByNameInAnyLayout) {
  EXPECT_EQ(*decode_refs_manifest(R"({"tags_meta_range_id":"70","x\"\\\/":"y",
      "commits_meta_range_id" : "c0" ,"branches_meta_range_id":"b0"} )"),
            sample_dump());
}

TEST(RefsManifest, AnythingElseIsCorruption) {
  const std::string good = encode_refs_manifest(sample_dump());
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(decode_refs_manifest(std::string_view(good).substr(0, size)).has_value()) << size;
  }
  for (const std::string& bad :
       {good + "x", std::string("{}"), std::string("[]"), std::string(R"({"a":1})"),
        std::string(R"({"a":"\u0041"})"), std::string(R"({"a":"b",})")}) {
    const auto decoded = decode_refs_manifest(bad);
    ASSERT_FALSE(decoded.has_value()) << bad;
    EXPECT_EQ(decoded.error().code(), base::Code::Corruption);
  }
}

TEST(RefsDump, PropertiesNameTheMessage) {
  EXPECT_EQ(dump_properties(DumpKind::Commits).at("entity"), "commit");
  EXPECT_EQ(dump_properties(DumpKind::Branches).at("schema_name"),
            "io.treeverse.lakefs.graveler.BranchData");
  EXPECT_TRUE(
      dump_properties(DumpKind::Tags).at("schema_definition").starts_with("{\"name\":\"TagData\""));
}

}  // namespace
}  // namespace varve::format
