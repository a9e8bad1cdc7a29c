#include "rest/call.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/engine.h"
#include "engine/repo/repo.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/ref_expr.h"
#include "rest/response.h"

namespace varve::rest {
namespace {

template <class T>
base::Result<T> named(base::Result<T> parsed, std::string_view argument) {
  if (parsed.has_value()) return parsed;
  return std::move(parsed).error().with("argument " + std::string(argument));
}

bool has_space(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); });
}

}  // namespace

base::Result<model::RepositoryId> repository_id(const Call& call) {
  return named(model::parse_repository_id(call.argument("repository")), "repository");
}

base::Result<model::BranchId> branch_id(std::string_view text, std::string_view argument) {
  return named(model::parse_branch_id(text), argument);
}

base::Result<model::TagId> tag_id(std::string_view text) {
  return named(model::parse_tag_id(text), "tagID");
}

base::Result<model::ObjectPath> object_path(std::string_view text) {
  return named(model::parse_object_path(text), "path");
}

base::Result<void> check_ref(std::string_view text, std::string_view argument) {
  if (text.empty()) {
    return model::make_error(
        base::Code::InvalidArgument, model::Detail::RequirementMissing,
        "argument " + std::string(argument) + ": required value: validation error");
  }
  if (has_space(text)) {
    return model::invalid_value("ref").with("argument " + std::string(argument));
  }
  return {};
}

base::Result<model::RefExpr> lenient_ref(std::string_view text) {
  if (has_space(text)) return model::object_not_found();
  return model::parse_ref_expr(text);
}

base::Task<base::Result<engine::RepositoryRef>> repository_of(const Call& call) {
  auto id = repository_id(call);
  if (!id.has_value()) return failed<engine::RepositoryRef>(std::move(id).error());
  return call.engine().repositories().get(call.context(), *std::move(id));
}

base::Task<base::Result<engine::RepositoryRef>> repository_unchecked(const Call& call) {
  auto id = model::parse_repository_id(call.argument("repository"));
  if (!id.has_value()) return failed<engine::RepositoryRef>(model::repository_not_found());
  return call.engine().repositories().get(call.context(), *std::move(id));
}

int page_size(const Call& call) {
  const std::int64_t amount = call.arguments.number("amount");
  return amount <= 0 ? model::PageDefault : static_cast<int>(amount);
}

}  // namespace varve::rest
