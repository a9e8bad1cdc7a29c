// Driver: one repository as somebody who knows git sees it. What the scenarios speak to; the runner
// is the same whatever is behind it: the engine itself, or a server over REST.
//
// Every call runs to its end. An Error's message is what the scenario prints.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/scenario/options.h"

namespace varve::scenario {

class Driver {
 public:
  virtual ~Driver() = default;

  // Whether what follows asks with `force`, where the verb has it.
  virtual void use_force(bool is_forced) = 0;

  virtual Result<void> put(std::string branch, std::string path, std::string content,
                           PutOptions options) = 0;
  virtual Result<void> erase(std::string branch, std::vector<std::string> paths) = 0;
  virtual Result<std::string> show(std::string ref, std::string path) = 0;
  virtual Result<ObjectView> stat(std::string ref, std::string path) = 0;
  // Replaces the user metadata of an object.
  virtual Result<void> annotate(std::string branch, std::string path, Metadata metadata) = 0;
  virtual Result<Listing> list(std::string ref, ListOptions options) = 0;
  // From `ref`, or from the branch itself if that is "".
  virtual Result<void> copy(std::string branch, std::string from, std::string to,
                            std::string ref) = 0;

  virtual Result<std::string> commit(std::string branch, CommitOptions options) = 0;
  virtual Result<Log> log(std::string ref, LogOptions options) = 0;
  virtual Result<CommitView> get_commit(std::string ref) = 0;
  // Adds a commit as it is said to be, id and all.
  virtual Result<void> record(CommitView commit) = 0;

  virtual Result<void> create_branch(std::string name, std::string source, bool is_hidden) = 0;
  virtual Result<void> erase_branch(std::string name) = 0;
  virtual Result<Listing> branches(bool with_hidden) = 0;
  virtual Result<void> create_tag(std::string name, std::string ref) = 0;
  virtual Result<void> erase_tag(std::string name) = 0;
  virtual Result<Listing> tags() = 0;

  // Of Uncommitted, `left` is the branch.
  virtual Result<Difference> diff(DiffKind kind, std::string left, std::string right,
                                  ListOptions options) = 0;
  virtual Result<std::string> merge(std::string source, std::string destination,
                                    MergeOptions options) = 0;
  virtual Result<std::string> merge_base(std::string left, std::string right) = 0;
  virtual Result<void> revert(std::string branch, std::string ref, ReplayOptions options) = 0;
  virtual Result<std::string> cherry_pick(std::string branch, std::string ref,
                                          ReplayOptions options) = 0;

  virtual Result<void> reset(std::string branch) = 0;
  virtual Result<void> reset_prefix(std::string branch, std::string prefix) = 0;
  virtual Result<void> reset_object(std::string branch, std::string path) = 0;
  virtual Result<void> hard_reset(std::string branch, std::string ref) = 0;

  // Where the data of an object may be written to, past the server; then the object of that data.
  virtual Result<std::string> address(std::string branch, std::string path) = 0;
  virtual Result<void> link(std::string branch, std::string path, std::string address,
                            PutOptions options) = 0;
  // Registers what lies anywhere in the store.
  virtual Result<void> stage(std::string branch, std::string path, std::string address) = 0;
  // Writes data into the store, past the server.
  virtual Result<void> write(std::string address, std::string content) = 0;
  virtual void wait(std::int64_t seconds) = 0;

  // Replaces the protection rules.
  virtual Result<void> protect(std::vector<std::string> patterns) = 0;

  virtual Result<std::string> import(std::string branch, std::vector<ImportSource> sources,
                                     CommitOptions options) = 0;

  // The repository itself; there is an ordinary one to begin with.
  virtual Result<void> create_repository(RepositoryKind kind) = 0;
  virtual Result<void> erase_repository() = 0;
  // The ids of commits, branches and tags, a comma between them.
  virtual Result<std::string> dump() = 0;
  virtual Result<void> restore(std::string dump) = 0;
};

}  // namespace varve::scenario
