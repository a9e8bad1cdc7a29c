#include "engine/refs/glob.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varve::engine {

namespace {

// Where the class that opens at `open` closes; a `]` right after the opening is a member.
std::optional<std::size_t> class_end(std::string_view text, std::size_t open) {
  std::size_t at = open + 1;
  if (at < text.size() && (text[at] == '!' || text[at] == '^')) ++at;
  for (std::size_t i = at; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == ']' && i > at) {
      return i;
    }
  }
  return std::nullopt;
}

// The group that opens at `open`: where it closes and where its commas are.
struct Group {
  std::size_t close = 0;
  std::vector<std::size_t> commas;
};

std::optional<Group> group_at(std::string_view text, std::size_t open) {
  Group group;
  int depth = 0;
  for (std::size_t i = open; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      ++i;
    } else if (c == '[') {
      if (const auto end = class_end(text, i)) i = *end;
    } else if (c == '{') {
      ++depth;
    } else if (c == ',' && depth == 1) {
      group.commas.push_back(i);
    } else if (c == '}' && --depth == 0) {
      group.close = i;
      return group;
    }
  }
  return std::nullopt;
}

// The first group of `text`, if any; outside classes and escapes.
std::optional<std::pair<std::size_t, Group>> first_group(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '[') {
      if (const auto end = class_end(text, i)) i = *end;
    } else if (text[i] == '{') {
      if (auto group = group_at(text, i)) return std::pair(i, *std::move(group));
    }
  }
  return std::nullopt;
}

// Multiplies the groups out: "a{b,c}d" is "abd" or "acd". False: more than AlternativesMax.
bool expand(std::vector<std::string> pending, std::vector<std::string>& out) {
  while (!pending.empty()) {
    const std::string text = std::move(pending.back());
    pending.pop_back();
    const auto found = first_group(text);
    if (!found.has_value()) {
      out.push_back(text);
    } else {
      const auto& [open, group] = *found;
      std::size_t from = open + 1;
      for (std::size_t i = 0; i <= group.commas.size(); ++i) {
        const std::size_t to = i < group.commas.size() ? group.commas[i] : group.close;
        pending.push_back(text.substr(0, open) + text.substr(from, to - from) +
                          text.substr(group.close + 1));
        from = to + 1;
      }
    }
    if (out.size() + pending.size() > Glob::AlternativesMax) return false;
  }
  return true;
}

}  // namespace

bool Glob::Step::accepts(char c) const {
  switch (kind) {
    case Kind::Literal:
      return c == literal;
    case Kind::AnyOne:
    case Kind::AnyRun:
      return true;
    case Kind::Class:
      break;
  }
  bool is_member = false;
  for (const auto& [from, to] : ranges) is_member = is_member || (from <= c && c <= to);
  return is_member != is_negated;
}

Glob::Steps Glob::parse(std::string_view text) {
  Steps steps;
  for (std::size_t i = 0; i < text.size(); ++i) {
    Step step;
    step.literal = text[i];
    if (text[i] == '\\' && i + 1 < text.size()) {
      step.literal = text[++i];
    } else if (text[i] == '*') {
      if (!steps.empty() && steps.back().kind == Step::Kind::AnyRun) continue;
      step.kind = Step::Kind::AnyRun;
    } else if (text[i] == '?') {
      step.kind = Step::Kind::AnyOne;
    } else if (const auto end = text[i] == '[' ? class_end(text, i) : std::nullopt) {
      step.kind = Step::Kind::Class;
      std::size_t at = i + 1;
      step.is_negated = text[at] == '!' || text[at] == '^';
      if (step.is_negated) ++at;
      while (at < *end) {
        if (text[at] == '\\' && at + 1 < *end) ++at;
        const char from = text[at++];
        char to = from;
        if (at + 1 < *end && text[at] == '-') {
          to = text[at + 1];
          at += 2;
        }
        step.ranges.emplace_back(from, to);
      }
      i = *end;
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

Glob::Glob(std::string_view pattern) {
  std::vector<std::string> texts;
  std::vector<std::string> whole = {std::string(pattern)};
  if (!expand(whole, texts)) texts = std::move(whole);
  for (const std::string& text : texts) alternatives_.push_back(parse(text));
}

bool Glob::matches(std::string_view name) const {
  for (const Steps& steps : alternatives_) {
    if (matches(steps, name)) return true;
  }
  return false;
}

// Greedy with one way back: on a mismatch the latest run takes one character more. Earlier runs
// need no second thought, since whatever they could give up the latest one can take.
bool Glob::matches(const Steps& steps, std::string_view name) {
  std::size_t step = 0;
  std::size_t at = 0;
  std::optional<std::size_t> run_step;
  std::size_t run_at = 0;
  while (at < name.size()) {
    if (step < steps.size() && steps[step].kind == Step::Kind::AnyRun) {
      run_step = step++;
      run_at = at;
    } else if (step < steps.size() && steps[step].accepts(name[at])) {
      ++step;
      ++at;
    } else if (run_step.has_value()) {
      step = *run_step + 1;
      at = ++run_at;
    } else {
      return false;
    }
  }
  while (step < steps.size() && steps[step].kind == Step::Kind::AnyRun) ++step;
  return step == steps.size();
}

}  // namespace varve::engine
