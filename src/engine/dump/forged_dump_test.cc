// Dumps that somebody else wrote: of another version, with refs that lead nowhere, with records
// under wrong keys, or with damaged files. Refused before anything is written.
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/run.h"
#include "engine/dump/dump.h"
#include "engine/harness_test.h"
#include "engine/repo/repo.h"
#include "engine/stores_test.h"
#include "format/identity.h"
#include "format/metarange.h"
#include "format/range_writer.h"
#include "format/refs_dump.h"
#include "format/table_writer.h"
#include "model/ids.h"
#include "model/records.h"
#include "ports/object_types.h"

namespace varve::engine {
namespace {

using format::DumpKind;
using format::DumpRecord;

model::Commit sample_commit() {
  model::Commit commit;
  commit.committer = "me";
  commit.message = "msg";
  commit.creation_date = {1700000000, 123};
  commit.id = format::commit_id(commit);
  return commit;
}

DumpRecord branch_record(const std::string& name, const model::CommitId& commit) {
  model::Branch branch;
  branch.id = model::BranchId(name);
  branch.commit_id = commit;
  return *format::dump_branch(branch);
}

class ForgedDumpTest : public ::testing::Test {
 protected:
  void SetUp() override {
    NewRepository wanted;
    wanted.id = model::RepositoryId("lake");
    wanted.storage_namespace = model::StorageNamespace("mem://lake");
    wanted.is_bare = true;
    ASSERT_TRUE(base::run(server_.engine().repositories().create(as("admin"), std::move(wanted))));
    ids_.commits = write(DumpKind::Commits, {*format::dump_commit(commit_)});
    ids_.branches = write(DumpKind::Branches, {branch_record("main", commit_.id)});
    ids_.tags = write(DumpKind::Tags, {*format::dump_tag({model::TagId("v1"), commit_.id})});
  }

  static ports::ObjectAddress address_of(const std::string& id) {
    return ports::ObjectAddress("mem://lake/_lakefs/" + id);
  }
  void store(const ports::ObjectAddress& address, base::Bytes bytes) {
    ASSERT_TRUE(base::run(
        stores_.objects.put_bytes(as("a"), address, std::move(bytes), ports::PutMode::Overwrite)));
  }

  // A table of these records, one range each; answers its id.
  model::MetaRangeId write(DumpKind kind, const std::vector<DumpRecord>& records) {
    const format::Properties properties = format::dump_properties(kind);
    std::vector<model::RangeInfo> ranges;
    for (const DumpRecord& record : records) {
      format::RangeWriter writer(format::RangeParams(), properties);
      EXPECT_TRUE(writer.add(record.key, record.identity, record.data));
      format::EncodedRange range = writer.finish();
      store(address_of(range.info.id.str()), std::move(range.bytes));
      ranges.push_back(std::move(range.info));
    }
    auto table = format::encode_metarange(std::move(ranges), properties);
    EXPECT_TRUE(table.has_value());
    store(address_of(table->id.str()), std::move(table->bytes));
    return table->id;
  }

  // Restores on a server with nothing in memory; nothing may be written unless it succeeds.
  base::Result<void> restore() {
    const std::size_t rows = stores_.kv.row_count();
    Server server(stores_);
    auto restored = base::run(server.engine().dumps().restore(as("a"), server.lake(), ids_, false));
    if (!restored.has_value()) EXPECT_EQ(stores_.kv.row_count(), rows);
    return restored;
  }
  void expect_refused(base::Code code, const std::string& text) {
    const auto restored = restore();
    ASSERT_FALSE(restored.has_value());
    EXPECT_EQ(restored.error().message(), text);
    EXPECT_EQ(restored.error().code(), code);
  }

