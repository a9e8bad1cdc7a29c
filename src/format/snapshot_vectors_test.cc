// The generated snapshots of engine.md 16: records by formula, ranges, estimates and files known to
// the byte. Nothing else proves at once the table writer, the Snappy encoder, the ids and the rule
// that breaks ranges.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "format/metarange.h"
#include "format/range_writer.h"
#include "model/records.h"

namespace varve::format {
namespace {

struct WantRange {
  std::string_view id;
  int last_index;
  std::int64_t count;
  std::uint64_t estimate;
  std::size_t file_bytes;
  std::string_view file_sha256;
};

struct Snapshot {
  const char* name;
  int records;
  RangeParams params;
  std::vector<WantRange> ranges;
  WantRange metarange;
};

std::string key_of(int i) {
  char key[64];
  std::snprintf(key, sizeof(key), "data/part-%06d.parquet", i);
  return key;
}

std::vector<EncodedRange> write_ranges(const Snapshot& snapshot) {
  std::vector<EncodedRange> ranges;
  RangeWriter writer(snapshot.params);
  for (int i = 0; i < snapshot.records; ++i) {
    const base::Bytes identity = base::sha256(std::to_string(i));
    const std::string data = "address-" + base::hex_encode(identity) + "-" + std::to_string(i % 97);
    EXPECT_TRUE(writer.add(key_of(i), identity, data).has_value());
    if (writer.should_break()) {
      ranges.push_back(writer.finish());
      writer = RangeWriter(snapshot.params);
    }
  }
  if (!writer.empty()) ranges.push_back(writer.finish());
  return ranges;
}

class GeneratedSnapshot : public ::testing::TestWithParam<Snapshot> {};

TEST_P(GeneratedSnapshot, IsTheReferenceToTheByte) {
  const Snapshot& want = GetParam();
  const std::vector<EncodedRange> ranges = write_ranges(want);
  ASSERT_EQ(ranges.size(), want.ranges.size());
  std::vector<model::RangeInfo> infos;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const EncodedRange& got = ranges[i];
    const WantRange& range = want.ranges[i];
    EXPECT_EQ(got.info.id.view(), range.id);
    EXPECT_EQ(got.info.max_key, key_of(range.last_index));
    EXPECT_EQ(got.info.min_key, key_of(range.last_index - static_cast<int>(range.count) + 1));
    EXPECT_EQ(got.info.count, range.count);
    EXPECT_EQ(got.info.estimated_size, range.estimate);
    EXPECT_EQ(got.bytes.size(), range.file_bytes);
    EXPECT_EQ(base::hex_encode(base::sha256(got.bytes)), range.file_sha256);
    infos.push_back(got.info);
  }
  const auto meta = encode_metarange(infos);
  ASSERT_TRUE(meta.has_value());
  EXPECT_EQ(meta->id.view(), want.metarange.id);
  EXPECT_EQ(meta->bytes.size(), want.metarange.file_bytes);
  EXPECT_EQ(base::hex_encode(base::sha256(meta->bytes)), want.metarange.file_sha256);
}

INSTANTIATE_TEST_SUITE_P(
    Format, GeneratedSnapshot,
    ::testing::Values(
        Snapshot{"three",
                 3,
                 {},
                 {{"945d87bafdc04b49f579a0e9019cc8cee1db2505b929da3af531f5a32d3acf04", 2, 3, 414,
                   1340, "b8c13f3e6817e72374af0ffc29ca7157d21284304baadcd189063b843742290f"}},
                 {"ab12d5c558fb6094c3991028f0af038b61f9af3c320dc1220438e02b8bd4277f", 0, 1, 171,
                  1072, "7f5966454d94f40ca45af835382f78d8ef67ce20eba91c86d9269f22a6f4ddcc"}},
        Snapshot{
            "twenty_thousand",
            20000,
            {0, 1048576, 5000},
            {{"b381bc83a424c18f2477f5a00b838474f4e25109dfd76f01994b6d8cee6e2047", 4930, 4931,
              551397, 553510, "5e5087368e7eab5d606f491804e2a7a1f3d555e0e6dc70c36aab7df6f4b69df8"},
             {"1adb4dae6bdf7e583dbda1f4d62e87b90c9751e20bd279b82690050b59259950", 6114, 1184,
              133604, 133853, "615df7129a83efddba1722196b5b181437387b8e3b15bf70c3a8c6ac8425c1b1"},
             {"a68f65fc94ef6bb3c327335964729f4f6e926ac8b7ef1d7facf46b7d54e73cbc", 6288, 174, 20002,
              20479, "5c8aac2a735024d7cb72ebaece634d3c25e64587cdee365e10aecf029566fc3b"},
             {"359d780995319c3388c81cb702abdf16959ae96a4eb65d180e68025af0d6d753", 10953, 4665,
              521609, 523897, "19da02997df5f2c472c142e7b83b930d0dd43460e39dc611e30b9cc527258191"},
             {"57a6e67f01e19fb74bd8fdd6044ab5a5ad1e27869ddf878820f0752899f2d386", 12300, 1347,
              151960, 151853, "3dd101572c91f594d93833b55f70753a1a9641c5cb87604c0240c200373e8c14"},
             {"ee22ad1aff4f0d4b888a05f6c3fa502f97f2f254b669344ecfa19d9a9064876c", 18962, 6662,
              747093, 747588, "67e8c2d218980e8a6412d016442f57d06a04984ba23eaf84ec5329bc944708b7"},
             {"dd4eb9ce64498acc31708ab5d6f89b57e1addbc53ebc88ca3ae464365ca353ff", 19999, 1037,
              116993, 117097, "f0b801353d1da3161eb4012e33c1f2c58a716939868d20094c5fecb4980198cb"}},
            {"5bc9b02a09e60dad73a9495b4cba979816d3df8a5d7de3b35f4bc897d66167ee", 0, 7, 1067, 1672,
             "5dd69e994827873ca9e71f64d7bc3ce57fbf0dd2883b9658ef0a880ac7af33ef"}},
        Snapshot{
            "three_hundred_thousand",
            300000,
            {},
            {{"13e6de65feb098d1c2d7a324795b747d91b6225dca7643c961562399200ef1fb", 6114, 6115,
              684990, 686372, "75fea230a5aa24668ae58fa8301b4a322cc3dc15a0ad22ee6e5b26435502bfca"},
             {"a68f65fc94ef6bb3c327335964729f4f6e926ac8b7ef1d7facf46b7d54e73cbc", 6288, 174, 20002,
              20479, "5c8aac2a735024d7cb72ebaece634d3c25e64587cdee365e10aecf029566fc3b"},
             {"761cc7f5d51b0c1d0fb884bd5608492d0d14c68e54bba5eb904773ba6c306897", 190529, 184241,
              20542597, 20645771,
              "db1eaceaedf26a278749026279c1b0ae078e600a09243e7c02d1e09e28787864"},
             {"b0e52d6375db2877b95b3313b90227b2e3f10d2bc8ab6470fea09461d6c01350", 193681, 3152,
              355472, 354089, "3b988ec9e3ee3e989ea95efea76ab7d78cfede68ffcfd8a9c4cd55cfba23354e"},
             {"ff57c2a9cb07ce0d51e4eebebe80d74924ddf30ef4cadef61f2acdbb615b65ec", 299999, 106318,
              11851730, 11913290,
              "e6320964c24be2f589ec920a2971f6e0e5ce1496141ae22ab525c505a5a37b5f"}},
            {"13fc31ea60b54257cd66eeeb4749f097ab9527851a721e4f2d67af4165ab1c5b", 0, 5, 778, 1493,
             "83c6ce6af2a0ddc9ff39aacf43034f04c2aa45fed2a478e5c3bab22e76be502b"}},
        Snapshot{
            "three_thousand",
            3000,
            {65536, 98304, 997},
            {{"75296a198bd868c2a89fe77a817859e21f77542d8b75f4434fbb60a024ef665a", 872, 873, 98366,
              98798, "67813f7c363ed9d7d9a830d66ca697b8d0e179c386f44d7693e9c4183c8af9e8"},
             {"de48ca1517d32ece5704f790b59566616a3091d8e5f69d48e0937824ea978580", 1642, 770, 87214,
              87206, "430b6e67f5aeff6d78dc4b18d81d317f66acab35d3a85188730578ce1ea468a3"},
             {"a3aa73208b318b4b9ab8df122e87782c43b5a4f710abc7ed556b3e2c504411f0", 2510, 868, 98309,
              98147, "54e34c0f932200361ed282455fc44f948084784ed0dcacddef43ed63aafd48ef"},
             {"b9f7fae5f17d978702c08cb1990753df3de795ce2766a20114c4248b45cc05eb", 2999, 489, 55652,
              55850, "e745ca1f4f081c8e82e51ae40ebd4071e7916e6ff4ad36b1dbd998f1472c9923"}},
            {"12af9b8d7096b084762b8bffa2db407c30272bf2fbf9c3821c5b0b56bcc0ff07", 0, 4, 619, 1384,
             "c9fcc0acc3a7f23677f4725fa9f9f57984f02251953a259c3b95ebf1379b769b"}}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace varve::format
