// CountingObjects: a store that tells how much was read from it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/forwarding_objects_test.h"
#include "ports/object_store.h"
#include "ports/object_types.h"

namespace varve::engine {

class CountingObjects final : public ForwardingObjects {
 public:
  explicit CountingObjects(ports::ObjectStore& store) : ForwardingObjects(store) {}

  base::Task<base::Result<std::unique_ptr<ports::ObjectReader>>> get(
      base::Context context, ports::ObjectAddress address, ports::ByteRange range) override {
    VARVE_CO_TRY(auto reader,
                 co_await ForwardingObjects::get(std::move(context), std::move(address), range));
    co_return std::make_unique<Reader>(std::move(reader), bytes_);
  }
  // Since this was last asked.
  std::uint64_t take_bytes() { return bytes_.exchange(0); }

 private:
  class Reader final : public ports::ObjectReader {
   public:
    Reader(std::unique_ptr<ports::ObjectReader> reader, std::atomic<std::uint64_t>& bytes)
        : reader_(std::move(reader)), bytes_(bytes) {}
    const ports::ObjectInfo& info() const override { return reader_->info(); }
    base::Task<base::Result<base::Bytes>> read(std::size_t bytes_max) override {
      VARVE_CO_TRY(base::Bytes bytes, co_await reader_->read(bytes_max));
      bytes_ += bytes.size();
      co_return bytes;
    }

   private:
    std::unique_ptr<ports::ObjectReader> reader_;
    std::atomic<std::uint64_t>& bytes_;
  };

  std::atomic<std::uint64_t> bytes_ = 0;
};

}  // namespace varve::engine
