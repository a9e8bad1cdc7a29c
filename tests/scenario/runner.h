// Runs a scenario and renders it again with what really happened. A file is blocks:
//
//   # comment
//   put main a "1" ; commit main "first" as c1      commands; `;` or the end of the line ends one
//   list main
//   ----
//   a                                               what the commands print
//                                                   an empty line ends the block
//
// Commands that change something print nothing; one that fails prints `error: <message>`. `as name`
// keeps the id a command gives, `$name` uses it, `$name:8` its first eight characters, and an id
// that has a name is printed by it. Every command takes --force, which means something where the
// verb has it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/scenario/driver.h"

namespace varve::scenario {

class Runner {
 public:
  explicit Runner(Driver& driver) : driver_(driver) {}

  // The file with its expected output replaced by the actual one: equal to `text` if all is well.
  std::string run(std::string_view text);

 private:
  struct Command {
    std::vector<std::string> words;            // the verb first
    std::map<std::string, std::string> flags;  // --name=value, --name
    std::string keep_as;                       // `as name`
    std::string word(std::size_t index) const { return index < words.size() ? words[index] : ""; }
    bool has(const std::string& flag) const { return flags.contains(flag); }
    std::string flag(const std::string& name) const;
    std::vector<std::string> flag_list(const std::string& name) const;  // comma-separated
    Metadata pairs(const std::string& name) const;                      // k:v,k:v
    int number(const std::string& name, int otherwise) const;
    std::vector<std::string> words_from(std::size_t index) const;
  };

  std::vector<Command> parse(std::string_view line) const;
  std::string expand(const std::string& word) const;  // $name, $name:8
  std::string name_of(const std::string& id) const;
  std::string with_names(std::string text) const;  // every named id replaced by its name

  // Each answers the lines it prints.
  std::string execute(const Command& command);
  bool execute_objects(const Command& command, std::string& out);
  bool execute_staging(const Command& command, std::string& out);
  bool execute_history(const Command& command, std::string& out);
  bool execute_names(const Command& command, std::string& out);
  bool execute_merges(const Command& command, std::string& out);
  bool execute_repository(const Command& command, std::string& out);
  std::string stat(const Command& command);
  std::string reset(const Command& command);
  std::string commit(const Command& command);
  std::string describe(const Command& command);
  std::string record(const Command& command);
  std::string import(const Command& command);
  ReplayOptions replay_options(const Command& command) const;
  std::string merge(const Command& command);
  std::string conflicts(const std::string& source, const std::string& destination);
  std::string log(const Command& command);
  std::string diff(const Command& command);
  std::string print(const Result<void>& result) const;
  std::string print(const Result<Listing>& result) const;
  std::string keep(const Command& command, const Result<std::string>& id);

  Driver& driver_;
  std::map<std::string, std::string> ids_;       // by name
  std::map<std::string, CommitView> described_;  // by id: what `record` adds again
};

}  // namespace varve::scenario
