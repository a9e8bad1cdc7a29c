// Glob: a pattern over whole branch names. `*` and `**` any run, also none; `?` any one character;
// `[abc]`, `[a-z]`, `[!x]` or `[^x]` a class; `{a,b}` alternatives, also nested; `\x` means x
// itself. There is no separator, so `*` also matches everything. A bracket or brace that is never
// closed means itself: a rule that cannot be read must not quietly protect nothing.
//
// Immutable; share freely. Matching takes time in the product of the two lengths, at worst.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace varve::engine {

class Glob {
 public:
  // Alternatives beyond AlternativesMax (once multiplied out) are taken literally.  [I-13]
  static constexpr std::size_t AlternativesMax = 1024;

  explicit Glob(std::string_view pattern);

  bool matches(std::string_view name) const;

 private:
  struct Step {
    enum class Kind : std::uint8_t { Literal, AnyOne, AnyRun, Class };
    Kind kind = Kind::Literal;
    char literal = 0;
    bool is_negated = false;                    // of Class
    std::vector<std::pair<char, char>> ranges;  // of Class, inclusive
    bool accepts(char c) const;
  };
  using Steps = std::vector<Step>;

  static Steps parse(std::string_view alternative);
  static bool matches(const Steps& steps, std::string_view name);

  std::vector<Steps> alternatives_;
};

}  // namespace varve::engine
