#include "engine/uploads/uploads.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/kv_memory/kv_memory.h"
#include "adapters/object_memory/object_memory.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/run.h"
#include "base/task.h"
#include "base/time.h"
#include "engine/core/core.h"
#include "format/graveler.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/records.h"
#include "ports/kv_store.h"
#include "ports/object_types.h"

namespace varve::engine {
namespace {

class SetClock final : public base::Clock {
 public:
  base::Timestamp now() override { return {seconds, 0}; }
  base::MonotonicTime monotonic() override { return mono; }
  std::int64_t seconds = 1'784'000'000;
  base::MonotonicTime mono{};
};

// A body in pieces of `piece` bytes; fails at its end if told to.
class TextSource final : public ByteSource {
 public:
  TextSource(std::string text, std::size_t piece, bool fails = false)
      : text_(std::move(text)), piece_(piece), fails_(fails) {}
  base::Task<base::Result<base::Bytes>> read(std::size_t bytes_max) override {
    base::Bytes bytes = text_.substr(at_, std::min(piece_, bytes_max));
    at_ += bytes.size();
    if (bytes.empty() && fails_) {
      co_return model::make_error(base::Code::InvalidArgument, model::Detail::BadDigest, "bad");
    }
    co_return bytes;
  }

 private:
  std::string text_;
  std::size_t piece_;
  bool fails_;
  std::size_t at_ = 0;
};

class UploadsTest : public ::testing::Test {
 protected:
  static base::OffloadOptions no_threads() {
    base::OffloadOptions options;
    options.threads = 0;
    return options;
  }
  static EngineOptions keyed() {
    EngineOptions options;
    options.signing_key = "secret";
    return options;
  }
  RepositoryRef repository(const std::string& name) {
    model::Repository record;
    record.id = model::RepositoryId(name);
    record.instance_uid = "uid";
    record.storage_namespace = model::StorageNamespace("mem://" + name);
    record.record = *format::encode_repository(record);
    ports::KvWrite write;
    write.updates.push_back(ports::KvUpdate::set({"graveler", "repos/" + name}, record.record));
    EXPECT_TRUE(base::run(kv_.write(base::Context(), write)).has_value());
    return std::make_shared<const model::Repository>(std::move(record));
  }
  base::Result<Uploaded> upload(std::string text, std::size_t piece = 1U << 30U) {
    return base::run(uploads_.upload(base::Context(), lake_,
                                     std::make_unique<TextSource>(std::move(text), piece)));
  }
  std::string read(const model::Entry& entry) {
    auto reader = base::run(uploads_.open(base::Context(), lake_, entry, ports::ByteRange()));
    if (!reader.has_value()) return reader.error().message();
    std::string text;
    for (;;) {
      auto bytes = base::run((*reader)->read(1U << 20U));
      if (!bytes.has_value()) return bytes.error().message();
      if (bytes->empty()) return text;
      text += *bytes;
    }
  }
  static model::Entry entry_of(const Uploaded& uploaded) {
    model::Entry entry;
    entry.address = uploaded.address;
    entry.size = uploaded.size;
    entry.etag = uploaded.etag;
    return entry;
  }

