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

Metadata Runner::Command::pairs(const std::string& name) const {
  Metadata metadata;
  for (const std::string& pair : flag_list(name)) {
    const std::size_t colon = pair.find(':');
    metadata[pair.substr(0, colon)] = pair.substr(colon + 1);
  }
  return metadata;
}

std::vector<std::string> Runner::Command::words_from(std::size_t index) const {
  if (index >= words.size()) return {};
  return {words.begin() + static_cast<std::ptrdiff_t>(index), words.end()};
}

int Runner::Command::number(const std::string& name, int otherwise) const {
  return has(name) ? std::stoi(flag(name)) : otherwise;
}

std::string Runner::expand(const std::string& word) const {
  if (word.size() < 2 || word.front() != '$') return word;
  const std::size_t end = std::min(word.find_first_of("~^@$:", 1), word.size());
  const auto found = ids_.find(word.substr(1, end - 1));
  if (found == ids_.end()) return word;
  if (end == word.size() || word[end] != ':') return found->second + word.substr(end);
  std::size_t digits = 0;
  const std::size_t size = std::stoul(word.substr(end + 1), &digits);
  return found->second.substr(0, size) + word.substr(end + 1 + digits);
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
  driver_.use_force(command.has("force"));
  if (execute_objects(command, out) || execute_staging(command, out) ||
      execute_history(command, out) || execute_names(command, out) ||
      execute_merges(command, out) || execute_repository(command, out)) {
    return with_names(std::move(out));
  }
  return "error: no command " + command.word(0) + "\n";
}

bool Runner::execute_objects(const Command& command, std::string& out) {
  const std::string verb = command.word(0);
  const std::string at = command.word(1);
  const std::string path = command.word(2);
  if (verb == "show") {
    const auto content = driver_.show(at, path);
    out = content.has_value() ? *content + "\n" : failed(content.error());
  } else if (verb == "stat") {
    out = stat(command);
  } else if (verb == "list") {
    ListOptions options;
    options.prefix = path;
    options.after = command.flag("after");
    options.delimiter = command.flag("delimiter");
    options.amount = command.number("amount", 1000);
    out = print(driver_.list(at, std::move(options)));
  } else if (verb == "write") {
    out = print(driver_.write(at, path));
  } else if (verb == "outside") {
    out = print(driver_.write("mem://outside/" + at, path));
  } else if (verb == "wait") {
    driver_.wait(std::stoll(at));
  } else {
    return false;
  }
  return true;
}

bool Runner::execute_staging(const Command& command, std::string& out) {
  const std::string verb = command.word(0);
  const std::string branch = command.word(1);
  const std::string path = command.word(2);
  if (verb == "put") {
    PutOptions options;
    options.metadata = command.pairs("meta");
    options.is_if_absent = command.has("if-absent");
    out = print(driver_.put(branch, path, command.word(3), std::move(options)));
  } else if (verb == "rm") {
    out = print(driver_.erase(branch, command.words_from(2)));
  } else if (verb == "cp") {
    out = print(driver_.copy(branch, path, command.word(3), command.flag("from")));
  } else if (verb == "address") {
    out = keep(command, driver_.address(branch, path));
  } else if (verb == "link") {
    PutOptions options;
    options.metadata = command.pairs("meta");
    options.is_if_absent = command.has("if-absent");
    out = print(driver_.link(branch, path, command.word(3), std::move(options)));
  } else if (verb == "stage") {
    out = print(driver_.stage(branch, path, command.word(3)));
  } else if (verb == "annotate") {
    out = print(driver_.annotate(branch, path, command.pairs("meta")));
  } else if (verb == "reset") {
    out = reset(command);
  } else {
    return false;
  }
  return true;
}

std::string Runner::stat(const Command& command) {
  const auto object = driver_.stat(command.word(1), command.word(2));
  if (!object.has_value()) return failed(object.error());
  std::string text = "size " + std::to_string(object->size) + "\n";
  for (const auto& [key, value] : object->metadata) text += key + " = " + value + "\n";
  return text;
}

std::string Runner::reset(const Command& command) {
  const std::string branch = command.word(1);
  const std::string path = command.word(2);
  if (command.has("prefix")) return print(driver_.reset_prefix(branch, command.flag("prefix")));
  if (command.has("hard")) return print(driver_.hard_reset(branch, path));
  return print(path.empty() ? driver_.reset(branch) : driver_.reset_object(branch, path));
}

bool Runner::execute_history(const Command& command, std::string& out) {
  const std::string verb = command.word(0);
  if (verb == "commit") {
    out = commit(command);
  } else if (verb == "log") {
    out = log(command);
  } else if (verb == "describe") {
    out = describe(command);
  } else if (verb == "record") {
    out = record(command);
  } else if (verb == "import") {
    out = import(command);
  } else {
    return false;
  }
  return true;
}

