// What handlers of objects share: the visible entry that a call names by `repository`, `ref` and
// `path`, and an opened object as the body of a response.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "http/message.h"
#include "model/records.h"
#include "ports/object_store.h"
#include "rest/call.h"

namespace varve::rest {

struct FoundEntry {
  engine::RepositoryRef repository;
  model::Entry entry;
};

// `call` must outlive the task.
//   InvalidArgument, NotFound
base::Task<base::Result<FoundEntry>> find_entry(const Call* call);

// `size` bytes from `reader`: by sendfile if the store has them in a file.
http::ResponseBody body_of_reader(std::unique_ptr<ports::ObjectReader> reader, std::int64_t size);

// `branch 'x' not found`, where lakeFS looks for the branch by itself; other errors as they are.
base::Error missing_branch(base::Error error, std::string_view branch);

// What asking a store for a presigned URL gives where it cannot make one.
base::Error presign_not_supported(const Call& call);

}  // namespace varve::rest
