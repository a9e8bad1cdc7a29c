#include "adapters/object_local/past_cache.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include "adapters/object_local/beneath.h"
#include "base/result.h"

namespace varve::adapters {
namespace {

constexpr std::size_t StepBytes = 4U << 20U;  // enough to keep a disk busy

// While it lives, writes to the file go past the cache, if the file system can.
class PastCache {
 public:
  explicit PastCache(int file) : file_(file), flags_(::fcntl(file, F_GETFL)) {
    is_on_ = flags_ >= 0 && ::fcntl(file, F_SETFL, flags_ | O_DIRECT) == 0;
  }
  PastCache(const PastCache&) = delete;
  PastCache& operator=(const PastCache&) = delete;
  ~PastCache() {
    if (is_on_) ::fcntl(file_, F_SETFL, flags_);
  }
  bool is_on() const { return is_on_; }

 private:
  int file_;
  int flags_;
  bool is_on_ = false;
};

struct Free {
  void operator()(char* memory) const { std::free(memory); }
};

bool is_aligned(const char* memory) {
  return reinterpret_cast<std::uintptr_t>(memory) % PastCacheAlignBytes == 0;
}

}  // namespace

base::Result<std::size_t> write_past_cache(int file, std::string_view bytes) {
  const std::size_t whole = bytes.size() / PastCacheAlignBytes * PastCacheAlignBytes;
  const PastCache mode(file);
  if (!mode.is_on()) return std::size_t{0};
  std::unique_ptr<char, Free> aligned;
  std::size_t written = 0;
  while (written < whole && written % PastCacheAlignBytes == 0) {
    const std::size_t step = std::min(StepBytes, whole - written);
    const char* from = bytes.data() + written;
    if (!is_aligned(from)) {
      if (aligned == nullptr) {
        const std::size_t size = std::min(StepBytes, whole);
        aligned.reset(static_cast<char*>(std::aligned_alloc(PastCacheAlignBytes, size)));
      }
      if (aligned == nullptr) break;
      std::memcpy(aligned.get(), from, step);
      from = aligned.get();
    }
    const ssize_t count = ::write(file, from, step);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EINVAL) break;  // it wants other sizes than these
    if (count < 0) return write_failure(errno);
    written += static_cast<std::size_t>(count);
  }
  return written;
}

}  // namespace varve::adapters
