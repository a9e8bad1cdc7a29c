#include "sim/faults/failing_objects.h"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "ports/object_store.h"
#include "ports/object_types.h"
#include "sim/faults/faults.h"

namespace varve::sim {

using base::Bytes;
using base::Context;
using base::Result;
using base::Task;
using ports::ObjectAddress;
using ports::ObjectInfo;
using ports::ObjectReader;
using ports::ObjectWriter;
using Verdict = FaultPoint::Verdict;

namespace {

class FailingReader final : public ObjectReader {
 public:
  FailingReader(std::unique_ptr<ObjectReader> reader, FaultPoint& point)
      : reader_(std::move(reader)), point_(point) {}

  const ObjectInfo& info() const override { return reader_->info(); }

  Task<Result<Bytes>> read(std::size_t bytes_max) override {
    if (point_.next() != Verdict::Pass) co_return point_.error(Verdict::Fail);
    co_return co_await reader_->read(bytes_max);
  }

 private:
  std::unique_ptr<ObjectReader> reader_;
  FaultPoint& point_;
};

class FailingWriter final : public ObjectWriter {
 public:
  FailingWriter(std::unique_ptr<ObjectWriter> writer, FaultPoint& point)
      : writer_(std::move(writer)), point_(point) {}

  // Not applied when it fails: bytes that were written but not finished are nobody's anyway.
  Task<Result<void>> write(Bytes bytes) override {
    if (point_.next() != Verdict::Pass) co_return point_.error(Verdict::Fail);
    co_return co_await writer_->write(std::move(bytes));
  }

  Task<Result<ObjectInfo>> finish() override {
    const Verdict verdict = point_.next();
    if (verdict == Verdict::Fail) co_return point_.error(verdict);
    Result<ObjectInfo> done = co_await writer_->finish();
    if (verdict == Verdict::ApplyAndFail) co_return point_.error(verdict);
    co_return done;
  }

 private:
  std::unique_ptr<ObjectWriter> writer_;
  FaultPoint& point_;
};

// Runs `task`, a change of the store, as the next operation.
template <class T>
Task<Result<T>> change(FaultPoint* point, Task<Result<T>> task) {
  const Verdict verdict = point->next();
  if (verdict == Verdict::Fail) co_return point->error(verdict);
  Result<T> done = co_await std::move(task);
  if (verdict == Verdict::ApplyAndFail) co_return point->error(verdict);
  co_return done;
}

// Runs `task`, which only looks, as the next operation.
template <class T>
Task<Result<T>> look(FaultPoint* point, Task<Result<T>> task) {
  if (point->next() != Verdict::Pass) co_return point->error(Verdict::Fail);
  co_return co_await std::move(task);
}

}  // namespace

Task<Result<std::unique_ptr<ObjectWriter>>> FailingObjects::put(Context context,
                                                                ObjectAddress address,
                                                                ports::PutMode mode) {
  if (point_.next() != Verdict::Pass) co_return point_.error(Verdict::Fail);
  VARVE_CO_TRY(std::unique_ptr<ObjectWriter> writer,
               co_await store_.put(std::move(context), std::move(address), mode));
  co_return std::make_unique<FailingWriter>(std::move(writer), point_);
}

Task<Result<ObjectInfo>> FailingObjects::put_bytes(Context context, ObjectAddress address,
                                                   base::SharedBytes bytes, ports::PutMode mode) {
  return change(&point_,
                store_.put_bytes(std::move(context), std::move(address), std::move(bytes), mode));
}

Task<Result<std::unique_ptr<ObjectReader>>> FailingObjects::get(Context context,
                                                                ObjectAddress address,
                                                                ports::ByteRange range) {
  if (point_.next() != Verdict::Pass) co_return point_.error(Verdict::Fail);
  VARVE_CO_TRY(std::unique_ptr<ObjectReader> reader,
               co_await store_.get(std::move(context), std::move(address), range));
  co_return std::make_unique<FailingReader>(std::move(reader), point_);
}

Task<Result<ObjectInfo>> FailingObjects::stat(Context context, ObjectAddress address) {
  return look(&point_, store_.stat(std::move(context), std::move(address)));
}

Task<Result<void>> FailingObjects::erase(Context context, ObjectAddress address) {
  return change(&point_, store_.erase(std::move(context), std::move(address)));
}

Task<Result<ObjectInfo>> FailingObjects::copy(Context context, ObjectAddress source,
                                              ObjectAddress destination) {
  return change(&point_,
                store_.copy(std::move(context), std::move(source), std::move(destination)));
}

Task<Result<ports::ListObjectsPage>> FailingObjects::list(Context context, ObjectAddress prefix,
                                                          ObjectAddress after, std::size_t limit) {
  return look(&point_, store_.list(std::move(context), std::move(prefix), std::move(after), limit));
}

Task<Result<std::string>> FailingObjects::create_multipart(Context context, ObjectAddress address) {
  return change(&point_, store_.create_multipart(std::move(context), std::move(address)));
}

Task<Result<std::unique_ptr<ObjectWriter>>> FailingObjects::put_part(Context context,
                                                                     ObjectAddress address,
                                                                     std::string upload_id,
                                                                     int number) {
  if (point_.next() != Verdict::Pass) co_return point_.error(Verdict::Fail);
  VARVE_CO_TRY(std::unique_ptr<ObjectWriter> writer,
               co_await store_.put_part(std::move(context), std::move(address), upload_id, number));
  co_return std::make_unique<FailingWriter>(std::move(writer), point_);
}

Task<Result<ObjectInfo>> FailingObjects::complete_multipart(
    Context context, ObjectAddress address, std::string upload_id,
    std::vector<ports::CompletedPart> parts) {
  return change(&point_, store_.complete_multipart(std::move(context), std::move(address),
                                                   std::move(upload_id), std::move(parts)));
}

Task<Result<void>> FailingObjects::abort_multipart(Context context, ObjectAddress address,
                                                   std::string upload_id) {
  return change(&point_, store_.abort_multipart(std::move(context), std::move(address),
                                                std::move(upload_id)));
}

Task<Result<std::vector<ports::PartInfo>>> FailingObjects::list_parts(
    Context context, ObjectAddress address, std::string upload_id, int after, std::size_t limit) {
  return look(&point_, store_.list_parts(std::move(context), std::move(address),
                                         std::move(upload_id), after, limit));
}

}  // namespace varve::sim
