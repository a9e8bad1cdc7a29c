// Multipart uploads.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/hash.h"
#include "base/result.h"
#include "base/run.h"
#include "base/task.h"
#include "model/errors.h"
#include "ports/object_store.h"
#include "tests/contract/object_store_contract.h"

namespace varve::contract {

using base::Bytes;
using base::Context;
using base::Result;
using base::run;
using base::Task;
using model::Detail;
using ports::CompletedPart;

namespace {

std::string md5_hex(const Bytes& bytes) { return base::hex_encode(base::md5(bytes)); }

std::string multipart_etag(const std::vector<Bytes>& parts) {
  Bytes digests;
  for (const Bytes& part : parts) digests += base::md5(part);
  return md5_hex(digests) + "-" + std::to_string(parts.size());
}

template <class T>
void expect_detail(const Result<T>& result, Detail detail) {
  ASSERT_FALSE(result.has_value());
  EXPECT_TRUE(model::is(result.error(), detail)) << result.error().message();
}

}  // namespace

TEST_P(ObjectStoreContract, PartsMakeAnObject) {
  const std::vector<Bytes> bytes = {Bytes(700'000, 'a'), Bytes(300'000, 'b'), "end"};
  const std::string upload = create_upload("m/a");
  for (const int number : {3, 1, 2}) {  // in any order
    const Bytes& part = bytes[static_cast<std::size_t>(number - 1)];
    const auto info = put_part("m/a", upload, number, part);
    ASSERT_TRUE(info) << info.error().message();
    EXPECT_EQ(info->etag, md5_hex(part));
    EXPECT_EQ(info->size, static_cast<std::int64_t>(part.size()));
  }
  EXPECT_TRUE(list("m/", "", 10).empty()) << "nothing shows before it is complete";
  const auto info = complete(
      "m/a", upload, {{1, md5_hex(bytes[0])}, {2, md5_hex(bytes[1])}, {3, md5_hex(bytes[2])}});
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_EQ(info->etag, multipart_etag(bytes));
  EXPECT_EQ(info->size, 1'000'003);
  EXPECT_EQ(info->address, at("m/a"));
  EXPECT_TRUE(get("m/a") == bytes[0] + bytes[1] + bytes[2]);
  EXPECT_EQ(stat("m/a")->last_modified, info->last_modified);
  ASSERT_TRUE(run(store().abort_multipart(Context(), at("m/a"), upload)));
  expect_detail(complete("m/a", upload, {{1, md5_hex(bytes[0])}}), Detail::UploadMissing);
  EXPECT_EQ(get("m/a")->size(), 1'000'003U);
  EXPECT_EQ(subject_->leftovers(), 0U);
}

// Who was cut off before the object's name was safe asks again; and no request, however late, makes
// the object anything else.  [I-1]
TEST_P(ObjectStoreContract, AnUploadMayBeCompletedAgainButNotOtherwise) {
  const std::string upload = create_upload("m/a");
  ASSERT_TRUE(put_part("m/a", upload, 1, "one"));
  ASSERT_TRUE(put_part("m/a", upload, 2, "two"));
  const std::vector<CompletedPart> list = {{1, md5_hex("one")}, {2, md5_hex("two")}};
  const auto first = complete("m/a", upload, list);
  ASSERT_TRUE(first) << first.error().message();
  const auto again = complete("m/a", upload, list);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->etag, first->etag);
  EXPECT_EQ(again->last_modified, first->last_modified);

  const auto shorter = complete("m/a", upload, {{1, md5_hex("one")}});
  ASSERT_FALSE(shorter);
  EXPECT_EQ(shorter.error().code(), base::Code::Conflict);
  ASSERT_TRUE(put_part("m/a", upload, 2, "too"));
  const auto other = complete("m/a", upload, {{1, md5_hex("one")}, {2, md5_hex("too")}});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code(), base::Code::Conflict);
  EXPECT_EQ(get("m/a"), "onetwo");
}

TEST_P(ObjectStoreContract, APartMayBeReplacedOrLeftOut) {
  const std::string upload = create_upload("m/a");
  ASSERT_TRUE(put_part("m/a", upload, 1, "old"));
  ASSERT_TRUE(put_part("m/a", upload, 1, "new!"));
  ASSERT_TRUE(put_part("m/a", upload, 5, "unused"));
  ASSERT_TRUE(put_part("m/a", upload, 10000, "last"));
  expect_detail(complete("m/a", upload, {{1, md5_hex("old")}}), Detail::InvalidPart);
  const auto info = complete("m/a", upload, {{1, md5_hex("new!")}, {10000, md5_hex("last")}});
  ASSERT_TRUE(info) << info.error().message();
  EXPECT_EQ(info->etag, multipart_etag({"new!", "last"}));
  EXPECT_EQ(get("m/a"), "new!last");
}

