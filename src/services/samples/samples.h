// The sample data of a new repository: a few small files of ours, committed to the default branch,
// which is then protected. rest-semantics.md 10.1.
//
// Stateless. Any thread may call.
#pragma once

#include <span>
#include <string_view>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"

namespace varve::engine {
class Engine;
}

namespace varve::services {

struct SampleFile {
  std::string_view path;
  std::string_view content_type;
  std::string_view content;
};
std::span<const SampleFile> sample_files();

// Commits the files as "Add sample data", by the context's principal, and protects the branch.
// What fails half-way leaves the repository with what was staged until then.
base::Task<base::Result<void>> add_samples(base::Context context, engine::Engine& engine,
                                           engine::RepositoryRef repository);

}  // namespace varve::services
