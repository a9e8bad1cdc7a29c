#include "adapters/object_local/workspace.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

#include "adapters/object_local/address.h"
#include "adapters/object_local/beneath.h"
#include "adapters/object_local/fd.h"
#include "base/bytes.h"
#include "base/durable_files.h"
#include "base/result.h"
#include "base/rng.h"
#include "ports/object_types.h"

namespace varve::adapters {

using base::Code;
using base::Error;
using base::Result;
using ports::PutMode;

namespace {

constexpr mode_t FolderMode = 0755;
constexpr std::size_t RandomNameBytes = 16;
int rename_to(int from, const std::string& old_name, int to, const std::string& name,
              PutMode mode) {
  const unsigned flags = mode == PutMode::IfAbsent ? RENAME_NOREPLACE : 0;
  return ::renameat2(from, old_name.c_str(), to, name.c_str(), flags);
}

}  // namespace

std::string name_in(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

TempFile::TempFile(const Workspace& workspace, Fd file, std::string name)
    : workspace_(&workspace), file_(std::move(file)), name_(std::move(name)) {}

TempFile::TempFile(TempFile&& other) noexcept
    : workspace_(std::exchange(other.workspace_, nullptr)),
      file_(std::move(other.file_)),
      name_(std::move(other.name_)) {}

TempFile::~TempFile() {
  if (workspace_ != nullptr) ::unlinkat(workspace_->temp(), name_.c_str(), 0);
}

Result<void> TempFile::sync() const {
  if (::fdatasync(file_.get()) != 0) return write_failure(errno);
  if (::fsync(workspace_->temp()) != 0) return write_failure(errno);
  return {};
}

Result<void> TempFile::give_name(int folder, const std::string& name, PutMode mode) {
  if (rename_to(workspace_->temp(), name_, folder, name, mode) != 0) {
    if (errno == EEXIST && mode == PutMode::IfAbsent) {
      return Error(Code::AlreadyExists, "object already exists");
    }
    if (errno == ENOENT) return Error(Code::NotFound, "folder is gone");
    return write_failure(errno);
  }
  workspace_ = nullptr;
  return {};
}

Result<void> TempFile::publish(const Fd& folder, const std::string& name, PutMode mode) {
  if (::fdatasync(file_.get()) != 0) return write_failure(errno);
  VARVE_CHECK(give_name(folder.get(), name, mode));
  if (::fsync(folder.get()) != 0) {
    return Error(Code::OutcomeUnknown, write_failure(errno).message());
  }
  return {};
}

Workspace::~Workspace() {
  std::unique_lock lock(mutex_);
  unused_.wait(lock, [this] { return uses_ == 0; });
}

void Workspace::count(int change) const {
  const std::lock_guard lock(mutex_);
  uses_ += change;
  if (uses_ == 0) unused_.notify_all();
}

Result<std::unique_ptr<Workspace>> Workspace::open(const std::string& root, base::Rng& rng) {
  VARVE_CHECK(base::make_folders(root));
  std::error_code failure;
  const std::filesystem::path real = std::filesystem::canonical(root, failure);
  if (failure) return base::error_from_errno(failure.value(), root);
  std::unique_ptr<Workspace> workspace(new Workspace(rng, real.string()));
  VARVE_CHECK(workspace->open_folders());
  return workspace;
}

Result<void> Workspace::open_folders() {
  const std::string base = root_path_ + "/" + WorkspaceName;
  const auto open_folder = [](const std::string& path, Fd& folder) -> Result<void> {
    VARVE_CHECK(base::make_folders(path));
    folder = Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder) return base::error_from_errno(errno, path);
    return {};
  };
  VARVE_CHECK(open_folder(root_path_, root_));
  VARVE_CHECK(open_folder(base + "/tmp", temp_));
  VARVE_CHECK(open_folder(base + "/uploads", uploads_));
  VARVE_CHECK(open_folder(base + "/journal", journal_));
  lock_ = Fd(::open((base + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, FileMode));
  if (!lock_) return base::error_from_errno(errno, base + "/lock");
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error(Code::Unavailable,
                 "folder '" + root_path_ + "' is in use by another process, which holds its lock");
  }
  return {};
}

void Workspace::sweep() const {
  std::error_code ignored;  // what cannot be removed today is removed next time
  const std::string base = root_path_ + "/" + WorkspaceName;
  for (const auto& entry : std::filesystem::directory_iterator(base + "/tmp", ignored)) {
    std::filesystem::remove_all(entry.path(), ignored);
  }
  // Uploads whose creation was cut short: nobody was told their ids.
  for (const auto& entry : std::filesystem::directory_iterator(base + "/uploads", ignored)) {
    if (std::filesystem::exists(entry.path() / "address", ignored)) continue;
    std::filesystem::remove_all(entry.path(), ignored);
  }
}

std::string Workspace::random_name() const { return base::hex_encode(rng_.bytes(RandomNameBytes)); }

Result<TempFile> Workspace::temp_file() const {
  std::string name = random_name();
  constexpr int Flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
  Fd file(::openat(temp_.get(), name.c_str(), Flags, FileMode));
  if (!file) return write_failure(errno);
  return TempFile(*this, std::move(file), std::move(name));
}

Result<Fd> Workspace::make_folder_of(const std::string& path) const {
  const std::string folder = folder_of(path);
  const std::string target = folder.empty() ? "." : folder;
  Fd opened = open_beneath(root_.get(), target, O_PATH | O_DIRECTORY);
  if (opened) return opened;
  if (errno != ENOENT) return write_failure(errno);
  Fd parent(::openat(root_.get(), ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  for (std::size_t end = 0; end != std::string::npos;) {
    end = folder.find('/', end + 1);
    const std::string above = folder.substr(0, end);
    if (::mkdirat(parent.get(), name_in(above).c_str(), FolderMode) != 0 && errno != EEXIST) {
      return write_failure(errno);
    }
    parent = open_beneath(root_.get(), above, O_PATH | O_DIRECTORY);
    if (!parent) return write_failure(errno);
  }
  return parent;
}

Result<void> Workspace::discard_upload(const std::string& name) const {
  const std::string doomed = random_name();
  if (::renameat(uploads_.get(), name.c_str(), temp_.get(), doomed.c_str()) != 0) {
    if (errno == ENOENT) return Error(Code::NotFound, "no such upload");
    return write_failure(errno);
  }
  if (::fsync(uploads_.get()) != 0) return write_failure(errno);
  std::error_code ignored;  // swept when the store is next opened
  std::filesystem::remove_all(root_path_ + "/" + WorkspaceName + "/tmp/" + doomed, ignored);
  return {};
}

}  // namespace varve::adapters
