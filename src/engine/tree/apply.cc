// Applying staged changes to a tree (engine.md 8.6). The plan, made from paths and range bounds
// alone, cuts the work into stretches that are independent of each other; a stretch is built off
// the event loop (merge, encode, hash, compress) and its ranges are uploaded from memory while
// others are still being built. Changes arrive in waves, so memory is bounded and reading goes on
// while the wave before is built.
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/task_group.h"
#include "engine/tree/range_cursor.h"
#include "engine/tree/range_sink.h"
#include "engine/tree/tree.h"
#include "engine/tree/tree_impl.h"
#include "kernel/tree_apply.h"
#include "model/limits.h"

namespace varve::engine {

using base::Context;
using base::Result;
using base::Task;
using kernel::PlanStep;

namespace {

constexpr std::size_t WaveChanges = 32768;     // read and planned before they are built
constexpr std::size_t InlineChangesMax = 128;  // built on the event loop, if the ranges are small

// Changes as they arrived, with views of them for the kernel. Shared by the stretches they fall
// into; the last one frees them.
struct Batch {
  std::vector<Change> changes;
  std::vector<kernel::StagedChange> views;
};
using BatchRef = std::shared_ptr<const Batch>;

// One thing a stretch has to do: open a range, or take some changes.
struct Work {
  std::optional<std::size_t> range;
  std::string after;  // of a range: the last path an earlier stretch has dealt with
  BatchRef batch;
  std::size_t first = 0;
  std::size_t count = 0;
};

struct Stretch {
  explicit Stretch(format::RangeParams params) : sink(params), run(sink) {}
  RangeSink sink;
  kernel::ApplyRun run;
  std::vector<Work> work;
  std::vector<TableRef> tables;  // of the ranges in `work`, in order
  bool is_ended = false;
  bool is_cut = false;
};

// What the result is made of, in order: ranges of the base, and what stretches wrote.
struct Piece {
  std::vector<model::RangeInfo> ranges;
  std::unique_ptr<Stretch> stretch;  // until it is built
};

}  // namespace

// One apply. Belongs to one task, which outlives it.
class Snapshots::Applying {
 public:
  Applying(Impl& impl, Context context, RepositoryRef repository, SnapshotRef base,
           std::unique_ptr<ChangeSource> source)
      : impl_(impl),
        context_(std::move(context)),
        repository_(std::move(repository)),
        base_(std::move(base)),
        source_(std::move(source)),
        plan_(base_->ranges, key_raggedness(impl.files.range_params())) {}

  Task<Result<BuiltTree>> run() {
    VARVE_CO_CHECK(co_await read());
    while (!incoming_.empty()) {
      for (std::vector<Change>& changes : std::exchange(incoming_, {})) plan(std::move(changes));
      VARVE_CO_CHECK(co_await build(true));
    }
    for (PlanStep step = plan_.finish(); step.kind != PlanStep::Kind::End; step = plan_.finish()) {
      obey(step);
    }
    VARVE_CO_CHECK(co_await build(false));
    BuiltTree built;
    built.counts = counts_;
    built.id = base_->id;
    if (!counts_.is_empty()) {
      VARVE_CO_TRY(SnapshotRef tree,
                   co_await impl_.files.store_snapshot(context_, repository_, ranges()));
      built.id = tree->id;
    }
    co_return built;
  }

 private:
  // A range ends after a lucky key however small it is, unless ranges have a minimum size.
  static std::uint64_t key_raggedness(const format::RangeParams& params) {
    return params.bytes_min == 0 ? params.raggedness : 0;
  }

  Task<Result<void>> read() {
    std::size_t count = 0;
    while (!is_source_done_ && count < WaveChanges) {
      VARVE_CO_TRY(std::vector<Change> changes, co_await source_->next_batch());
      is_source_done_ = changes.empty();
      count += changes.size();
      if (!changes.empty()) incoming_.push_back(std::move(changes));
    }
    co_return Result<void>();
  }

  void plan(std::vector<Change> changes) {
    auto batch = std::make_shared<Batch>();
    batch->changes = std::move(changes);
    for (const Change& change : batch->changes) {
      batch->views.push_back({change.path, change.record.identity.view(), change.record.data});
    }
    const BatchRef shared = std::move(batch);
    for (std::size_t i = 0; i < shared->views.size(); ++i) {
      for (;;) {
        const PlanStep step = plan_.next(shared->views[i]);
        obey(step);
        if (step.kind == PlanStep::Kind::Take) break;
      }
      take(shared, i);
    }
  }

  void take(const BatchRef& batch, std::size_t index) {
    std::vector<Work>& work = stretch_->work;
    if (work.empty() || work.back().batch != batch) {
      Work taken;
      taken.batch = batch;
      taken.first = index;
      work.push_back(std::move(taken));
    }
    ++work.back().count;
    last_taken_ = batch->views[index].path;
  }

