// Call: one API request on its way through a handler, with everything the handler may use. Made by
// the pipeline (api.cc) after validation, owned by the handler.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/context.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/task.h"
#include "base/time.h"
#include "engine/core/core.h"
#include "engine/engine.h"
#include "http/message.h"
#include "http/server.h"
#include "model/ids.h"
#include "model/ref_expr.h"
#include "rest/arguments.h"
#include "rest/json_body.h"
#include "rest/operation.h"
#include "rest/options.h"
#include "services/auth/auth.h"
#include "services/auth/authorizer.h"
#include "services/auth/principal.h"
#include "services/jobs/jobs.h"

namespace varve::rest {

// What handlers work with. All outlive every call.
struct Services {
  engine::Engine& engine;
  services::Auth& auth;
  services::Authorizer& authorizer;
  base::Clock& clock;
  base::Rng& rng;
  const ApiOptions& options;
  services::Jobs* jobs;  // null: there are no background tasks
};

struct Call {
  const Services& services;
  http::RequestContext request_context;
  http::Request request;
  const Operation& operation;
  Arguments arguments;
  std::optional<JsonBody> body;   // of operations with a JSON body
  services::UserRef principal{};  // null: anonymous

  base::Context context() const { return request_context.context(); }
  engine::Engine& engine() const { return services.engine; }
  services::Auth& auth() const { return services.auth; }
  services::Jobs& jobs() const { return *services.jobs; }  // dispatch() sees that there are
  // The body; one without members if there was none.
  JsonObject json() const { return body ? body->object() : JsonObject(); }
  const std::string& argument(std::string_view name) const { return arguments.text(name); }
};
using CallPtr = std::unique_ptr<Call>;

// The text of a name, checked; `argument` is what the error calls it.
//   InvalidArgument  "argument branch: branch id: invalid value: validation error"
base::Result<model::RepositoryId> repository_id(const Call& call);
base::Result<model::BranchId> branch_id(std::string_view text, std::string_view argument);
base::Result<model::TagId> tag_id(std::string_view text);
base::Result<model::ObjectPath> object_path(std::string_view text);
// Whether the text may be an expression at all: it has no white space and is not empty. lakeFS
// checks that before it looks for the repository, and what the expression means after it.
base::Result<void> check_ref(std::string_view text, std::string_view argument);
// An expression where lakeFS does not check that: with white space in it, it names nothing.
//   NotFound  "not found"; InvalidArgument  as model::parse_ref_expr
base::Result<model::RefExpr> lenient_ref(std::string_view text);

// The repository of the path parameter.
base::Task<base::Result<engine::RepositoryRef>> repository_of(const Call& call);
// The same for operations that do not check the form of the name: a malformed one is missing.
base::Task<base::Result<engine::RepositoryRef>> repository_unchecked(const Call& call);

// `amount`: 0 and -1 mean the default.
int page_size(const Call& call);

}  // namespace varve::rest
