// Workspace: the store's root, and the hidden folder in it for what is not an object.
//
//   <root>/.varve/lock        held by the one process that has the store open
//   <root>/.varve/tmp/        files being written; whatever is here at the start is nobody's
//   <root>/.varve/uploads/    multipart uploads (uploads.h)
//   <root>/.varve/journal/    what the names of objects became, lately (journal.h)
//
// Blocks; runs in the pool. Any thread may call.
#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "adapters/object_local/fd.h"
#include "base/result.h"
#include "base/rng.h"
#include "ports/object_types.h"

namespace varve::adapters {

class Workspace;

constexpr mode_t FileMode = 0644;  // of an object

// A file that has no name of its own yet. Destroyed without one, it is gone.
class TempFile {
 public:
  TempFile(TempFile&&) noexcept;
  TempFile& operator=(TempFile&&) = delete;
  ~TempFile();

  int descriptor() const { return file_.get(); }
  const std::string& name() const { return name_; }  // in tmp/

  // Makes its bytes, and its place in tmp/, durable.
  base::Result<void> sync() const;

  // Makes it `name` in `folder`, which a crash may undo.
  //   AlreadyExists    the mode asked for absence
  //   NotFound         the folder is gone
  base::Result<void> give_name(int folder, const std::string& name, ports::PutMode mode);

  // Both, durably: syncs the file, gives it the name, and syncs the folder. If that fails after the
  // name was given, whether it survives a crash is unknown: OutcomeUnknown.
  base::Result<void> publish(const Fd& folder, const std::string& name, ports::PutMode mode);

 private:
  friend class Workspace;
  TempFile(const Workspace& workspace, Fd file, std::string name);

  const Workspace* workspace_;  // null: it has a name, or was moved from
  Fd file_;
  std::string name_;
};

class Workspace {
 public:
  // Held by what a pool thread does in the workspace on its own; the workspace outlives it.
  class Use {
   public:
    explicit Use(const Workspace& workspace) : workspace_(workspace) { workspace.count(1); }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() { workspace_.count(-1); }

   private:
    const Workspace& workspace_;
  };

  ~Workspace();  // waits until nobody uses it

  // Makes the root and the workspace.
  //   Unavailable  another process has it open
  static base::Result<std::unique_ptr<Workspace>> open(const std::string& root, base::Rng& rng);

  // Removes what a crash left in tmp/ and half-made uploads. After the journal has been replayed.
  void sweep() const;

  int root() const { return root_.get(); }
  int temp() const { return temp_.get(); }
  int uploads() const { return uploads_.get(); }
  int journal() const { return journal_.get(); }
  const std::string& root_path() const { return root_path_; }  // absolute, without links

  base::Result<TempFile> temp_file() const;
  std::string random_name() const;

  // The folder that the object at `path` is in, made if missing. What was made is not synced.
  base::Result<Fd> make_folder_of(const std::string& path) const;

  // Moves folder `name` of uploads/ out of sight in one step, then removes it.
  //   NotFound  there is none
  base::Result<void> discard_upload(const std::string& name) const;

 private:
  Workspace(base::Rng& rng, std::string root_path) : rng_(rng), root_path_(std::move(root_path)) {}

  base::Result<void> open_folders();
  void count(int change) const;

  mutable std::mutex mutex_;
  mutable std::condition_variable unused_;
  mutable int uses_ = 0;  // guarded by mutex_

  base::Rng& rng_;
  std::string root_path_;
  Fd root_, temp_, uploads_, journal_, lock_;
};

// The last segment of a path, and what is before it.
std::string name_in(const std::string& path);
std::string folder_of(const std::string& path);

}  // namespace varve::adapters
