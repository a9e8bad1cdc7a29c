#include "sim/expected_history.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "model/ids.h"
#include "model/records.h"
#include "sim/clients.h"

namespace varve::sim {

namespace {

std::string content_at(const Listing& tree, const std::string& path) {
  const auto found = tree.find(path);
  return found == tree.end() ? std::string() : found->second;
}

}  // namespace

std::optional<model::CommitId> expected_base(const History& history, const model::CommitId& right,
                                             const model::CommitId& left) {
  if (right == left) return right;
  std::map<model::CommitId, std::set<int>> reached;
  reached[right].insert(0);
  reached[left].insert(1);
  std::vector<model::CommitId> open = {right, left};
  const auto is_later = [&history](const model::CommitId& a, const model::CommitId& b) {
    const model::Commit& x = history.at(a);
    const model::Commit& y = history.at(b);
    return std::tuple(x.generation, x.creation_date) > std::tuple(y.generation, y.creation_date);
  };
  while (!open.empty()) {
    std::sort(open.begin(), open.end(), is_later);
    const model::CommitId next = open.front();
    open.erase(open.begin());
    for (const model::CommitId& parent : history.at(next).parents) {
      if (!reached.contains(parent)) open.push_back(parent);
      reached[parent].insert(reached[next].begin(), reached[next].end());
      if (reached[parent].size() == 2) return parent;
    }
  }
  return std::nullopt;
}

std::optional<Listing> expected_merge(const Listing& base, const Listing& source,
                                      const Listing& destination, Side winner) {
  std::set<std::string> paths;
  for (const Listing* tree : {&source, &destination}) {
    for (const auto& [path, content] : *tree) paths.insert(path);
  }
  Listing merged;
  for (const std::string& path : paths) {
    const std::string b = content_at(base, path);
    const std::string s = content_at(source, path);
    const std::string d = content_at(destination, path);
    std::string result = s;
    if (s != d && b == s) {
      result = d;
    } else if (s != d && b != d) {
      if (winner == Side::None) return std::nullopt;
      result = winner == Side::Source ? s : d;
    }
    if (!result.empty()) merged[path] = result;
  }
  return merged;
}

Listing expected_overlay(Listing below, const Listing& changes) {
  for (const auto& [path, content] : changes) {
    if (content.empty()) {
      below.erase(path);
    } else {
      below[path] = content;
    }
  }
  return below;
}

Listing expected_import(const Listing& below, const std::string& destination,
                        const Listing& imported) {
  Listing tree = imported;
  for (const auto& [path, content] : below) {
    if (!path.starts_with(destination)) tree[path] = content;
  }
  return tree;
}

}  // namespace varve::sim