  Stores stores_;
  Server server_{stores_};
  model::Commit commit_ = sample_commit();
  format::RefsDump ids_;
};

TEST_F(ForgedDumpTest, TheDumpAsItIsRestores) {
  ASSERT_EQ(text_of(restore()), "ok");
  EXPECT_EQ(server_.resolve("main"), commit_.id.str());
  EXPECT_EQ(server_.resolve("v1"), commit_.id.str());
}

TEST_F(ForgedDumpTest, ACommitOfAnotherVersionIsRefused) {
  model::Commit later = commit_;
  later.version = 2;
  ids_.commits = write(DumpKind::Commits, {*format::dump_commit(later)});
  expect_refused(base::Code::InvalidArgument,
                 "commit " + commit_.id.str() + ": version 2 is not known; known are 0 and 1");
}

TEST_F(ForgedDumpTest, ACommitWithoutGenerationIsRefused) {
  model::Commit old = commit_;
  old.generation = 0;
  ids_.commits = write(DumpKind::Commits, {*format::dump_commit(old)});
  expect_refused(base::Code::InvalidArgument,
                 "dumps from lakeFS before 0.61 have no generations: cannot restore");
}

TEST_F(ForgedDumpTest, ACommitThatDoesNotHashToItsIdIsRefused) {
  model::Commit forged = commit_;
  forged.message = "another";
  ids_.commits = write(DumpKind::Commits, {*format::dump_commit(forged)});
  expect_refused(base::Code::InvalidArgument, "commit id: invalid value: validation error");
}

TEST_F(ForgedDumpTest, ARefThatLeadsNowhereIsRefused) {  // [I-4]
  const model::CommitId nowhere(std::string(64, 'a'));
  ids_.branches = write(DumpKind::Branches, {branch_record("dev", nowhere)});
  expect_refused(base::Code::InvalidArgument,
                 "branches: dev points at commit " + nowhere.str() + ", which is not in the dump");
  ids_.branches = write(DumpKind::Branches, {branch_record("main", commit_.id)});
  ids_.tags = write(DumpKind::Tags, {*format::dump_tag({model::TagId("v1"), nowhere})});
  expect_refused(base::Code::InvalidArgument,
                 "tags: v1 points at commit " + nowhere.str() + ", which is not in the dump");
}

TEST_F(ForgedDumpTest, ARecordUnderAnotherKeyIsRefused) {
  DumpRecord moved = branch_record("main", commit_.id);
  moved.key = "other";
  ids_.branches = write(DumpKind::Branches, {moved});
  expect_refused(base::Code::InvalidArgument, "branches: the record of other is another's");
  DumpRecord relabelled = branch_record("main", commit_.id);
  relabelled.identity = std::string(64, 'a');
  ids_.branches = write(DumpKind::Branches, {relabelled});
  expect_refused(base::Code::InvalidArgument, "branches: the record of main is another's");
}

TEST_F(ForgedDumpTest, ADamagedFileIsRefusedAndNamed) {
  const auto page = base::run(stores_.objects.list(as("a"), address_of(""), address_of(""), 100));
  ASSERT_EQ(page->objects.size(), 6U);
  for (const ports::ObjectInfo& file : page->objects) {
    auto reader = base::run(stores_.objects.get(as("a"), file.address, ports::ByteRange()));
    const base::Bytes whole = *base::run((*reader)->read(1U << 20U));
    base::Bytes flipped = whole;
    flipped[flipped.size() / 4] ^= '\x40';
    for (const base::Bytes& damaged : {base::Bytes(), whole.substr(0, whole.size() / 2), flipped}) {
      store(file.address, damaged);
      const auto restored = restore();
      ASSERT_FALSE(restored.has_value()) << file.address.str();
      EXPECT_EQ(restored.error().code(), base::Code::Corruption);
      EXPECT_TRUE(restored.error().message().starts_with("repository lake: file " +
                                                         file.address.str() + ": "))
          << restored.error().message();
    }
    ASSERT_TRUE(base::run(stores_.objects.erase(as("a"), file.address)));
    EXPECT_FALSE(restore().has_value());
    store(file.address, whole);
  }
  EXPECT_EQ(text_of(restore()), "ok");
}

}  // namespace
}  // namespace varve::engine
