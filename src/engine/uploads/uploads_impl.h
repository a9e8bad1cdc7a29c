// What the sources of uploads/ share.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>

#include "engine/uploads/uploads.h"
#include "format/xid.h"

namespace varve::engine {

// Names new objects: data/<partition>/<xid>. A partition is this process's alone, and is left after
// 50,000 names or an hour, so that a listing of old data never meets new data (engine.md 2.5).
class AddressSource {
 public:
  AddressSource(base::Clock& clock, base::Rng& rng) : clock_(clock), ids_(clock, rng) {}

  std::string next();
  std::string next_upload_id() { return ids_.next(); }

 private:
  base::Clock& clock_;
  format::XidSource ids_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::string partition_;
  int used_ = 0;
  base::MonotonicTime since_;
};

struct Uploads::Impl {
  explicit Impl(Core& c) : core(c), addresses(c.clock, c.rng) {}

  // What a body turned out to be.
  struct Digest {
    std::int64_t size = 0;
    std::string md5;  // hex
  };
  // Feeds the hash, off the loop if that takes long.
  base::Task<base::Result<void>> hash(base::Hasher* hasher, const base::Bytes* chunk);
  // Reads until `bytes_max` are there or the source ends.
  base::Task<base::Result<base::Bytes>> read_up_to(ByteSource* source, std::size_t bytes_max);
  // Writes `first`, then the rest of `source`.
  base::Task<base::Result<Digest>> stream(ByteSource* source, base::Bytes first,
                                          ports::ObjectWriter* writer);

  Core& core;
  AddressSource addresses;
};

}  // namespace varve::engine