std::string Runner::commit(const Command& command) {
  CommitOptions options;
  options.message = command.word(2);
  options.metadata = command.pairs("meta");
  options.allow_empty = command.has("allow-empty");
  if (command.has("date")) options.date = command.number("date", 0);
  if (command.has("tree")) {
    const auto commit = driver_.get_commit(command.flag("tree"));
    options.tree = commit.has_value() ? commit->tree : command.flag("tree");
  }
  return keep(command, driver_.commit(command.word(1), std::move(options)));
}

std::string Runner::describe(const Command& command) {
  const auto commit = driver_.get_commit(command.word(1));
  if (!commit.has_value()) return failed(commit.error());
  if (!command.keep_as.empty()) ids_[command.keep_as] = commit->id;
  described_[commit->id] = *commit;
  std::string text = "commit " + commit->message + "\n";
  for (const std::string& parent : commit->parents) text += "parent " + name_of(parent) + "\n";
  for (const auto& [key, value] : commit->metadata) text += key + " = " + value + "\n";
  return text;
}

// Adds a commit that was described before, perhaps with another message.
std::string Runner::record(const Command& command) {
  const auto found = described_.find(command.word(1));
  if (found == described_.end()) return "error: not described before\n";
  CommitView commit = found->second;
  if (command.has("message")) commit.message = command.flag("message");
  return print(driver_.record(std::move(commit)));
}

// import <branch> [object:]<source> <destination> ... : a source is a name of `outside`, or a URI.
std::string Runner::import(const Command& command) {
  std::vector<ImportSource> sources;
  const std::vector<std::string> words = command.words_from(2);
  for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
    constexpr std::string_view Object = "object:";
    ImportSource source;
    source.uri = words[i];
    source.destination = words[i + 1];
    source.is_object = source.uri.starts_with(Object);
    if (source.is_object) source.uri.erase(0, Object.size());
    if (source.uri.find("://") == std::string::npos) source.uri.insert(0, "mem://outside/");
    sources.push_back(std::move(source));
  }
  CommitOptions options;
  options.message = command.flag("message");
  options.metadata = command.pairs("meta");
  return keep(command, driver_.import(command.word(1), std::move(sources), std::move(options)));
}

bool Runner::execute_names(const Command& command, std::string& out) {
  const std::string verb = command.word(0);
  if (verb == "branch") {
    out =
        command.has("delete")
            ? print(driver_.erase_branch(command.word(1)))
            : print(driver_.create_branch(command.word(1), command.word(2), command.has("hidden")));
  } else if (verb == "branches") {
    out = print(driver_.branches(command.has("all")));
  } else if (verb == "tag") {
    out = command.has("delete") ? print(driver_.erase_tag(command.word(1)))
                                : print(driver_.create_tag(command.word(1), command.word(2)));
  } else if (verb == "tags") {
    out = print(driver_.tags());
  } else if (verb == "protect") {
    out = print(driver_.protect(command.words_from(1)));
  } else {
    return false;
  }
  return true;
}

ReplayOptions Runner::replay_options(const Command& command) const {
  ReplayOptions options;
  if (command.has("parent")) options.parent = command.number("parent", 0);
  if (command.has("meta")) options.metadata = command.pairs("meta");
  options.message = command.flag("message");
  options.allow_empty = command.has("allow-empty");
  return options;
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
    out = print(driver_.revert(command.word(1), command.word(2), replay_options(command)));
  } else if (verb == "pick") {
    out = keep(command,
               driver_.cherry_pick(command.word(1), command.word(2), replay_options(command)));
  } else {
    return false;
  }
  return true;
}

bool Runner::execute_repository(const Command& command, std::string& out) {
  const std::string verb = command.word(0);
  if (verb == "dump") {
    out = keep(command, driver_.dump());
  } else if (verb == "restore") {
    out = print(driver_.restore(command.word(1)));
  } else if (verb == "repository") {
    RepositoryKind kind = RepositoryKind::Ordinary;
    if (command.has("bare")) kind = RepositoryKind::Bare;
    if (command.has("read-only")) kind = RepositoryKind::ReadOnly;
    out =
        print(command.has("delete") ? driver_.erase_repository() : driver_.create_repository(kind));
  } else {
    return false;
  }
  return true;
}

std::string Runner::merge(const Command& command) {
  MergeOptions options;
  options.message = command.word(3);
  options.metadata = command.pairs("meta");
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
  if (command.has("since")) options.since = command.number("since", 0);
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
