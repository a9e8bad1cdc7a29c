#include "rest/conditions.h"

#include "base/result.h"
#include "engine/objects/objects.h"
#include "rest/call.h"
#include "rest/errors.h"

namespace varve::rest {

base::Result<engine::StageOptions> stage_options(const Call& call, bool force) {
  engine::StageOptions options;
  options.force = force;
  if (call.arguments.has("If-Match")) return not_implemented();
  if (!call.arguments.has("If-None-Match")) return options;
  if (call.argument("If-None-Match") != "*") return not_implemented();
  options.condition = engine::WriteCondition(engine::WriteCondition::Kind::IfAbsent);
  return options;
}

}  // namespace varve::rest
