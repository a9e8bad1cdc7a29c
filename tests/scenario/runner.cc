#include "tests/scenario/runner.h"

#include <algorithm>
#include <sstream>
#include <string>
#include <utility>

#include "model/errors.h"

namespace varve::scenario {

namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) lines.push_back(std::move(line));
  return lines;
}

std::string failed(const base::Error& error) { return "error: " + error.message() + "\n"; }

std::string join(const std::vector<std::string>& words, const std::string& between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

}  // namespace

std::string Runner::Command::flag(const std::string& name) const {
  const auto found = flags.find(name);
  return found == flags.end() ? "" : found->second;
}

std::vector<std::string> Runner::Command::flag_list(const std::string& name) const {
  std::vector<std::string> items;
  std::istringstream in(flag(name));
  for (std::string item; std::getline(in, item, ',');) items.push_back(std::move(item));
  return items;
}

int Runner::Command::number(const std::string& name, int otherwise) const {
  return has(name) ? std::stoi(flag(name)) : otherwise;
}

std::string Runner::expand(const std::string& word) const {
  if (word.size() < 2 || word.front() != '$') return word;
  const std::size_t end = std::min(word.find_first_of("~^@", 1), word.size());
  const auto found = ids_.find(word.substr(1, end - 1));
  return found == ids_.end() ? word : found->second + word.substr(end);
}

std::string Runner::name_of(const std::string& id) const {
  for (const auto& [name, known] : ids_) {
    if (known == id) return name;
  }
  return id.substr(0, 8);
}

std::string Runner::with_names(std::string text) const {
  for (const auto& [name, id] : ids_) {
    for (std::size_t at = text.find(id); at != std::string::npos; at = text.find(id, at)) {
      text.replace(at, id.size(), name);
    }
  }
  return text;
}

std::vector<Runner::Command> Runner::parse(std::string_view line) const {
  std::vector<Command> commands(1);
  std::string word;
  bool is_quoted = false;
  bool has_word = false;
  auto end_word = [&] {
    if (!has_word) return;
    Command& command = commands.back();
    const bool is_flag = word.starts_with("--") && word.size() > 2;
    if (is_flag) {
      const std::size_t equals = word.find('=');
      const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
      command.flags[word.substr(2, equals == std::string::npos ? equals : equals - 2)] =
          expand(value);
    } else if (command.words.size() > 1 && command.words.back() == "as") {
      command.words.pop_back();
      command.keep_as = word;
    } else {
      command.words.push_back(expand(word));
    }
    word.clear();
    has_word = false;
  };
  for (const char c : line) {
    if (c == '"') {
      is_quoted = !is_quoted;
      has_word = true;
    } else if (is_quoted || (c != ' ' && c != ';' && c != '#')) {
      word += c;
      has_word = true;
    } else {
      end_word();
      if (c == '#') break;
      if (c == ';') commands.emplace_back();
    }
  }
  end_word();
  std::erase_if(commands, [](const Command& command) { return command.words.empty(); });
  return commands;
}

std::string Runner::run(std::string_view text) {
  std::string out;
  std::string printed;
  bool is_expected = false;
  for (const std::string& line : lines_of(text)) {
    if (is_expected) {
      if (!line.empty()) continue;  // replaced by what was printed
      is_expected = false;
    }
    out += line + "\n";
    if (line == "----") {
      out += printed;
      printed.clear();
      is_expected = true;
      continue;
    }
    // One at a time: a command may use the id that the one before it kept.
    std::size_t done = 0;
    for (;;) {
      const std::vector<Command> commands = parse(line);
      if (done >= commands.size()) break;
      printed += execute(commands[done++]);
    }
  }
  // Output that no block expects is a mistake in the file: it shows.
  if (!printed.empty()) out += "----\n" + printed;
  return out;
}

std::string Runner::print(const Result<void>& result) const {
  return result.has_value() ? "" : failed(result.error());
}

