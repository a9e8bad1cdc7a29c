// Every persistent message against bytes made from the published field tables, and back.  [I-2]
#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "format/actions.h"
#include "format/auth.h"
#include "format/catalog.h"
#include "format/graveler.h"
#include "format/pulls.h"
#include "format/tasks.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::format {
namespace {

constexpr base::Timestamp Then{1700000000, 5};
constexpr base::Timestamp Later{1700000001, 0};

model::Commit sample_commit() {
  model::Commit commit;
  commit.id = model::CommitId("cid");
  commit.committer = "me";
  commit.message = "msg";
  commit.creation_date = Then;
  commit.meta_range_id = model::MetaRangeId("mr");
  commit.metadata = {{"a", "1"}, {"b", ""}};
  commit.parents = {model::CommitId("p1"), model::CommitId("p2")};
  commit.generation = 7;
  return commit;
}

model::Repository sample_repository() {
  model::Repository repository;
  repository.id = model::RepositoryId("lake");
  repository.storage_namespace = model::StorageNamespace("s3://b");
  repository.default_branch = model::BranchId("main");
  repository.creation_date = Then;
  repository.state = model::RepositoryState::InDeletion;
  repository.instance_uid = "uid";
  repository.read_only = true;
  repository.storage_id = model::StorageId("st");
  return repository;
}

model::Branch sample_branch() {
  model::Branch branch;
  branch.id = model::BranchId("main");
  branch.commit_id = model::CommitId("cid");
  branch.staging_token = model::StagingToken("tok");
  branch.sealed_tokens = {model::StagingToken("s2"), model::StagingToken("s1")};
  branch.hidden = true;
  return branch;
}

model::Entry sample_entry() {
  model::Entry entry;
  entry.address = "addr";
  entry.last_modified = Then;
  entry.size = 42;
  entry.etag = "etag";
  entry.metadata = {{"k", "v"}};
  entry.content_type = "text/plain";
  return entry;
}

ImportStatus sample_import() {
  ImportStatus status;
  status.id = "id";
  status.completed = true;
  status.updated_at = Then;
  status.progress = 12;
  status.meta_range_id = model::MetaRangeId("mr");
  status.commit = sample_commit();
  status.error = "err";
  return status;
}

PullRecord sample_pull() {
  PullRecord pull;
  pull.id = "id";
  pull.status = PullStatus::Merged;
  pull.created_at = Then;
  pull.title = "t";
  pull.author = "au";
  pull.description = "d";
  pull.source = model::BranchId("src");
  pull.destination = model::BranchId("dst");
  pull.merge_commit = model::CommitId("cid");
  pull.closed_at = Later;
  return pull;
}

TaskRecord sample_task() { return {"id", true, Then, 9, "err", 404, "op", "own"}; }

DumpStatus sample_dump() {
  return {sample_task(),
          RefsDump{model::MetaRangeId("c"), model::MetaRangeId("t"), model::MetaRangeId("b")}};
}

PolicyRecord sample_policy() {
  StatementRecord allow;
  allow.effect = "allow";
  allow.actions = {"fs:*", "auth:*"};
  allow.resource = "*";
  allow.conditions["StringEquals"]["ip"] = {"1", "2"};
  StatementRecord deny;
  deny.effect = "deny";
  return {Then, "n", {allow, deny}, AclRecord{"Admin", true, {"lake"}}};
}

MultipartUpload sample_upload() {
  return {model::UploadId("up"), model::ObjectPath("p"), Then, "addr", {{"k", "v"}}, "ct"};
}

model::RangeInfo sample_range() {
  model::RangeInfo range;
  range.min_key = "a";
  range.max_key = "z";
  range.estimated_size = 77;
  range.count = 3;
  return range;
}

BranchProtectionRules sample_protection() {
  return {{{"main", {BlockedAction::StagingWrite, BlockedAction::Commit}},
           {"st*", {BlockedAction::Commit}}}};
}

base::Result<base::Bytes> encode_staged(const StagedEntry& staged) {
  return encode_staged_entry(staged.key, staged.record.identity.view(), staged.record.data);
}

using Bytes = base::Result<base::Bytes>;

struct Row {
  const char* name;
  std::string_view want;                          // hex
  std::function<Bytes()> encode;                  // of the sample
  std::function<Bytes(std::string_view)> recode;  // decode, encode again
};

// Makes a row of a sample, its encoder and its decoder.
template <class Value, class Encode, class Decode>
Row row(const char* name, Value sample, Encode encode, Decode decode, std::string_view want) {
  return {name, want, [sample, encode]() -> Bytes { return encode(sample); },
          [encode, decode](std::string_view bytes) -> Bytes {
            VARVE_TRY(const auto value, decode(bytes));
            return encode(value);
          }};
}

class Message : public ::testing::TestWithParam<Row> {};

TEST_P(Message, HasTheDocumentedBytes) {
  EXPECT_EQ(base::hex_encode(*GetParam().encode()), GetParam().want);
}

TEST_P(Message, DecodingThenEncodingGivesTheBytesBack) {
  base::Bytes bytes;
  ASSERT_TRUE(base::hex_decode(GetParam().want, bytes));
  const Bytes back = GetParam().recode(bytes);
  ASSERT_TRUE(back.has_value()) << back.error().message();
  EXPECT_EQ(base::hex_encode(*back), GetParam().want);
}

TEST_P(Message, SkipsFieldsOfTheFuture) {
  base::Bytes bytes;
  ASSERT_TRUE(base::hex_decode(GetParam().want, bytes));
  const Bytes back = GetParam().recode(bytes + "\xf2\x07\x03new");
  ASSERT_TRUE(back.has_value()) << back.error().message();
  EXPECT_EQ(base::hex_encode(*back), GetParam().want);
}

TEST_P(Message, EveryTruncationIsAnErrorOrAShorterMessage) {
  base::Bytes bytes;
  ASSERT_TRUE(base::hex_decode(GetParam().want, bytes));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Bytes back = GetParam().recode(std::string_view(bytes).substr(0, size));
    if (!back.has_value()) {
      EXPECT_EQ(back.error().code(), base::Code::Corruption);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Format, Message,
    ::testing::Values(
        row("repository", sample_repository(), encode_repository, decode_repository,
            "0a046c616b65120673333a2f2f621a046d61696e22080880e2cfaa0610052801320375696438014202737"
            "4"),
        row("branch", sample_branch(), encode_branch, decode_branch,
            "0a046d61696e12036369641a03746f6b22027332220273312801"),
        row("tag", model::Tag{model::TagId("v1"), model::CommitId("cid")}, encode_tag, decode_tag,
            "0a0276311203636964"),
        row("commit", sample_commit(), encode_commit, decode_commit,
            "0a0363696412026d651a036d736722080880e2cfaa0610052a026d7232060a016112013132050a01621200"
            "3a0270313a02703240014807"),
        row("gc_rules", GarbageCollectionRules{28, {{"dev", 7}, {"main", 0}}}, encode_gc_rules,
            decode_gc_rules, "081c12070a03646576100712080a046d61696e1000"),
        row("branch_protection", sample_protection(), encode_branch_protection,
            decode_branch_protection, "0a0c0a046d61696e12040a0200010a0a0a0373742a12030a0101"),
        row("staged_entry", StagedEntry{"k", {model::Identity("i"), "d"}}, encode_staged,
            decode_staged_entry, "0a016b1201691a0164"),
        row("import_status", sample_import(), encode_import_status, decode_import_status,
            "0a02696410011a080880e2cfaa061005200c2a026d7232370a0363696412026d651a036d736722080880e2"
            "cfaa0610052a026d7232060a016112013132050a016212003a0270313a027032400148073a03657272"),
        row("repository_metadata", model::Metadata{{"a", "1"}, {"b", "2"}},
            encode_repository_metadata, decode_repository_metadata,
            "0a060a01611201310a060a0162120132"),
        row("pull", sample_pull(), encode_pull, decode_pull,
            "0a02696410021a080880e2cfaa0610052201742a0261753201643a0373726342036473744a036369645206"
            "0881e2cfaa06"),
        row("range_data", sample_range(), encode_range_data, decode_range_data,
            "0a016112017a184d2003"),
        row("entry", sample_entry(), encode_entry, decode_entry,
            "0a046164647212080880e2cfaa061005182a2204657461672a060a016b12017630013a0a746578742f706c"
            "61696e"),
        row("task", sample_task(), encode_task, decode_task,
            "0a230a02696410011a080880e2cfaa06100520092a036572723094033a026f7042036f776e"),
        row("dump_status", sample_dump(), encode_dump_status, decode_dump_status,
            "0a230a02696410011a080880e2cfaa06100520092a036572723094033a026f7042036f776e12090a016312"
            "01741a0162"),
        row("gc_prepare_status", GcPrepareStatus{sample_task(), GcPrepareInfo{"r", "c", "a"}},
            encode_gc_prepare_status, decode_gc_prepare_status,
            "0a230a02696410011a080880e2cfaa06100520092a036572723094033a026f7042036f776e12090a017212"
            "01631a0161"),
        row("commit_status", CommitStatus{sample_task(), sample_commit()}, encode_commit_status,
            decode_commit_status,
            "0a230a02696410011a080880e2cfaa06100520092a036572723094033a026f7042036f776e12370a036369"
            "6412026d651a036d736722080880e2cfaa0610052a026d7232060a016112013132050a016212003a027031"
            "3a02703240014807"),
        row("merge_status", MergeStatus{sample_task(), "ref"}, encode_merge_status,
            decode_merge_status,
            "0a230a02696410011a080880e2cfaa06100520092a036572723094033a026f7042036f776e12050a037265"
            "66"),
        row("heartbeat", Then, encode_heartbeat, decode_heartbeat, "0a080880e2cfaa061005"),
        row("multipart_upload", sample_upload(), encode_multipart_upload, decode_multipart_upload,
            "0a0275701201701a080880e2cfaa0610052204616464722a060a016b12017632026374"),
        row("run", RunRecord{"r", "b", "c", "s", "e", Then, Later, true}, encode_run, decode_run,
            "0a01721201621a01632201732a016532080880e2cfaa0610053a060881e2cfaa064001"),
        row("hook_run", HookRunRecord{"r", "hr", "h", "a", Then, Later, true}, encode_hook_run,
            decode_hook_run, "0a0172120268721a01682201612a080880e2cfaa06100532060881e2cfaa064801"),
        row("user", UserRecord{Then, "u", "f", "e", std::string("\xff\0", 2), "s", "x"},
            encode_user, decode_user, "0a080880e2cfaa0610051201751a01662201652a02ff003201733a0178"),
        row("group", GroupRecord{Then, "n", "d"}, encode_group, decode_group,
            "0a080880e2cfaa06100512016e1a0164"),
        row("policy", sample_policy(), encode_policy, decode_policy,
            "0a080880e2cfaa06100512016e1a380a05616c6c6f77120466733a2a1206617574683a2a1a012a221e0a0c"
            "537472696e67457175616c73120e0a0c0a02697012060a01310a01321a060a0464656e79220f0a0541646d"
            "696e10011a046c616b65"),
        row("credential", CredentialRecord{"AK", "\xfe", Then, "u"}, encode_credential,
            decode_credential, "0a02414b1201fe1a080880e2cfaa061005220175"),
        row("token", TokenRecord{"t", Then}, encode_token, decode_token,
            "0a017412080880e2cfaa061005")),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Message, OptionalPartsStayAbsent) {
  DumpStatus dump;
  dump.task = sample_task();
  EXPECT_FALSE((*decode_dump_status(*encode_dump_status(dump))).info.has_value());
  ImportStatus import;
  EXPECT_FALSE((*decode_import_status(*encode_import_status(import))).commit.has_value());
  PullRecord pull;
  const PullRecord back = *decode_pull(*encode_pull(pull));
  EXPECT_FALSE(back.merge_commit.has_value());
  EXPECT_FALSE(back.closed_at.has_value());
  pull.merge_commit = model::CommitId("");
  EXPECT_TRUE((*decode_pull(*encode_pull(pull))).merge_commit.has_value());
}

// So that expiry can read any row as a Task.
TEST(Message, EveryStatusRowIsATask) {
  for (const base::Bytes& row :
       {*encode_dump_status(sample_dump()), *encode_merge_status({sample_task(), "ref"}),
        *encode_commit_status({sample_task(), sample_commit()}),
        *encode_gc_prepare_status({sample_task(), std::nullopt})}) {
    const auto task = decode_task(row);
    ASSERT_TRUE(task.has_value());
    EXPECT_EQ(task->id, "id");
    EXPECT_EQ(task->status_code, 404);
  }
}

TEST(Message, TextThatIsNotUtf8IsRefused) {
  model::Entry entry = sample_entry();
  entry.etag = "\xff";
  EXPECT_EQ(encode_entry(entry).error().code(), base::Code::InvalidArgument);
  model::Commit commit = sample_commit();
  commit.metadata["k"] = "\xc3";
  EXPECT_EQ(encode_commit(commit).error().code(), base::Code::InvalidArgument);
  EXPECT_EQ(encode_commit_status({sample_task(), commit}).error().code(),
            base::Code::InvalidArgument);
  PolicyRecord policy = sample_policy();
  policy.statements[0].conditions["StringEquals"]["ip"][1] = "\xed\xa0\x80";
  EXPECT_EQ(encode_policy(policy).error().code(), base::Code::InvalidArgument);
  // Keys are bytes: a staged path may be anything.
  EXPECT_EQ((*decode_staged_entry(encode_staged_entry("\xff", "", ""))).key, "\xff");
}

TEST(Message, AnEntrysViewAgreesWithTheEntry) {
  const base::Bytes data = *encode_entry(sample_entry());
  const EntryView view = *view_entry(data);
  EXPECT_EQ(view.address, "addr");
  EXPECT_EQ(view.last_modified, Then);
  EXPECT_EQ(view.size, 42);
  EXPECT_EQ(view.etag, "etag");
  EXPECT_EQ(view.address_type, model::AddressType::Relative);
  EXPECT_EQ(view.content_type, "text/plain");
  EXPECT_TRUE(view.has_metadata);
}

TEST(Message, UnknownEnumeratorsAreCorruption) {
  EXPECT_EQ(decode_repository("\x28\x02").error().code(), base::Code::Corruption);
  EXPECT_EQ(decode_entry("\x30\x03").error().code(), base::Code::Corruption);
  EXPECT_EQ(decode_pull("\x10\x03").error().code(), base::Code::Corruption);
  EXPECT_EQ(decode_branch_protection("\x0a\x05\x12\x03\x0a\x01\x02").error().code(),
            base::Code::Corruption);
}

TEST(Message, BlockedActionsMayBeUnpacked) {
  const BranchProtectionRules rules =
      *decode_branch_protection(std::string("\x0a\x09\x0a\x01m\x12\x04\x08\x00\x08\x01", 11));
  EXPECT_EQ(rules.blocked_by_pattern.at("m"),
            (std::vector<BlockedAction>{BlockedAction::StagingWrite, BlockedAction::Commit}));
}

}  // namespace
}  // namespace varve::format
