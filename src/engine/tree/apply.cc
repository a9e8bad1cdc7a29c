// Applying staged changes to a tree (engine.md 8.6). The plan, made from paths and range bounds
// alone, cuts the work into stretches that are independent of each other; a stretch is built off
// the event loop (merge, encode, hash, compress). Changes arrive in waves, so memory is bounded,
// and three things go on at once: one wave is read, the one before it is built, and ranges that are
// complete are uploaded from memory.
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task_group.h"
#include "engine/core/core.h"
#include "engine/tree/changes.h"
#include "engine/tree/range_cursor.h"
#include "engine/tree/range_sink.h"
#include "engine/tree/range_uploads.h"
#include "engine/tree/tree.h"
#include "engine/tree/tree_files.h"
#include "engine/tree/tree_impl.h"
#include "format/range_writer.h"
#include "kernel/tree_apply.h"
#include "model/limits.h"
#include "model/records.h"

namespace varve::engine {

using base::Context;
using base::Result;
using base::Task;
using kernel::PlanStep;

namespace {

constexpr std::size_t WaveChanges = 8192;            // read and planned before they are built
constexpr std::uint64_t LittleBytesMax = 4U << 20U;  // of ranges to be rewritten
constexpr std::size_t InlineChangesMax = 128;  // built on the event loop, if the ranges are small

// Changes as they arrived. Shared by the stretches they fall into; the last one frees them.
using BatchRef = std::shared_ptr<const ChangeViews>;

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
        uploads_(impl.files, context_, repository_),
        plan_(base_->ranges, key_raggedness(impl.files.range_params())) {}

  Task<Result<BuiltTree>> run() {
    VARVE_CO_CHECK(co_await read());
    plan_what_was_read();
    if (is_little()) {
      VARVE_CO_CHECK(co_await build());
      VARVE_CO_CHECK(co_await uploads_.finish());
    } else {
      VARVE_CO_CHECK(co_await uploads_.beside(build_all()));
    }
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

  Task<Result<void>> build_all() {
    for (;;) {
      const bool is_last = is_source_done_;
      VARVE_CO_CHECK(co_await build());
      if (is_last) co_return Result<void>();
      plan_what_was_read();
    }
  }

  // Whether building it and storing what comes out are not worth doing at once.
  bool is_little() const {
    if (!is_source_done_) return false;
    std::uint64_t bytes = 0;
    for (const std::size_t piece : building_) {
      for (const Work& work : pieces_[piece].stretch->work) {
        if (work.range.has_value()) bytes += base_->ranges[*work.range].estimated_size;
      }
    }
    return bytes <= LittleBytesMax;
  }

  Task<Result<void>> read() {
    std::size_t count = 0;
    while (!is_source_done_ && count < WaveChanges) {
      VARVE_CO_TRY(ChangeViews views, co_await source_->next_views());
      is_source_done_ = views.changes.empty();
      count += views.changes.size();
      if (is_source_done_) break;
      incoming_.push_back(std::make_shared<const ChangeViews>(std::move(views)));
    }
    co_return Result<void>();
  }

  void plan_what_was_read() {
    for (const BatchRef& batch : std::exchange(incoming_, {})) plan(batch);
    if (!is_source_done_) return;
    for (PlanStep step = plan_.finish(); step.kind != PlanStep::Kind::End; step = plan_.finish()) {
      obey(step);
    }
  }

  void plan(const BatchRef& batch) {
    for (std::size_t i = 0; i < batch->changes.size(); ++i) {
      for (;;) {
        const PlanStep step = plan_.next(batch->changes[i]);
        obey(step);
        if (step.kind == PlanStep::Kind::Take) break;
      }
      take(batch, i);
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
    last_taken_ = batch->changes[index].path;
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
  Task<Result<void>> build() {
    if (is_source_done_ && building_.size() == 1) {
      const std::size_t piece = std::exchange(building_, {}).front();
      co_return co_await work_off(piece);
    }
    std::vector<Task<Result<void>>> tasks;
    if (!is_source_done_) tasks.push_back(read());
    for (const std::size_t piece : building_) tasks.push_back(work_off(piece));
    auto results = co_await base::join_all(std::move(tasks), model::TreeBuildFanOutMax);
    for (Result<void>& result : results) VARVE_CO_CHECK(std::move(result));
    building_.clear();
    if (stretch_ != nullptr) building_.push_back(pieces_.size() - 1);
    co_return Result<void>();
  }

  Task<Result<void>> work_off(std::size_t piece) {
    VARVE_CO_CHECK(co_await uploads_.wait_for_room());
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
    for (format::EncodedRange& range : done) {
      pieces_[piece].ranges.push_back(range.info);
      uploads_.add(std::move(range));
    }
    co_return Result<void>();
  }

  // The part that computes: on any thread, the stretch belongs to it meanwhile.
  static Result<void> work_off(Stretch& stretch) {
    std::size_t table = 0;
    for (const Work& work : stretch.work) {
      if (work.range.has_value()) {
        VARVE_CHECK(stretch.run.open(scan_of(*stretch.tables[table++]), work.after));
      } else {
        const std::span<const kernel::StagedChange> views = work.batch->changes;
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
  RangeUploads uploads_;
  kernel::ApplyPlan plan_;
  std::vector<BatchRef> incoming_;  // read, not planned yet
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
