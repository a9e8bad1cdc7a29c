#include "server/file_limit.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace varve::server {
namespace {

// The embedded key-value store keeps up to 512 tables open; journals, logs and jobs take the rest.
constexpr std::uint64_t FilesOfStores = 640;
constexpr std::uint64_t FilesPerConnection = 2;
constexpr std::size_t ConnectionsMin = 16;

}  // namespace

std::uint64_t raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlimit raised{.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
  return ::setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur;
}

std::size_t connections_within(std::uint64_t files_max) {
  const std::uint64_t left = files_max > FilesOfStores ? files_max - FilesOfStores : 0;
  // With few files the stores have few too, and share.
  const std::uint64_t room = std::max(left, files_max / 4) / FilesPerConnection;
  return std::clamp<std::size_t>(static_cast<std::size_t>(room), ConnectionsMin, ConnectionsMax);
}

}  // namespace varve::server
