// ImportWalk: the objects of many sources as changes in path order. Each source is listed a page at
// a time, in key order, which is path order too: a source only puts its destination in front.
//
// Belongs to one task.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/imports/imports.h"
#include "engine/tree/tree.h"
#include "ports/object_store.h"

namespace varve::engine {

class ImportWalk final : public ChangeSource {
 public:
  ImportWalk(Core& core, base::Context context, std::vector<ImportSource> sources,
             std::shared_ptr<ImportProgress> progress);

  // Looks at the beginning of every source. Before next_batch().
  //   NotFound  a source where nothing is
  base::Task<base::Result<void>> open();

  base::Task<base::Result<std::vector<Change>>> next_batch() override;

 private:
  struct Stream {
    ImportSource source;
    std::string path_prefix;  // put in front of what follows `skip` bytes of the address
    std::size_t skip = 0;
    std::deque<ports::ObjectInfo> page;  // listed, not yet given out
    std::string last;                    // address listed last
    bool is_done = false;                // nothing follows the page
  };

  base::Task<base::Result<void>> fill(std::size_t index);
  base::Task<base::Result<Change>> change_of(std::string path, ports::ObjectInfo info);
  struct Digest {
    std::string etag;
    std::int64_t size = 0;
  };
  base::Task<base::Result<Digest>> digest_of(ports::ObjectAddress address);
  std::string path_of(const Stream& stream) const;

  Core& core_;
  base::Context context_;
  std::vector<Stream> streams_;
  std::shared_ptr<ImportProgress> progress_;
};

}  // namespace varve::engine
