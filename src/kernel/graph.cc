#include "kernel/graph.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/time.h"
#include "model/records.h"

namespace varve::kernel {
namespace {

constexpr std::size_t SlotsFirst = 64;

CommitIndex index_in(std::uint64_t slot) { return static_cast<CommitIndex>(slot) - 1; }

bool is_lower_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

bool is_plain_id(std::string_view id) {
  // Eager, so that it is a loop without branches: ids that are no digests are rare.
  bool is_plain = true;
  for (const char c : id) is_plain &= is_lower_hex(c);
  return is_plain && id.size() == 64;
}

// A heap's order: whether `a` comes after `b`.
bool is_lower(const CommitGraph& graph, CommitIndex a, CommitIndex b) {
  const std::int32_t ga = graph.generation(a);
  const std::int32_t gb = graph.generation(b);
  if (ga != gb) return ga < gb;
  const base::Timestamp ta = graph.creation_date(a);
  const base::Timestamp tb = graph.creation_date(b);
  if (ta != tb) return ta < tb;
  return graph.is_id_greater(b, a);
}

bool is_older(const CommitGraph& graph, CommitIndex a, CommitIndex b) {
  const base::Timestamp ta = graph.creation_date(a);
  const base::Timestamp tb = graph.creation_date(b);
  if (ta != tb) return ta < tb;
  return graph.is_id_greater(b, a);
}

}  // namespace

CommitGraph::CommitGraph() : slots_(SlotsFirst, 0) {}

// Ids are digests, so any eight octets of one are as good as a hash of it; but not the first: who
// adds commits in the order of their ids would fill a few stretches of the table and no others.
std::uint64_t CommitGraph::hash_of(const RawId& id) {
  std::uint64_t hash = 0;
  std::memcpy(&hash, id.data() + sizeof hash, sizeof hash);
  return hash;
}

std::size_t CommitGraph::slot_of(const RawId& id) const {
  const std::uint64_t hash = hash_of(id);
  const std::uint64_t tag = hash >> 32U;
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = static_cast<std::size_t>(hash) & mask;
  for (; slots_[slot] != 0; slot = (slot + 1) & mask) {
    if (slots_[slot] >> 32U == tag && ids_[index_in(slots_[slot])] == id) break;
  }
  return slot;
}

void CommitGraph::grow() {
  const std::size_t mask = slots_.size() * 2 - 1;
  const std::vector<std::uint64_t> all = std::exchange(slots_, {});
  slots_.resize(mask + 1, 0);
  for (const std::uint64_t entry : all) {
    if (entry == 0) continue;
    std::size_t slot = static_cast<std::size_t>(hash_of(ids_[index_in(entry)])) & mask;
    while (slots_[slot] != 0) slot = (slot + 1) & mask;
    slots_[slot] = entry;
  }
}

CommitIndex CommitGraph::intern(std::string_view id) {
  const bool is_plain = is_plain_id(id);
  base::Bytes raw;
  if (!is_plain) {
    raw = base::sha256(id);
  } else {
    const bool is_decoded = base::hex_decode(id, raw);
    VARVE_ASSERT(is_decoded);
  }
  RawId key;
  VARVE_ASSERT(raw.size() == key.size());
  std::memcpy(key.data(), raw.data(), key.size());
  const std::size_t slot = slot_of(key);
  if (slots_[slot] != 0) return index_in(slots_[slot]);
  VARVE_ASSERT(ids_.size() < std::numeric_limits<CommitIndex>::max() - 1);
  const auto index = static_cast<CommitIndex>(ids_.size());
  ids_.push_back(key);
  dates_.emplace_back();
  links_.emplace_back();
  slots_[slot] = hash_of(key) >> 32U << 32U | (std::uint64_t{index} + 1);
  if (!is_plain) odd_ids_.emplace(index, std::string(id));
  if (ids_.size() * 2 > slots_.size()) grow();
  return index;
}

CommitIndex CommitGraph::add(const model::Commit& commit) {
  const CommitIndex index = intern(commit.id.view());
  if (links_[index].is_known) return index;
  const std::size_t count =
      std::min<std::size_t>(commit.parents.size(), std::numeric_limits<std::uint16_t>::max());
  auto first = static_cast<CommitIndex>(parents_.size());
  for (std::size_t i = 0; i < count; ++i) parents_.push_back(intern(commit.parents[i].view()));
  if (count == 1) {
    first = parents_.back();
    parents_.pop_back();
  }
  dates_[index] = commit.creation_date;
  Links& links = links_[index];
  links.parent = first;
  links.generation = commit.generation;
  links.parent_count = static_cast<std::uint16_t>(count);
  links.is_known = true;
  return index;
}

std::string CommitGraph::id(CommitIndex commit) const {
  const auto odd = odd_ids_.find(commit);
  if (odd != odd_ids_.end()) return odd->second;
  const RawId& raw = ids_[commit];
  std::array<char, sizeof(RawId)> text;
  std::memcpy(text.data(), raw.data(), raw.size());
  return base::hex_encode({text.data(), text.size()});
}

CommitIndex CommitGraph::parent(CommitIndex commit, std::size_t ordinal) const {
  const Links& links = links_[commit];
  VARVE_DASSERT(ordinal < links.parent_count);
  return links.parent_count == 1 ? links.parent : parents_[links.parent + ordinal];
}

void MergeBaseWalk::push(const CommitGraph& graph, CommitIndex commit) {
  heap_.push_back(commit);
  std::push_heap(heap_.begin(), heap_.end(),
                 [&graph](CommitIndex a, CommitIndex b) { return is_lower(graph, a, b); });
}

CommitIndex MergeBaseWalk::pop(const CommitGraph& graph) {
  std::pop_heap(heap_.begin(), heap_.end(),
                [&graph](CommitIndex a, CommitIndex b) { return is_lower(graph, a, b); });
  const CommitIndex commit = heap_.back();
  heap_.pop_back();
  return commit;
}

GraphStep MergeBaseWalk::next(const CommitGraph& graph) {
  using Kind = GraphStep::Kind;
  reached_.resize(graph.size(), 0);
  if (!is_started_) {
    if (!graph.is_known(left_)) return {Kind::Need, left_};
    if (!graph.is_known(right_)) return {Kind::Need, right_};
    is_started_ = true;
    if (left_ == right_) return {Kind::Commit, left_};
    reached_[left_] |= FromLeft;
    reached_[right_] |= FromRight;
    push(graph, left_);
    push(graph, right_);
  }
  for (;;) {
    if (!current_.has_value()) {
      if (heap_.empty()) return {Kind::End};
      current_ = pop(graph);
      parent_ = 0;
    }
    for (; parent_ < graph.parent_count(*current_); ++parent_) {
      const CommitIndex parent = graph.parent(*current_, parent_);
      if (reached_[parent] == 0) {
        if (!graph.is_known(parent)) return {Kind::Need, parent};
        push(graph, parent);
      }
      reached_[parent] |= reached_[*current_];
      if (reached_[parent] == FromBoth) return {Kind::Commit, parent};
    }
    current_.reset();
  }
}

void LogWalk::push(const CommitGraph& graph, CommitIndex commit) {
  seen_[commit] = true;
  if (options_.since.has_value() && graph.creation_date(commit) < *options_.since) return;
  heap_.push_back(commit);
  std::push_heap(heap_.begin(), heap_.end(),
                 [&graph](CommitIndex a, CommitIndex b) { return is_older(graph, a, b); });
}

GraphStep LogWalk::next(const CommitGraph& graph) {
  using Kind = GraphStep::Kind;
  seen_.resize(graph.size(), false);
  if (!is_started_) {
    if (!graph.is_known(start_)) return {Kind::Need, start_};
    is_started_ = true;
    push(graph, start_);
  }
  if (current_.has_value()) {
    const std::size_t count = graph.parent_count(*current_);
    const std::size_t followed = options_.first_parent ? std::min<std::size_t>(count, 1) : count;
    for (; parent_ < followed; ++parent_) {
      const CommitIndex parent = graph.parent(*current_, parent_);
      if (seen_[parent]) continue;
      if (!graph.is_known(parent)) return {Kind::Need, parent};
      push(graph, parent);
    }
    current_.reset();
  }
  if (heap_.empty()) return {Kind::End};
  std::pop_heap(heap_.begin(), heap_.end(),
                [&graph](CommitIndex a, CommitIndex b) { return is_older(graph, a, b); });
  current_ = heap_.back();
  parent_ = 0;
  heap_.pop_back();
  return {Kind::Commit, *current_};
}

}  // namespace varve::kernel