TEST_P(ObjectStoreContract, CompleteChecksItsList) {
  const std::string upload = create_upload("m/a");
  ASSERT_TRUE(put_part("m/a", upload, 1, "one"));
  ASSERT_TRUE(put_part("m/a", upload, 2, "two"));
  const std::string one = md5_hex("one");
  const std::string two = md5_hex("two");
  expect_detail(complete("m/a", upload, {{2, two}, {1, one}}), Detail::InvalidPartOrder);
  expect_detail(complete("m/a", upload, {{1, one}, {1, one}}), Detail::InvalidPartOrder);
  expect_detail(complete("m/a", upload, {{1, one}, {3, two}}), Detail::InvalidPart);
  expect_detail(complete("m/a", upload, {{1, two}}), Detail::InvalidPart);
  const auto none = complete("m/a", upload, {});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), base::Code::InvalidArgument);
  EXPECT_TRUE(complete("m/a", upload, {{1, one}, {2, two}})) << "a refused list changes nothing";
}

TEST_P(ObjectStoreContract, AnUploadIsGoodForItsAddressOnly) {
  const std::string upload = create_upload("m/a");
  ASSERT_TRUE(put_part("m/a", upload, 1, "one"));
  expect_detail(put_part("m/b", upload, 1, "x"), Detail::UploadMissing);
  expect_detail(complete("m/b", upload, {{1, md5_hex("one")}}), Detail::UploadMissing);
  expect_detail(parts("m/b", upload, 0, 10), Detail::UploadMissing);
  expect_detail(run(store().abort_multipart(Context(), at("m/b"), upload)), Detail::UploadMissing);
  for (const std::string id : {"", "nosuch", "../tmp", "00000000000000000000000000000000"}) {
    expect_detail(put_part("m/a", id, 1, "x"), Detail::UploadMissing);
    expect_detail(parts("m/a", id, 0, 10), Detail::UploadMissing);
  }
}

TEST_P(ObjectStoreContract, PartNumbersAreBounded) {
  const std::string upload = create_upload("m/a");
  for (const int number : {-1, 0, 10001}) {
    const auto info = put_part("m/a", upload, number, "x");
    ASSERT_FALSE(info);
    EXPECT_EQ(info.error().code(), base::Code::InvalidArgument);
  }
}

TEST_P(ObjectStoreContract, PartsAreListedInPages) {
  const std::string upload = create_upload("m/a");
  EXPECT_TRUE(parts("m/a", upload, 0, 10)->empty());
  for (const int number : {7, 2, 30}) {
    ASSERT_TRUE(
        put_part("m/a", upload, number, std::string(static_cast<std::size_t>(number), 'x')));
  }
  const auto numbers = [&](int after, std::size_t limit) {
    std::vector<int> out;
    const auto listed = parts("m/a", upload, after, limit).value();
    for (const auto& part : listed) out.push_back(part.number);
    return out;
  };
  EXPECT_EQ(numbers(0, 10), (std::vector<int>{2, 7, 30}));
  EXPECT_EQ(numbers(0, 2), (std::vector<int>{2, 7}));
  EXPECT_EQ(numbers(7, 2), (std::vector<int>{30}));
  EXPECT_EQ(numbers(30, 2), (std::vector<int>{}));
  const auto listed = parts("m/a", upload, 2, 1);
  EXPECT_EQ(listed->at(0).size, 7);
  EXPECT_EQ(listed->at(0).etag, md5_hex("xxxxxxx"));
  EXPECT_GT(listed->at(0).last_modified.seconds, 0);
}

Task<Result<void>> abort_under_a_part(ports::ObjectStore* store, ports::ObjectAddress address) {
  VARVE_CO_TRY(const std::string upload, co_await store->create_multipart(Context(), address));
  VARVE_CO_TRY(const auto writer, co_await store->put_part(Context(), address, upload, 1));
  VARVE_CO_CHECK(co_await writer->write(Bytes(400'000, 'x')));
  VARVE_CO_CHECK(co_await store->abort_multipart(Context(), address, upload));
  expect_detail(co_await writer->finish(), Detail::UploadMissing);
  expect_detail(co_await store->list_parts(Context(), address, upload, 0, 10),
                Detail::UploadMissing);
  expect_detail(co_await store->abort_multipart(Context(), address, upload), Detail::UploadMissing);
  co_return Result<void>();
}

TEST_P(ObjectStoreContract, APartInFlightDoesNotReviveAnAbortedUpload) {
  ASSERT_TRUE(run(abort_under_a_part(&store(), at("m/a"))));
  EXPECT_EQ(subject_->leftovers(), 0U);
}

TEST_P(ObjectStoreContract, UploadsOutliveTheProcess) {
  const std::string upload = create_upload("m/a");
  ASSERT_TRUE(put_part("m/a", upload, 1, "one"));
  subject_->restart();
  if (!subject_->survives_restart()) {
    expect_detail(parts("m/a", upload, 0, 10), Detail::UploadMissing);
    return;
  }
  ASSERT_TRUE(put_part("m/a", upload, 2, "two"));
  ASSERT_TRUE(complete("m/a", upload, {{1, md5_hex("one")}, {2, md5_hex("two")}}));
  EXPECT_EQ(get("m/a"), "onetwo");
}

}  // namespace varve::contract
