#include "base/durable_files.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/result.h"

namespace varve::base {
namespace {

class FoldersTest : public testing::Test {
 protected:
  FoldersTest() {
    std::string name = testing::TempDir() + "varve-folders-XXXXXX";
    root_ = ::mkdtemp(name.data());
  }
  ~FoldersTest() override { std::filesystem::remove_all(root_); }

  std::string root_;
};

TEST_F(FoldersTest, MakesWhatIsMissing) {
  EXPECT_TRUE(make_folders(root_ + "/a/b//c/"));
  EXPECT_TRUE(std::filesystem::is_directory(root_ + "/a/b/c"));
  EXPECT_TRUE(make_folders(root_ + "/a/b/c")) << "what is there is fine";
}

TEST_F(FoldersTest, AFileInTheWayIsAnError) {
  std::ofstream(root_ + "/file") << "x";
  for (const std::string path : {"/file", "/file/below"}) {
    const auto made = make_folders(root_ + path);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code(), Code::InvalidArgument);
  }
  EXPECT_FALSE(make_folders(""));
}

TEST(ErrorFromErrno, NamesWhatACallerWouldActOn) {
  EXPECT_EQ(error_from_errno(ENOSPC, "x").code(), Code::ResourceExhausted);
  EXPECT_EQ(error_from_errno(EACCES, "x").code(), Code::PermissionDenied);
  EXPECT_EQ(error_from_errno(EIO, "x").code(), Code::Unavailable);
  EXPECT_EQ(error_from_errno(ENOENT, "x").message(), "x: No such file or directory");
}

}  // namespace
}  // namespace varve::base
