#include "format/xid.h"

#include <gtest/gtest.h>
#include <rapidcheck/Assertions.h>
#include <rapidcheck/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/rng.h"
#include "base/time.h"

namespace varve::format {
namespace {

class StoppedClock final : public base::Clock {
 public:
  base::Timestamp now() override { return time; }
  base::MonotonicTime monotonic() override { return {}; }
  base::Timestamp time{1784000000, 5};
};

TEST(Xid, KnownValue) {
  const XidBytes bytes{0x4d, 0x88, 0xe1, 0x5b, 0x60, 0xf4, 0x86, 0xe4, 0x28, 0x41, 0x2d, 0xc9};
  EXPECT_EQ(encode_xid(bytes), "9m4e2mr0ui3e8a215n4g");
  EXPECT_EQ(decode_xid("9m4e2mr0ui3e8a215n4g"), bytes);
  EXPECT_EQ(xid_seconds(bytes), 0x4d88e15bU);
}

RC_GTEST_PROP(Xid, RoundTripsAndKeepsOrder, (const XidBytes& a, const XidBytes& b)) {
  RC_ASSERT(decode_xid(encode_xid(a)) == a);
  RC_ASSERT((encode_xid(a) < encode_xid(b)) == (a < b));
}

TEST(Xid, RefusesWhatItWouldNotWrite) {
  for (const std::string_view bad :
       {"", "9m4e2mr0ui3e8a215n4", "9m4e2mr0ui3e8a215n4g0", "9m4e2mr0ui3e8a215n4h",
        "9M4E2MR0UI3E8A215N4G", "9m4e2mr0ui3e8a215n w", "9m4e2mr0ui3e8a215n4w"}) {
    EXPECT_EQ(decode_xid(bad), std::nullopt) << bad;
  }
}

TEST(XidSource, IdsCarryTheTimeAndNeverRepeat) {
  StoppedClock clock;
  base::SeededRng rng(1);
  XidSource source(clock, rng);
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = source.next();
    EXPECT_EQ(xid_seconds(*decode_xid(id)), 1784000000U);
    ids.insert(id);
  }
  EXPECT_EQ(ids.size(), 1000U);
}

TEST(XidSource, DataPartitionsOfAKnownTime) {
  StoppedClock clock;
  base::SeededRng rng(1);
  XidSource source(clock, rng);
  const XidBytes bytes = *decode_xid(source.data_partition());
  EXPECT_EQ(xid_seconds(bytes), 0x7ff95500U);
  EXPECT_EQ(encode_xid(XidBytes{0x7f, 0xf9, 0x55, 0x00}).substr(0, 7), "fvsla00");
}

TEST(XidSource, DescendingIdsListNewestFirst) {
  StoppedClock clock;
  base::SeededRng rng(1);
  XidSource source(clock, rng);
  for (std::string (XidSource::*make)() : {&XidSource::data_partition, &XidSource::run_id,
                                           &XidSource::pull_id, &XidSource::gc_run_id}) {
    const std::string older = (source.*make)();
    ++clock.time.seconds;
    EXPECT_LT((source.*make)(), older);
  }
}

TEST(XidSource, SourcesDiffer) {
  StoppedClock clock;
  base::SeededRng rng(1);
  XidSource a(clock, rng);
  XidSource b(clock, rng);
  EXPECT_NE(a.next().substr(7, 8), b.next().substr(7, 8));
}

TEST(TaskId, IsAPrefixAndANanoid) {
  base::SeededRng rng(1);
  const std::string id = make_task_id(DumpTaskPrefix, rng);
  EXPECT_EQ(id.size(), 22U);
  EXPECT_TRUE(id.starts_with("DR"));
  EXPECT_EQ(
      id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"),
      std::string::npos);
  EXPECT_NE(make_task_id(DumpTaskPrefix, rng), id);
}

}  // namespace
}  // namespace varve::format
