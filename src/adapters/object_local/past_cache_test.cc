#include "adapters/object_local/past_cache.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <fstream>
#include <ios>
#include <sstream>
#include <string>
#include <string_view>

#include "adapters/object_local/fd.h"
#include "adapters/object_local/file_stream.h"

namespace varve::adapters {
namespace {

class PastCacheTest : public testing::Test {
 protected:
  PastCacheTest() { file_ = Fd(::mkstemp(path_.data())); }
  ~PastCacheTest() override { ::unlink(path_.c_str()); }

  std::string stored() const {
    std::stringstream content;
    content << std::ifstream(path_, std::ios::binary).rdbuf();
    return content.str();
  }

  std::string path_ = testing::TempDir() + "varve-past-XXXXXX";
  Fd file_;
};

std::string bytes_of(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 2654435761U >> 13U);
  return bytes;
}

// Wherever the bytes lie in memory, and however many there are.
TEST_F(PastCacheTest, WritesWholePagesAndLeavesTheRest) {
  const std::string memory = bytes_of((9U << 20U) + 4096);
  for (const std::size_t start : {0U, 1U, 4095U}) {
    for (const std::size_t size : {std::size_t{1} << 20U, (std::size_t{9} << 20U) + 1}) {
      ASSERT_EQ(::ftruncate(file_.get(), 0), 0);
      ASSERT_EQ(::lseek(file_.get(), 0, SEEK_SET), 0);
      const std::string_view bytes = std::string_view(memory).substr(start, size);
      const auto written = write_past_cache(file_.get(), bytes);
      ASSERT_TRUE(written.has_value()) << written.error().message();
      EXPECT_TRUE(*written == 0 || *written == size / PastCacheAlignBytes * PastCacheAlignBytes);
      ASSERT_TRUE(write_all(file_.get(), bytes.substr(*written)).has_value());
      EXPECT_TRUE(stored() == bytes) << start << " " << size;
    }
  }
}

TEST_F(PastCacheTest, TheFileIsAsItWasAfterwards) {
  const int before = ::fcntl(file_.get(), F_GETFL);
  ASSERT_TRUE(write_past_cache(file_.get(), bytes_of(1U << 20U)).has_value());
  EXPECT_EQ(::fcntl(file_.get(), F_GETFL), before);
  EXPECT_EQ(::write(file_.get(), "odd", 3), 3);
}

}  // namespace
}  // namespace varve::adapters
