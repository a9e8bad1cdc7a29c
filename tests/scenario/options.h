// What the verbs of a scenario are told, and what they answer.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace varve::scenario {

using Metadata = std::map<std::string, std::string>;

struct PutOptions {
  Metadata metadata;
  bool is_if_absent = false;
};

struct ObjectView {
  std::int64_t size = 0;
  Metadata metadata;
};

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
  Metadata metadata;
  std::optional<std::int64_t> date;
  std::string tree;  // a metarange to take for the content; "": what is staged
  bool allow_empty = false;
};

struct MergeOptions {
  std::string message;
  Metadata metadata;
  std::string strategy;  // "", "source-wins", "dest-wins"
  bool is_squash = false;
  bool allow_empty = false;
};

// Of a revert or a cherry-pick.
struct ReplayOptions {
  std::optional<int> parent;         // 1-based
  std::string message;               // "": as the verb makes it
  std::optional<Metadata> metadata;  // nullopt: as the verb makes it
  bool allow_empty = false;          // revert only
};

struct LogOptions {
  std::string after;
  std::string stop_at;
  std::optional<std::int64_t> since;
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
  Metadata metadata;
  std::string tree;
  std::int64_t date = 0;
  std::int32_t generation = 0;
  std::int32_t version = 0;
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

enum class RepositoryKind : std::uint8_t { Ordinary, Bare, ReadOnly };

struct ImportSource {
  std::string uri;  // of a prefix, unless it is said to be an object
  std::string destination;
  bool is_object = false;
};

template <class T>
using Result = base::Result<T>;

}  // namespace varve::scenario