  void obey(const PlanStep& step) {
    switch (step.kind) {
      case PlanStep::Kind::Copy:
        if (pieces_.empty() || pieces_.back().stretch != nullptr) pieces_.emplace_back();
        pieces_.back().ranges.push_back(base_->ranges[step.range]);
        break;
      case PlanStep::Kind::EndStretch:
        stretch_->is_ended = true;
        stretch_->is_cut = step.is_cut;
        stretch_ = nullptr;
        break;
      case PlanStep::Kind::Open: {
        open_stretch();
        Work opened;
        opened.range = step.range;
        opened.after = last_taken_;
        stretch_->work.push_back(std::move(opened));
        break;
      }
      case PlanStep::Kind::Take:
        open_stretch();
        break;
      case PlanStep::Kind::End:
        break;
    }
  }

  void open_stretch() {
    if (stretch_ != nullptr) return;
    pieces_.emplace_back().stretch = std::make_unique<Stretch>(impl_.files.range_params());
    stretch_ = pieces_.back().stretch.get();
    building_.push_back(pieces_.size() - 1);
  }

  // Builds what is planned, and reads on meanwhile.
  Task<Result<void>> build(bool reads_on) {
    std::vector<Task<Result<void>>> tasks;
    if (reads_on) tasks.push_back(read());
    for (const std::size_t piece : building_) tasks.push_back(work_off(piece));
    auto results = co_await base::join_all(std::move(tasks), model::TreeBuildFanOutMax);
    for (Result<void>& result : results) VARVE_CO_CHECK(std::move(result));
    building_.clear();
    if (stretch_ != nullptr) building_.push_back(pieces_.size() - 1);
    co_return Result<void>();
  }

  Task<Result<void>> work_off(std::size_t piece) {
    Stretch& stretch = *pieces_[piece].stretch;
    std::vector<model::RangeInfo> opened;
    std::size_t changes = 0;
    for (const Work& work : stretch.work) {
      changes += work.count;
      if (work.range.has_value()) opened.push_back(base_->ranges[*work.range]);
    }
    VARVE_CO_TRY(stretch.tables, co_await impl_.tables(context_, repository_, std::move(opened)));
    std::size_t bytes = 0;
    for (const TableRef& table : stretch.tables) bytes += table->file_size();
    if (changes <= InlineChangesMax && bytes <= InlineBytesMax) {
      VARVE_CO_CHECK(work_off(stretch));
    } else {
      auto job = [&stretch] { return work_off(stretch); };
      VARVE_CO_CHECK(co_await impl_.files.core().offload.run(std::move(job)));
    }
    std::vector<format::EncodedRange> done = stretch.sink.take_done();
    if (stretch.is_ended) {
      counts_.added += stretch.run.counts().added;
      counts_.changed += stretch.run.counts().changed;
      counts_.removed += stretch.run.counts().removed;
    }
    const bool is_ended = stretch.is_ended;
    if (is_ended) pieces_[piece].stretch.reset();
    std::vector<Task<Result<void>>> uploads;
    for (format::EncodedRange& range : done) {
      pieces_[piece].ranges.push_back(range.info);
      uploads.push_back(impl_.files.store_range(context_, repository_, std::move(range)));
    }
    if (uploads.empty()) co_return Result<void>();
    auto stored = co_await base::join_all(std::move(uploads), model::TreeUploadFanOutMax);
    for (Result<void>& result : stored) VARVE_CO_CHECK(std::move(result));
    co_return Result<void>();
  }

  // The part that computes: on any thread, the stretch belongs to it meanwhile.
  static Result<void> work_off(Stretch& stretch) {
    std::size_t table = 0;
    for (const Work& work : stretch.work) {
      if (work.range.has_value()) {
        VARVE_CHECK(stretch.run.open(scan_of(*stretch.tables[table++]), work.after));
      } else {
        const std::span<const kernel::StagedChange> views = work.batch->views;
        VARVE_CHECK(stretch.run.take(views.subspan(work.first, work.count)));
      }
    }
    stretch.work.clear();
    stretch.tables.clear();
    if (!stretch.is_ended) return {};
    if (!stretch.is_cut) VARVE_CHECK(stretch.run.finish());
    stretch.sink.end_range();
    return {};
  }

  std::vector<model::RangeInfo> ranges() {
    std::vector<model::RangeInfo> all;
    for (Piece& piece : pieces_) {
      all.insert(all.end(), std::make_move_iterator(piece.ranges.begin()),
                 std::make_move_iterator(piece.ranges.end()));
    }
    return all;
  }

  Impl& impl_;
  Context context_;
  RepositoryRef repository_;
  SnapshotRef base_;
  std::unique_ptr<ChangeSource> source_;
  kernel::ApplyPlan plan_;
  std::vector<std::vector<Change>> incoming_;  // read, not planned yet
  bool is_source_done_ = false;
  std::vector<Piece> pieces_;
  std::vector<std::size_t> building_;  // pieces whose stretches have work to do
  Stretch* stretch_ = nullptr;         // the open one: the last piece's
  std::string last_taken_;             // the path of the change taken last
  ChangeCounts counts_;
};

Task<Result<BuiltTree>> Snapshots::apply(Context context, RepositoryRef repository,
                                         SnapshotRef base, std::unique_ptr<ChangeSource> changes) {
  Applying applying(*impl_, std::move(context), std::move(repository), std::move(base),
                    std::move(changes));
  co_return co_await applying.run();
}

}  // namespace varve::engine