std::string Runner::print(const Result<Listing>& result) const {
  if (!result.has_value()) return failed(result.error());
  std::string text;
  for (const std::string& row : result->rows) text += row + "\n";
  if (result->has_more) text += "(more)\n";
  return text.empty() ? "(nothing)\n" : text;
}

std::string Runner::keep(const Command& command, const Result<std::string>& id) {
  if (!id.has_value()) return failed(id.error());
  if (!command.keep_as.empty()) ids_[command.keep_as] = *id;
  return "";
}

std::string Runner::execute(const Command& command) {
  std::string out;
  if (execute_objects(command, out) || execute_history(command, out) ||
      execute_names(command, out) || execute_merges(command, out)) {
    return with_names(std::move(out));
  }
  return "error: no command " + command.word(0) + "\n";
}

bool Runner::execute_objects(const Command& command, std::string& out) {
  const std::string verb = command.word(0);
  const std::string at = command.word(1);
  const std::string path = command.word(2);
  if (verb == "put") {
    out = print(driver_.put(at, path, command.word(3), command.has("if-absent")));
  } else if (verb == "rm") {
    out = print(driver_.erase(at, {command.words.begin() + 2, command.words.end()}));
  } else if (verb == "cp") {
    out = print(driver_.copy(at, path, command.word(3)));
  } else if (verb == "show") {
    const auto content = driver_.show(at, path);
    out = content.has_value() ? *content + "\n" : failed(content.error());
  } else if (verb == "list") {
    ListOptions options;
    options.prefix = path;
    options.after = command.flag("after");
    options.delimiter = command.flag("delimiter");
    options.amount = command.number("amount", 1000);
    out = print(driver_.list(at, std::move(options)));
  } else if (verb == "reset") {
    if (command.has("prefix")) {
      out = print(driver_.reset_prefix(at, command.flag("prefix")));
    } else if (command.has("hard")) {
      out = print(driver_.hard_reset(at, path));
    } else {
      out = print(path.empty() ? driver_.reset(at) : driver_.reset_object(at, path));
    }
  } else {
    return false;
  }
  return true;
}

