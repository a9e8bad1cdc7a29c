// Three-way merge of trees (engine.md 10.6). It is cut into parts that are independent of each
// other, several of which are walked at once. A walk runs off the event loop as far as it gets with
// the ranges at hand; for a range that is not cached it comes back, and so it does with ranges that
// are complete, which are stored while it goes on.
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task_group.h"
#include "engine/core/core.h"
#include "engine/tree/range_cursor.h"
#include "engine/tree/range_loader.h"
#include "engine/tree/range_sink.h"
#include "engine/tree/range_uploads.h"
#include "engine/tree/tree.h"
#include "engine/tree/tree_files.h"
#include "engine/tree/tree_impl.h"
#include "format/range_writer.h"
#include "kernel/merge_parts.h"
#include "kernel/merge_table.h"
#include "kernel/tree_merge.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/limits.h"
#include "model/records.h"

namespace varve::engine {

using base::Context;
using base::Result;
using base::Task;
using kernel::MergeStep;

namespace {

constexpr std::size_t StoreStepBytes = 1;              // complete ranges are handed over at once
constexpr std::uint64_t PartBytesMin = 256ULL << 10U;  // of ranges to be looked into

kernel::MergeOptions walk_options(const TreeMergeRequest& request) {
  return {request.strategy, request.destination_without};
}

}  // namespace

// One merge. Belongs to one task, which outlives it.
class Snapshots::Merging {
 public:
  Merging(Impl& impl, Context context, RepositoryRef repository, TreeMergeRequest request)
      : impl_(impl),
        context_(std::move(context)),
        repository_(std::move(repository)),
        request_(std::move(request)),
        uploads_(impl.files, context_, repository_) {
    for (const kernel::MergePart& part : cut()) {
      parts_.push_back(std::make_unique<Part>(*this, part));
    }
    ranges_.resize(parts_.size());
  }

  Task<Result<model::MetaRangeId>> run() {
    if (parts_.size() > 1 || parts_.front()->loader.is_heavy()) {
      VARVE_CO_CHECK(co_await uploads_.beside(merge_all()));
    } else {
      VARVE_CO_CHECK(co_await merge_all());
      VARVE_CO_CHECK(co_await uploads_.finish());
    }
    std::vector<model::RangeInfo> ranges;
    for (std::vector<model::RangeInfo>& part : ranges_) {
      ranges.insert(ranges.end(), std::make_move_iterator(part.begin()),
                    std::make_move_iterator(part.end()));
    }
    VARVE_CO_TRY(SnapshotRef tree,
                 co_await impl_.files.store_snapshot(context_, repository_, std::move(ranges)));
    co_return tree->id;
  }

 private:
  struct Part {
    Part(Merging& merging, const kernel::MergePart& part)
        : loader(merging.impl_, merging.context_, merging.repository_, part.source,
                 part.destination),
          sink(merging.impl_.files.range_params()),
          walk(merging.request_.base->ranges, part.source, part.destination,
               walk_options(merging.request_)) {}

    Result<void> step();
    void collect();

    RangeLoader loader;
    RangeSink sink;
    kernel::MergeWalk walk;
    std::vector<model::RangeInfo> ranges;  // of the result
    std::vector<format::EncodedRange> unstored;
    std::optional<model::RangeInfo> needed;
    bool is_conflict = false;
    bool is_over = false;
  };

  std::vector<kernel::MergePart> cut() const {
    kernel::MergeCuts cuts;
    const format::RangeParams params = impl_.files.range_params();
    const bool is_whole = !request_.destination_without.empty() || params.bytes_min != 0;
    cuts.raggedness = is_whole ? 0 : params.raggedness;
    cuts.bytes_min = PartBytesMin;
    return kernel::merge_parts(request_.source->ranges, request_.destination->ranges, cuts);
  }

  Task<Result<void>> merge_all() {
    std::vector<Task<Result<void>>> tasks;
    for (std::size_t i = 0; i < parts_.size(); ++i) tasks.push_back(merge_part(i));
    auto results = co_await base::join_all(std::move(tasks), model::TreeMergeFanOutMax);
    for (Result<void>& result : results) VARVE_CO_CHECK(std::move(result));
    co_return Result<void>();
  }

  Task<Result<void>> merge_part(std::size_t index) {
    Part& part = *parts_[index];
    auto merged = co_await go_to_end(&part);
    is_given_up_ = is_given_up_ || !merged.has_value();
    ranges_[index] = std::move(part.ranges);
    parts_[index].reset();  // with the tables it holds
    co_return merged;
  }

  Task<Result<void>> go_to_end(Part* part) {
    while (!part->is_over && !is_given_up_) {
      VARVE_CO_CHECK(co_await go(part));
      if (part->is_conflict) co_return model::conflict_found();
      for (format::EncodedRange& range : std::exchange(part->unstored, {})) {
        uploads_.add(std::move(range));
      }
      if (part->needed.has_value()) VARVE_CO_CHECK(co_await part->loader.load(*part->needed));
      VARVE_CO_CHECK(co_await uploads_.wait_for_room());
    }
    co_return Result<void>();
  }

  Task<Result<void>> go(Part* part) {
    if (!part->loader.is_heavy()) co_return part->step();
    auto job = [part] { return part->step(); };
    co_return co_await impl_.files.core().offload.run(std::move(job));
  }

  Impl& impl_;
  Context context_;
  RepositoryRef repository_;
  TreeMergeRequest request_;
  RangeUploads uploads_;
  std::vector<std::unique_ptr<Part>> parts_;           // until they are merged
  std::vector<std::vector<model::RangeInfo>> ranges_;  // of the result, by part
  bool is_given_up_ = false;                           // a part failed: the others need not go on
};

// The part that computes, on any thread.
Result<void> Snapshots::Merging::Part::step() {
  needed.reset();
  while (sink.done_bytes() < StoreStepBytes) {
    VARVE_TRY(const MergeStep met, walk.next());
    switch (met.kind) {
      case MergeStep::Kind::Need: {
        TableRef table = loader.table_of(*met.range);
        if (table == nullptr) {
          needed = *met.range;
          return {};
        }
        VARVE_CHECK(walk.enter(met.tree, scan_of(*table)));
        break;
      }
      case MergeStep::Kind::Copy:
        sink.end_range();
        collect();
        ranges.push_back(*met.range);
        break;
      case MergeStep::Kind::Write:
        VARVE_CHECK(sink.carry(*met.record));
        break;
      case MergeStep::Kind::WriteRun:
        VARVE_CHECK(sink.carry_same(*met.cursor, *met.twin));
        break;
      case MergeStep::Kind::Conflict:
        is_conflict = true;
        return {};
      case MergeStep::Kind::End:
        sink.end_range();
        collect();
        is_over = true;
        return {};
    }
  }
  collect();
  return {};
}

void Snapshots::Merging::Part::collect() {
  for (format::EncodedRange& range : sink.take_done()) {
    ranges.push_back(range.info);
    unstored.push_back(std::move(range));
  }
}

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
