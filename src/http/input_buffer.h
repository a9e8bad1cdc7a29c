// InputBuffer: what has arrived on a connection and was not used yet. Its memory comes from a pool
// of the loop and goes back when the connection is idle: ten thousand idle connections cost none.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"

namespace varve::http {

class BufferPool {
 public:
  static constexpr std::size_t BlockBytes = 16U << 10U;  // most requests arrive in one

  std::unique_ptr<char[]> take() {
    if (free_.empty()) return std::make_unique_for_overwrite<char[]>(BlockBytes);
    std::unique_ptr<char[]> block = std::move(free_.back());
    free_.pop_back();
    return block;
  }
  // One block for everybody, good until the next suspension.
  static constexpr std::size_t ScratchBytes = 256U << 10U;
  char* scratch() {
    if (!scratch_) scratch_ = std::make_unique_for_overwrite<char[]>(ScratchBytes);
    return scratch_.get();
  }
  void give(std::unique_ptr<char[]> block) {
    if (free_.size() < FreeMax) free_.push_back(std::move(block));
  }

 private:
  static constexpr std::size_t FreeMax = 64;
  std::vector<std::unique_ptr<char[]>> free_;
  std::unique_ptr<char[]> scratch_;
};

class InputBuffer {
 public:
  explicit InputBuffer(BufferPool& pool) : pool_(pool) {}
  BufferPool& pool() { return pool_; }
  ~InputBuffer() { release(); }
  InputBuffer(const InputBuffer&) = delete;
  InputBuffer& operator=(const InputBuffer&) = delete;

  std::string_view view() const { return {block_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  std::size_t size() const { return end_ - begin_; }

  void consume(std::size_t bytes) {
    VARVE_DASSERT(bytes <= size());
    begin_ += bytes;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  // Makes room for at least a byte, holding at most `bytes_max`. False if that is reached.
  bool make_room(std::size_t bytes_max) {
    if (!block_) {
      block_ = pool_.take();
      capacity_ = BufferPool::BlockBytes;
    }
    if (end_ < capacity_) return true;
    if (begin_ > 0) {
      std::memmove(block_.get(), block_.get() + begin_, size());
      end_ -= begin_;
      begin_ = 0;
      return true;
    }
    if (capacity_ >= bytes_max) return false;
    reserve(capacity_ * 2);
    return true;
  }
  void reserve(std::size_t capacity) {
    if (capacity <= capacity_) return;
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    const std::size_t kept = size();
    if (kept > 0) std::memcpy(larger.get(), block_.get() + begin_, kept);
    if (capacity_ == BufferPool::BlockBytes) pool_.give(std::move(block_));
    block_ = std::move(larger);
    capacity_ = capacity;
    begin_ = 0;
    end_ = kept;
  }
  char* room() { return block_.get() + end_; }
  std::size_t room_bytes() const { return capacity_ - end_; }
  void filled(std::size_t bytes) { end_ += bytes; }

  // Gives the memory back. Only what is empty may be released, but for destruction.
  void release() {
    if (block_ && capacity_ == BufferPool::BlockBytes) pool_.give(std::move(block_));
    block_.reset();
    capacity_ = begin_ = end_ = 0;
  }

 private:
  BufferPool& pool_;
  std::unique_ptr<char[]> block_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace varve::http