  SetClock clock_;
  base::SeededRng rng_{3};
  adapters::MemoryKv kv_;
  adapters::MemoryObjects objects_{clock_, rng_};
  base::Offload offload_{no_threads()};
  Core core_{kv_, objects_, clock_, rng_, offload_, keyed()};
  Uploads uploads_{core_};
  RepositoryRef lake_ = repository("lake");
};

TEST_F(UploadsTest, ASmallBodyIsStoredWithItsMd5) {
  const auto uploaded = upload("hello");
  ASSERT_TRUE(uploaded.has_value());
  EXPECT_EQ(uploaded->size, 5);
  EXPECT_EQ(uploaded->etag, "5d41402abc4b2a76b9719d911017c592");
  EXPECT_TRUE(uploaded->address.starts_with("data/fvsla0"));
  EXPECT_EQ(read(entry_of(*uploaded)), "hello");
}

TEST_F(UploadsTest, AnEmptyBodyIsAnObject) {
  const auto uploaded = upload("");
  ASSERT_TRUE(uploaded.has_value());
  EXPECT_EQ(uploaded->etag, "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(read(entry_of(*uploaded)), "");
}

// Sizes around the buffer, in pieces that do not fit it.
TEST_F(UploadsTest, BodiesOfAnySizeComeBack) {
  for (const std::size_t size : {262143U, 262144U, 262145U, 600000U, 1048576U}) {
    for (const std::size_t piece : {7777U, 65536U, 1U << 20U}) {
      const std::string text(size, static_cast<char>('a' + size % 26));
      const auto uploaded = upload(text, piece);
      ASSERT_TRUE(uploaded.has_value());
      EXPECT_EQ(uploaded->size, static_cast<std::int64_t>(size));
      EXPECT_EQ(uploaded->etag, base::hex_encode(base::md5(text)));
      EXPECT_EQ(read(entry_of(*uploaded)), text);
    }
  }
}

TEST_F(UploadsTest, ABodyThatFailsStoresNothing) {
  for (const std::size_t size : {10U, 600000U}) {
    auto source = std::make_unique<TextSource>(std::string(size, 'x'), 1U << 20U, true);
    const auto uploaded = base::run(uploads_.upload(base::Context(), lake_, std::move(source)));
    ASSERT_FALSE(uploaded.has_value());
    EXPECT_TRUE(model::is(uploaded.error(), model::Detail::BadDigest));
    EXPECT_EQ(objects_.object_count(), 0U);
  }
}

TEST_F(UploadsTest, ACopyIsAnotherObjectWithTheSameContent) {
  const auto uploaded = upload("hello");
  clock_.seconds += 10;
  const auto copied =
      base::run(uploads_.copy(base::Context(), lake_, entry_of(*uploaded), repository("other")));
  ASSERT_TRUE(copied.has_value());
  EXPECT_NE(copied->address, uploaded->address);
  EXPECT_EQ(copied->etag, uploaded->etag);
  EXPECT_EQ(copied->last_modified.seconds, clock_.seconds);
  model::Entry missing;
  missing.address = "data/none";
  const auto failed =
      base::run(uploads_.copy(base::Context(), lake_, missing, repository("other")));
  EXPECT_TRUE(model::is(failed.error(), model::Detail::DataMissing));
}

TEST_F(UploadsTest, MissingDataIsSaidToBe) {
  model::Entry entry;
  entry.address = "data/none";
  EXPECT_EQ(read(entry), "No data");
}

// What an entry promises is served whole or not at all.
TEST_F(UploadsTest, DataShorterThanRecordedIsDamageAndNotAShortAnswer) {
  const auto uploaded = upload("0123456789");
  ASSERT_TRUE(uploaded.has_value());
  const model::Entry entry = entry_of(*uploaded);
  const ports::ObjectAddress address("mem://lake/" + uploaded->address);
  ASSERT_TRUE(
      base::run(objects_.put_bytes({}, address, base::Bytes("01234"), ports::PutMode::Overwrite)));
  const std::string text =
      "repository lake: data " + address.str() + " is damaged: it has 5 bytes, 10 are recorded";
  for (const ports::ByteRange range :
       {ports::ByteRange(), ports::ByteRange{0, 1}, ports::ByteRange{7, 2}}) {
    const auto reader = base::run(uploads_.open({}, lake_, entry, range));
    ASSERT_FALSE(reader.has_value());
    EXPECT_EQ(reader.error().message(), text);
    EXPECT_EQ(reader.error().code(), base::Code::Corruption);
  }
  const std::size_t objects = objects_.object_count();
  const auto copied = base::run(uploads_.copy({}, lake_, entry, lake_));
  ASSERT_FALSE(copied.has_value());
  EXPECT_EQ(copied.error().message(), text);
  EXPECT_EQ(objects_.object_count(), objects) << "nothing of it stays";
}

// Whoever registers an address may know better than the store what belongs to the object.
TEST_F(UploadsTest, DataLongerThanRecordedIsServedAsFarAsItIsRecorded) {
  model::Entry entry = entry_of(*upload("0123456789"));
  entry.size = 4;
  EXPECT_TRUE(base::run(uploads_.open({}, lake_, entry, ports::ByteRange{0, 4})).has_value());
  EXPECT_TRUE(base::run(uploads_.copy({}, lake_, entry, lake_)).has_value());
}

TEST_F(UploadsTest, PartitionsAreRenewedByCountAndByTime) {
  auto partition = [this] { return uploads_.new_address().substr(0, 25); };
  const std::string first = partition();
  EXPECT_EQ(partition(), first);
  clock_.mono += std::chrono::minutes(59);
  EXPECT_EQ(partition(), first);
  clock_.mono += std::chrono::minutes(1);
  clock_.seconds += 3600;
  const std::string second = partition();
  EXPECT_LT(second, first);  // newer sorts first
  for (int i = 1; i < 50000; ++i) ASSERT_EQ(partition(), second);
  EXPECT_NE(partition(), second);
}

TEST_F(UploadsTest, MultipartAssemblesParts) {
  auto created = base::run(uploads_.create_multipart(
      base::Context(), lake_, model::ObjectPath("a/b"), {{"k", "v"}}, "t/x"));
  ASSERT_TRUE(created.has_value());
  const auto found = base::run(
      uploads_.get_multipart(base::Context(), lake_, model::ObjectPath("a/b"), created->id));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->store_upload_id, created->store_upload_id);
  EXPECT_EQ(found->content_type, "t/x");
  std::vector<ports::CompletedPart> parts;
  for (const int number : {1, 2}) {
    auto source = std::make_unique<TextSource>(number == 1 ? "hello " : "world", 3);
    const auto part =
        base::run(uploads_.put_part(base::Context(), lake_, *found, number, std::move(source)));
    ASSERT_TRUE(part.has_value());
    parts.push_back({number, part->etag});
  }
  const auto listed = base::run(uploads_.list_parts(base::Context(), lake_, *found, 0, 10));
  ASSERT_EQ(listed->size(), 2U);
  const auto done = base::run(uploads_.complete_multipart(base::Context(), lake_, *found, parts));
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->size, 11);
  EXPECT_TRUE(done->etag.ends_with("-2"));
  EXPECT_EQ(read(entry_of(*done)), "hello world");
  // Nobody has heard of the object yet: whoever asks again gets the same.
  const auto again = base::run(uploads_.complete_multipart(base::Context(), lake_, *found, parts));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->address, done->address);
  EXPECT_EQ(again->etag, done->etag);
  ASSERT_TRUE(base::run(uploads_.abort_multipart(base::Context(), lake_, *found)).has_value());
  EXPECT_EQ(read(entry_of(*done)), "hello world");
  EXPECT_EQ(kv_.row_count(), 1U);  // the repository's
}

