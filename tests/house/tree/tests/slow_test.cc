#include <gtest/gtest.h>

TEST(Slow, Sleeps) {
  std::this_thread::sleep_for(1s);
}
