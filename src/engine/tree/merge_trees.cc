// Three-way merge of trees (engine.md 10.6). The walk runs off the event loop as far as it gets
// with the ranges at hand; for a range that is not cached it comes back, and so it does with ranges
// that are complete, which are stored while it goes on.
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "engine/core/core.h"
#include "engine/tree/range_cursor.h"
#include "engine/tree/range_loader.h"
#include "engine/tree/range_sink.h"
#include "engine/tree/range_uploads.h"
#include "engine/tree/tree.h"
#include "engine/tree/tree_files.h"
#include "engine/tree/tree_impl.h"
#include "format/range_writer.h"
#include "kernel/merge_table.h"
#include "kernel/tree_merge.h"
#include "model/errors.h"
#include "model/ids.h"

namespace varve::engine {

using base::Context;
using base::Result;
using base::Task;
using kernel::MergeStep;

namespace {

constexpr std::size_t StoreStepBytes = 1;  // complete ranges are handed over at once

}  // namespace

// One merge. Belongs to one task, which outlives it.
class Snapshots::Merging {
 public:
  Merging(Impl& impl, Context context, RepositoryRef repository, TreeMergeRequest request)
      : impl_(impl),
        context_(std::move(context)),
        repository_(std::move(repository)),
        request_(std::move(request)),
        uploads_(impl.files, context_, repository_),
        loader_(impl, context_, repository_, *request_.source, *request_.destination),
        sink_(impl.files.range_params()),
        merge_(request_.base->ranges, request_.source->ranges, request_.destination->ranges,
               {request_.strategy, std::move(request_.destination_without)}) {}

  Task<Result<model::MetaRangeId>> run() {
    if (loader_.is_heavy()) {
      VARVE_CO_CHECK(co_await uploads_.beside(go_to_end()));
    } else {
      VARVE_CO_CHECK(co_await go_to_end());
      VARVE_CO_CHECK(co_await uploads_.finish());
    }
    VARVE_CO_TRY(SnapshotRef tree,
                 co_await impl_.files.store_snapshot(context_, repository_, std::move(ranges_)));
    co_return tree->id;
  }

 private:
  Task<Result<void>> go_to_end() {
    while (!is_over_) {
      VARVE_CO_CHECK(co_await go());
      if (is_conflict_) co_return model::conflict_found();
      for (format::EncodedRange& range : std::exchange(unstored_, {})) {
        uploads_.add(std::move(range));
      }
      if (needed_.has_value()) VARVE_CO_CHECK(co_await loader_.load(*needed_));
      VARVE_CO_CHECK(co_await uploads_.wait_for_room());
    }
    co_return Result<void>();
  }

  Task<Result<void>> go() {
    if (!loader_.is_heavy()) co_return step();
    auto job = [this] { return step(); };
    co_return co_await impl_.files.core().offload.run(std::move(job));
  }

  // The part that computes, on any thread.
  Result<void> step() {
    needed_.reset();
    while (sink_.done_bytes() < StoreStepBytes) {
      VARVE_TRY(const MergeStep step, merge_.next());
      switch (step.kind) {
        case MergeStep::Kind::Need: {
          TableRef table = loader_.table_of(*step.range);
          if (table == nullptr) {
            needed_ = *step.range;
            return {};
          }
          VARVE_CHECK(merge_.enter(step.tree, scan_of(*table)));
          break;
        }
        case MergeStep::Kind::Copy:
          sink_.end_range();
          collect();
          ranges_.push_back(*step.range);
          break;
        case MergeStep::Kind::Write:
          VARVE_CHECK(sink_.carry(*step.record));
          break;
        case MergeStep::Kind::WriteRun:
          VARVE_CHECK(sink_.carry_same(*step.cursor, *step.twin));
          break;
        case MergeStep::Kind::Conflict:
          is_conflict_ = true;
          return {};
        case MergeStep::Kind::End:
          sink_.end_range();
          collect();
          is_over_ = true;
          return {};
      }
    }
    collect();
    return {};
  }

  void collect() {
    for (format::EncodedRange& range : sink_.take_done()) {
      ranges_.push_back(range.info);
      unstored_.push_back(std::move(range));
    }
  }

  Impl& impl_;
  Context context_;
  RepositoryRef repository_;
  TreeMergeRequest request_;
  RangeUploads uploads_;
  RangeLoader loader_;
  RangeSink sink_;
  kernel::MergeWalk merge_;
  std::vector<model::RangeInfo> ranges_;  // of the result
  std::vector<format::EncodedRange> unstored_;
  std::optional<model::RangeInfo> needed_;
  bool is_conflict_ = false;
  bool is_over_ = false;
};

Task<Result<model::MetaRangeId>> Snapshots::merge(Context context, RepositoryRef repository,
                                                  TreeMergeRequest request) {
  const bool is_filtered = !request.destination_without.empty();
  if (!is_filtered && request.destination->id == request.base->id) co_return request.source->id;
  Merging merging(*impl_, std::move(context), std::move(repository), std::move(request));
  co_return co_await merging.run();
}

Task<Result<model::MetaRangeId>> Snapshots::merge(Context context, RepositoryRef repository,
                                                  SnapshotRef base, SnapshotRef source,
                                                  SnapshotRef destination,
                                                  kernel::MergeStrategy strategy) {
  TreeMergeRequest request;
  request.base = std::move(base);
  request.source = std::move(source);
  request.destination = std::move(destination);
  request.strategy = strategy;
  co_return co_await merge(std::move(context), std::move(repository), std::move(request));
}

}  // namespace varve::engine