TEST_F(UploadsTest, AnUploadIsFoundByItsOwnRepositoryAndPathOnly) {
  const auto created =
      base::run(uploads_.create_multipart(base::Context(), lake_, model::ObjectPath("a"), {}, ""));
  auto missing = [this](const RepositoryRef& where, const char* path, const model::UploadId& id) {
    const auto got =
        base::run(uploads_.get_multipart(base::Context(), where, model::ObjectPath(path), id));
    return !got.has_value() && model::is(got.error(), model::Detail::UploadMissing);
  };
  EXPECT_FALSE(missing(lake_, "a", created->id));
  EXPECT_TRUE(missing(lake_, "b", created->id));
  EXPECT_TRUE(missing(repository("other"), "a", created->id));
  EXPECT_TRUE(missing(lake_, "a", model::UploadId("nonsense")));
  ASSERT_TRUE(base::run(uploads_.abort_multipart(base::Context(), lake_, *created)).has_value());
  EXPECT_TRUE(missing(lake_, "a", created->id));
  EXPECT_TRUE(base::run(uploads_.abort_multipart(base::Context(), lake_, *created)).has_value());
}

TEST_F(UploadsTest, UploadsAreListedByPathThenId) {
  for (const char* path : {"b", "a", "a", "a!", "c/1"}) {
    ASSERT_TRUE(base::run(uploads_.create_multipart(base::Context(), lake_, model::ObjectPath(path),
                                                    {}, ""))
                    .has_value());
  }
  auto list = [this](const std::string& prefix, const std::string& path, const std::string& id,
                     int amount) {
    const auto page =
        base::run(uploads_.list_multiparts(base::Context(), lake_, prefix, path, id, amount));
    std::string text;
    for (const MultipartUpload& row : page->rows) text += row.path.str() + " ";
    return text + (page->has_more ? "more" : "end");
  };
  EXPECT_EQ(list("", "", "", 100), "a a a! b c/1 end");
  EXPECT_EQ(list("", "", "", 2), "a a more");
  EXPECT_EQ(list("", "a", "", 100), "a! b c/1 end");
  EXPECT_EQ(list("a", "", "", 100), "a a a! end");
  EXPECT_EQ(list("c/", "b", "", 100), "c/1 end");
  const auto first = base::run(uploads_.list_multiparts(base::Context(), lake_, "", "", "", 1));
  EXPECT_EQ(list("", "a", first->rows[0].id.str(), 100), "a a! b c/1 end");
}

