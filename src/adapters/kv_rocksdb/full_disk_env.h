// FullDiskEnv: a RocksDB file system that fills up. For tests.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/system_clock.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace varve::adapters {

// How much may still be written, and what is to go wrong. Any thread.
struct Disk {
  std::atomic<std::int64_t> bytes_free = std::int64_t{1} << 40;
  std::atomic<bool> syncs_find_no_space = false;
  std::atomic<bool> syncs_are_broken = false;
  std::atomic<int> opens_to_refuse = 0;  // so many times there is no room for a new manifest
};

class FullDiskFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FullDiskFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string name, Disk& disk)
      : FSWritableFileOwnerWrapper(std::move(file)), name_(std::move(name)), disk_(disk) {}

  using FSWritableFileOwnerWrapper::Append;
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
    if (disk_.bytes_free.fetch_sub(static_cast<std::int64_t>(data.size())) <
        static_cast<std::int64_t>(data.size())) {
      disk_.bytes_free += static_cast<std::int64_t>(data.size());
      // In the words of RocksDB's POSIX file system.
      return rocksdb::IOStatus::NoSpace("While appending to file: " + name_,
                                        "No space left on device");
    }
    return FSWritableFileOwnerWrapper::Append(data, options, debug);
  }

  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                         rocksdb::IODebugContext* debug) override {
    const std::string what = "While fdatasync: " + name_;
    if (disk_.syncs_find_no_space) {
      return rocksdb::IOStatus::NoSpace(what, "No space left on device");
    }
    if (disk_.syncs_are_broken) return rocksdb::IOStatus::IOError(what, "Input/output error");
    return FSWritableFileOwnerWrapper::Sync(options, debug);
  }

 private:
  std::string name_;
  Disk& disk_;
};

class FullDiskFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit FullDiskFileSystem(Disk& disk)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), disk_(disk) {}

  const char* Name() const override { return "FullDiskFileSystem"; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    if (disk_.opens_to_refuse > 0 && name.find("MANIFEST") != std::string::npos) {
      --disk_.opens_to_refuse;
      return rocksdb::IOStatus::NoSpace("While open a file for appending: " + name,
                                        "No space left on device");
    }
    return wrap(FileSystemWrapper::NewWritableFile(name, options, file, debug), name, file);
  }

  rocksdb::IOStatus ReuseWritableFile(const std::string& name, const std::string& old_name,
                                      const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      rocksdb::IODebugContext* debug) override {
    return wrap(FileSystemWrapper::ReuseWritableFile(name, old_name, options, file, debug), name,
                file);
  }

 private:
  rocksdb::IOStatus wrap(rocksdb::IOStatus status, const std::string& name,
                         std::unique_ptr<rocksdb::FSWritableFile>* file) {
    if (status.ok()) *file = std::make_unique<FullDiskFile>(std::move(*file), name, disk_);
    return status;
  }

  Disk& disk_;
};

// RocksDB's background work sleeps for a second after a failure; a test need not.
class ImpatientClock final : public rocksdb::SystemClockWrapper {
 public:
  ImpatientClock() : SystemClockWrapper(rocksdb::SystemClock::Default()) {}
  const char* Name() const override { return "ImpatientClock"; }
  void SleepForMicroseconds(int micros) override {
    SystemClockWrapper::SleepForMicroseconds(std::min(micros, 1000));
  }
};

// The machine as RocksDB sees it.
class FullDiskEnv final : public rocksdb::EnvWrapper {
 public:
  explicit FullDiskEnv(Disk& disk)
      : FullDiskEnv(rocksdb::NewCompositeEnv(std::make_shared<FullDiskFileSystem>(disk))) {}

 private:
  explicit FullDiskEnv(std::unique_ptr<rocksdb::Env> env)
      : EnvWrapper(env.get()), env_(std::move(env)) {
    system_clock_ = std::make_shared<ImpatientClock>();
    file_system_ = env_->GetFileSystem();
  }

  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace varve::adapters
