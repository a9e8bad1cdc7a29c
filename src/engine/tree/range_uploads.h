// RangeUploads: ranges on their way to the store while others are being written. Whoever writes
// adds them.
//
// Belongs to one task and those it joins, all on one loop. What is added counts against a bound:
// wait_for_room() between two ranges keeps a fast writer from filling memory for a slow store.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "base/waiter.h"
#include "engine/tree/tree_files.h"
#include "format/range_writer.h"

namespace varve::engine {

class RangeUploads {
 public:
  RangeUploads(TreeFiles& files, base::Context context, RepositoryRef repository);

  void add(format::EncodedRange range);
  // Until less than model::TreeUnstoredBytesMax are on their way.
  //   the first error of an upload
  base::Task<base::Result<void>> wait_for_room();

  // Runs `writer`, which adds ranges, and stores them meanwhile. What is not being stored when it
  // fails stays unstored.
  //   the writer's error, or the first one of an upload
  base::Task<base::Result<void>> beside(base::Task<base::Result<void>> writer);
  // Stores what was added; for a writer of little, who is done.
  base::Task<base::Result<void>> finish();

 private:
  base::Task<base::Result<void>> see_off(base::Task<base::Result<void>> writer);
  base::Task<base::Result<void>> serve();
  base::Task<void> wait();
  void wake_all();

  TreeFiles& files_;
  base::Context context_;
  RepositoryRef repository_;
  std::deque<format::EncodedRange> queue_;
  std::size_t bytes_ = 0;  // queued or being stored
  bool is_closed_ = false;
  base::Result<void> outcome_;
  std::vector<base::Waiter> waiters_;
};

}  // namespace varve::engine