class LinksTest : public UploadsTest {
 protected:
  std::string link(const std::string& address, const char* branch = "main",
                   const char* path = "a") {
    const auto linked = uploads_.verify_linked_address(*lake_, model::BranchId(branch),
                                                       model::ObjectPath(path), address);
    if (!linked.has_value()) return linked.error().message();
    return (linked->type == model::AddressType::Relative ? "relative " : "full ") + linked->address;
  }
  std::string address_ =
      uploads_.signed_address(*lake_, model::BranchId("main"), model::ObjectPath("a"));
};

TEST_F(LinksTest, ASignedAddressLinksItsOwnBranchAndPathOnly) {
  ASSERT_TRUE(address_.starts_with("mem://lake/data/"));
  EXPECT_EQ(link(address_), "relative " + address_.substr(11));
  EXPECT_EQ(link(address_, "dev"), "invalid address signature: invalid address");
  EXPECT_EQ(link(address_, "main", "b"), "invalid address signature: invalid address");
  EXPECT_EQ(link(address_ + "x"), "invalid address signature: invalid address");
}

TEST_F(LinksTest, RefusesWhatItDidNotSign) {
  EXPECT_EQ(link("mem://lake/data/p/c0000000000000000000"),
            "address is not signed: link address invalid");
  EXPECT_EQ(link("mem://lake/data/x,!!!"),
            "malformed address signature: {\"Repository\":\"lake\",\"Branch\":\"main\",\"Path\":"
            "\"a\",\"PhysicalAddress\":\"data/x\"}: link address invalid");
  EXPECT_EQ(link(""), "address is no URI: link address invalid");
}

TEST_F(LinksTest, AnAddressLivesForADay) {
  clock_.seconds += 24 * 60 * 60;
  EXPECT_TRUE(link(address_).starts_with("relative "));
  clock_.seconds += 1;
  EXPECT_EQ(link(address_), "link address expired");
}

TEST_F(LinksTest, AddressesElsewhereAreTakenAsTheyAre) {
  EXPECT_EQ(link("mem://lake/elsewhere/x"), "full mem://lake/elsewhere/x");
  EXPECT_EQ(link("s3://other/x"), "full s3://other/x");
  EXPECT_EQ(link("mem://lake/../other/x"), "bad path traversal blocked");
}

// Ranges and metaranges name every object there is, also those the client may not see.
TEST_F(LinksTest, NoAddressIsThatOfMetadata) {
  const std::string want = "address is in the repository's own folder: invalid address";
  EXPECT_EQ(link("mem://lake/_lakefs/x"), want);
  EXPECT_EQ(uploads_.verify_staged_address(*lake_, "mem://lake/_lakefs/x").error().message(), want);
  EXPECT_EQ(link("mem://lake/_lakefsx"), "full mem://lake/_lakefsx");
}

TEST_F(LinksTest, ThePathIsPartOfTheSignatureWhateverItHolds) {
  const std::string odd = "a\"b\\<>&\n\x01\xE2\x80\xA8";
  const std::string address =
      uploads_.signed_address(*lake_, model::BranchId("main"), model::ObjectPath(odd));
  EXPECT_TRUE(
      uploads_
          .verify_linked_address(*lake_, model::BranchId("main"), model::ObjectPath(odd), address)
          .has_value());
  const auto error = uploads_.verify_linked_address(*lake_, model::BranchId("main"),
                                                    model::ObjectPath(odd), "mem://lake/data/x,!");
  EXPECT_NE(error.error().message().find(R"("Path":"a\"b\\\u003c\u003e\u0026\n\u0001\u2028")"),
            std::string::npos);
}

TEST_F(LinksTest, StagedAddressesMustBeOfTheStore) {
  auto stage = [this](const std::string& address) {
    const auto staged = uploads_.verify_staged_address(*lake_, address);
    if (!staged.has_value()) return staged.error().message();
    return (staged->type == model::AddressType::Relative ? "relative " : "full ") + staged->address;
  };
  EXPECT_EQ(stage("mem://lake/data/x"), "relative data/x");
  EXPECT_EQ(stage("mem://lake/else/x"), "full mem://lake/else/x");
  EXPECT_EQ(stage("mem://other/x"), "full mem://other/x");
  EXPECT_EQ(stage("s3://b/x"), "physical address is not valid for block adapter: mem");
  EXPECT_EQ(stage("x"), "invalid storage scheme : invalid address");
  EXPECT_EQ(stage("mem://lake/../x"), "bad path traversal blocked");
}

}  // namespace
}  // namespace varve::engine
