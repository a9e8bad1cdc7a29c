// Driver: one repository as somebody who knows git sees it. What the scenarios speak to; the runner
// is the same whatever is behind it: the engine itself, or a server over REST.
//
// Every call runs to its end. An Error's message is what the scenario prints.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace varve::scenario {

struct ListOptions {
  std::string prefix;
  std::string after;
  std::string delimiter;
  int amount = 1000;
};

struct Listing {
  std::vector<std::string> rows;
  bool has_more = false;
};

struct CommitOptions {
  std::string message;
  std::map<std::string, std::string> metadata;
  std::optional<std::int64_t> date;
  bool allow_empty = false;
};

struct MergeOptions {
  std::string message;
  std::string strategy;  // "", "source-wins", "dest-wins"
  bool is_squash = false;
  bool allow_empty = false;
};

struct LogOptions {
  std::string after;
  std::string stop_at;
  std::vector<std::string> objects;
  std::vector<std::string> prefixes;
  int amount = 1000;
  bool is_limit = false;
  bool first_parent = false;
};

struct CommitView {
  std::string id;
  std::string message;
  std::string committer;
  std::vector<std::string> parents;
  std::map<std::string, std::string> metadata;
};

struct Log {
  std::vector<CommitView> rows;
  bool has_more = false;
};

struct DiffView {
  std::string type;  // added, removed, changed, conflict, prefix_changed
  std::string path;
};

struct Difference {
  std::vector<DiffView> rows;
  bool has_more = false;
};

enum class DiffKind : std::uint8_t { Uncommitted, TwoDot, ThreeDot };

template <class T>
using Result = base::Result<T>;

class Driver {
 public:
  virtual ~Driver() = default;

  virtual Result<void> put(std::string branch, std::string path, std::string content,
                           bool if_absent) = 0;
  virtual Result<void> erase(std::string branch, std::vector<std::string> paths) = 0;
  virtual Result<std::string> show(std::string ref, std::string path) = 0;
  virtual Result<Listing> list(std::string ref, ListOptions options) = 0;
  virtual Result<void> copy(std::string branch, std::string from, std::string to) = 0;

  virtual Result<std::string> commit(std::string branch, CommitOptions options) = 0;
  virtual Result<Log> log(std::string ref, LogOptions options) = 0;
  virtual Result<CommitView> get_commit(std::string ref) = 0;

  virtual Result<void> create_branch(std::string name, std::string source) = 0;
  virtual Result<void> erase_branch(std::string name) = 0;
  virtual Result<Listing> branches() = 0;
  virtual Result<void> create_tag(std::string name, std::string ref) = 0;
  virtual Result<void> erase_tag(std::string name) = 0;
  virtual Result<Listing> tags() = 0;

  // Of Uncommitted, `left` is the branch.
  virtual Result<Difference> diff(DiffKind kind, std::string left, std::string right,
                                  ListOptions options) = 0;
  virtual Result<std::string> merge(std::string source, std::string destination,
                                    MergeOptions options) = 0;
  virtual Result<std::string> merge_base(std::string left, std::string right) = 0;
  virtual Result<void> revert(std::string branch, std::string ref, int parent,
                              bool allow_empty) = 0;
  virtual Result<std::string> cherry_pick(std::string branch, std::string ref,
                                          std::optional<int> parent) = 0;

  virtual Result<void> reset(std::string branch) = 0;
  virtual Result<void> reset_prefix(std::string branch, std::string prefix) = 0;
  virtual Result<void> reset_object(std::string branch, std::string path) = 0;
  virtual Result<void> hard_reset(std::string branch, std::string ref) = 0;

  // Replaces the protection rules.
  virtual Result<void> protect(std::vector<std::string> patterns) = 0;
};

}  // namespace varve::scenario
