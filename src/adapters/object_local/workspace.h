// Workspace: the store's root folder, and how anything in it becomes durable.
//
//   <root>/.varve/lock        held by the process that may tidy up
//   <root>/.varve/tmp/        files that are being written; whatever is here at the start is
//   nobody's <root>/.varve/uploads/    multipart uploads (uploads.h)
//
// Blocks; runs in the pool. Any thread may call.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

#include "adapters/object_local/fd.h"
#include "base/result.h"
#include "base/rng.h"
#include "ports/object_types.h"

namespace varve::adapters {

class Workspace;

// A file that has no name of its own yet. Destroyed unpublished, it is gone.
class TempFile {
 public:
  TempFile(TempFile&&) noexcept;
  TempFile& operator=(TempFile&&) = delete;
  ~TempFile();

  int descriptor() const { return file_.get(); }

  // Syncs the file, gives it the name `name` in `folder`, and syncs the folder. If that fails after
  // the name was given, the object may or may not survive a crash: OutcomeUnknown.
  //   AlreadyExists    the mode asked for absence
  //   NotFound         the folder is gone
  base::Result<void> publish(const Fd& folder, const std::string& name, ports::PutMode mode);

 private:
  friend class Workspace;
  TempFile(const Workspace& workspace, Fd file, std::string name);

  const Workspace* workspace_;  // null: published or moved from
  Fd file_;
  std::string name_;
};

class Workspace {
 public:
  // Makes the root and the workspace; if no other process holds the lock, removes what is in tmp/.
  static base::Result<std::unique_ptr<Workspace>> open(const std::string& root, base::Rng& rng);

  int root() const { return root_.get(); }
  int uploads() const { return uploads_.get(); }
  const std::string& root_path() const { return root_path_; }  // absolute, without links

  base::Result<TempFile> temp_file() const;
  std::string random_name() const;

  // The folder that holds the object at `path`, made durable first if this process has not yet seen
  // to it. Objects put into one folder pay for its parents once.
  base::Result<Fd> parent_folder(const std::string& path);

  // Puts a file at `path`, whatever folders that takes.
  base::Result<void> publish(TempFile file, const std::string& path, ports::PutMode mode);

  // Moves folder `name` of uploads/ out of sight in one step, then removes it.
  //   NotFound  there is none
  base::Result<void> discard_upload(const std::string& name) const;

 private:
  friend class TempFile;
  Workspace(base::Rng& rng, std::string root_path) : rng_(rng), root_path_(std::move(root_path)) {}

  base::Result<void> open_folders();
  base::Result<void> make_durable(const std::string& folder);
  void sweep() const;

  base::Rng& rng_;
  std::string root_path_;
  Fd root_, temp_, uploads_, lock_;

  std::mutex mutex_;
  std::unordered_set<std::string> durable_;  // folders, by path; guarded by mutex_
};

// The last segment of a path, and what is before it.
std::string name_in(const std::string& path);
std::string folder_of(const std::string& path);

}  // namespace varve::adapters
