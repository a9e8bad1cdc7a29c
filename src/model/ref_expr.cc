#include "model/ref_expr.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include "base/result.h"
#include "model/errors.h"

namespace varve::model {

using base::Code;
using base::Result;

namespace {

constexpr std::string_view ModifierSigns = "^~@$";
constexpr std::uint32_t CountMax = 0x7fffffff;

bool is_white_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// `text` is a sign and what follows it up to the next sign: "~", "^2", "@", "~x".
Result<RefModifier> parse_modifier(std::string_view text) {
  const std::string_view digits = text.substr(1);
  if (text.front() == '@' || text.front() == '$') {
    if (!digits.empty()) return invalid_value("ref");
    return RefModifier{text.front() == '@' ? RefModifier::Kind::Committed
                                           : RefModifier::Kind::Staging};
  }
  RefModifier modifier{text.front() == '~' ? RefModifier::Kind::Ancestor
                                           : RefModifier::Kind::Parent};
  if (digits.empty()) return modifier;
  const auto [end, failure] =
      std::from_chars(digits.data(), digits.data() + digits.size(), modifier.count);
  if (failure != std::errc() || end != digits.data() + digits.size() || modifier.count > CountMax) {
    return invalid_value("ref").with("could not parse modifier " + std::string(text));
  }
  return modifier;
}

bool must_stand_alone(const RefModifier& modifier) {
  return modifier.kind == RefModifier::Kind::Committed ||
         modifier.kind == RefModifier::Kind::Staging;
}

}  // namespace

Result<RefExpr> parse_ref_expr(std::string_view text) {
  if (text.empty()) {
    return make_error(Code::Internal, Detail::RequirementMissing,
                      "required value: validation error");
  }
  if (std::ranges::any_of(text, is_white_space)) return invalid_value("ref");

  RefExpr expr;
  expr.text = text;
  std::string_view rest = text;
  const std::size_t base_end = std::min(rest.find_first_of(ModifierSigns), rest.size());
  if (base_end == 0) return invalid_value("ref");
  expr.base = rest.substr(0, base_end);
  rest.remove_prefix(base_end);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of(ModifierSigns, 1), rest.size());
    VARVE_TRY(const RefModifier modifier, parse_modifier(rest.substr(0, end)));
    expr.modifiers.push_back(modifier);
    rest.remove_prefix(end);
  }
  if (expr.modifiers.size() > 1 && std::ranges::any_of(expr.modifiers, must_stand_alone)) {
    return invalid_value("ref");
  }
  return expr;
}

}  // namespace varve::model