bool Runner::execute_history(const Command& command, std::string& out) {
  const std::string verb = command.word(0);
  if (verb == "commit") {
    CommitOptions options;
    options.message = command.word(2);
    options.allow_empty = command.has("allow-empty");
    if (command.has("date")) options.date = command.number("date", 0);
    for (const std::string& pair : command.flag_list("meta")) {
      const std::size_t equals = pair.find(':');
      options.metadata[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    out = keep(command, driver_.commit(command.word(1), std::move(options)));
  } else if (verb == "log") {
    out = log(command);
  } else if (verb == "describe") {
    const auto commit = driver_.get_commit(command.word(1));
    if (!commit.has_value()) {
      out = failed(commit.error());
      return true;
    }
    if (!command.keep_as.empty()) ids_[command.keep_as] = commit->id;
    out = "commit " + commit->message + "\n";
    for (const std::string& parent : commit->parents) out += "parent " + name_of(parent) + "\n";
    for (const auto& [key, value] : commit->metadata) out += key + " = " + value + "\n";
  } else {
    return false;
  }
  return true;
}

bool Runner::execute_names(const Command& command, std::string& out) {
  const std::string verb = command.word(0);
  if (verb == "branch") {
    out = command.has("delete") ? print(driver_.erase_branch(command.word(1)))
                                : print(driver_.create_branch(command.word(1), command.word(2)));
  } else if (verb == "branches") {
    out = print(driver_.branches());
  } else if (verb == "tag") {
    out = command.has("delete") ? print(driver_.erase_tag(command.word(1)))
                                : print(driver_.create_tag(command.word(1), command.word(2)));
  } else if (verb == "tags") {
    out = print(driver_.tags());
  } else if (verb == "protect") {
    out = print(driver_.protect({command.words.begin() + 1, command.words.end()}));
  } else {
    return false;
  }
  return true;
}

bool Runner::execute_merges(const Command& command, std::string& out) {
  const std::string verb = command.word(0);
  if (verb == "merge") {
    out = merge(command);
  } else if (verb == "merge-base") {
    const auto base = driver_.merge_base(command.word(1), command.word(2));
    out = base.has_value() ? name_of(*base) + "\n" : failed(base.error());
  } else if (verb == "diff") {
    out = diff(command);
  } else if (verb == "revert") {
    out = print(driver_.revert(command.word(1), command.word(2), command.number("parent", 0),
                               command.has("allow-empty")));
  } else if (verb == "pick") {
    std::optional<int> parent;
    if (command.has("parent")) parent = command.number("parent", 0);
    out = keep(command, driver_.cherry_pick(command.word(1), command.word(2), parent));
  } else {
    return false;
  }
  return true;
}

std::string Runner::merge(const Command& command) {
  MergeOptions options;
  options.message = command.word(3);
  options.strategy = command.flag("strategy");
  options.is_squash = command.has("squash");
  options.allow_empty = command.has("allow-empty");
  const auto merged = driver_.merge(command.word(1), command.word(2), std::move(options));
  if (!merged.has_value() && model::is(merged.error(), model::Detail::MergeConflict)) {
    return conflicts(command.word(1), command.word(2));
  }
  return keep(command, merged);
}

// What a refused merge disagrees about.
std::string Runner::conflicts(const std::string& source, const std::string& destination) {
  const auto rows = driver_.diff(DiffKind::ThreeDot, destination, source, {});
  const auto base = driver_.merge_base(source, destination);
  if (!rows.has_value() || !base.has_value()) return "conflict\n";
  std::string text;
  for (const DiffView& row : rows->rows) {
    if (row.type != "conflict") continue;
    auto side = [&](const std::string& ref) {
      const auto content = driver_.show(ref, row.path);
      return content.has_value() ? *content : std::string("nothing");
    };
    text += "conflict: " + row.path + " (base " + side(*base) + ", source " + side(source) +
            ", destination " + side(destination) + ")\n";
  }
  return text.empty() ? "conflict\n" : text;
}

std::string Runner::log(const Command& command) {
  LogOptions options;
  options.after = command.flag("after");
  options.stop_at = command.flag("stop-at");
  options.objects = command.flag_list("objects");
  options.prefixes = command.flag_list("prefixes");
  options.amount = command.number("amount", 1000);
  options.is_limit = command.has("limit");
  options.first_parent = command.has("first-parent");
  const auto page = driver_.log(command.word(1), std::move(options));
  if (!page.has_value()) return failed(page.error());
  std::string text;
  for (const CommitView& row : page->rows) {
    text += row.message;
    if (command.has("parents") && !row.parents.empty()) {
      std::vector<std::string> names;
      for (const std::string& parent : row.parents) names.push_back(name_of(parent));
      text += " <- " + join(names, ", ");
    }
    text += "\n";
  }
  if (page->has_more) text += "(more)\n";
  return text.empty() ? "(nothing)\n" : text;
}

std::string Runner::diff(const Command& command) {
  ListOptions options;
  options.prefix = command.flag("prefix");
  options.after = command.flag("after");
  options.delimiter = command.flag("delimiter");
  options.amount = command.number("amount", 1000);
  const std::string left = command.word(1);
  const std::string right = command.word(2);
  const DiffKind kind = right.empty()            ? DiffKind::Uncommitted
                        : command.has("two-dot") ? DiffKind::TwoDot
                                                 : DiffKind::ThreeDot;
  const auto page = driver_.diff(kind, left, right, std::move(options));
  if (!page.has_value()) return failed(page.error());
  std::string text;
  for (const DiffView& row : page->rows) text += row.type + " " + row.path + "\n";
  if (page->has_more) text += "(more)\n";
  return text.empty() ? "(no difference)\n" : text;
}

}  // namespace varve::scenario
