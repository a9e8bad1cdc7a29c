#include "engine/engine.h"

#include <memory>
#include <utility>

#include "base/offload.h"
#include "base/rng.h"
#include "base/time.h"
#include "engine/commits/commits.h"
#include "engine/core/core.h"
#include "engine/dump/dump.h"
#include "engine/imports/imports.h"
#include "engine/merge/merge.h"
#include "engine/objects/objects.h"
#include "engine/refs/protection.h"
#include "engine/refs/refs.h"
#include "engine/repo/repo.h"
#include "engine/staging/staging.h"
#include "engine/tree/tree.h"
#include "engine/uploads/uploads.h"
#include "ports/kv_store.h"
#include "ports/object_store.h"
#include "ports/object_types.h"

namespace varve::engine {

// In the order of who needs whom.
struct Engine::Impl {
  Impl(ports::KvStore& kv, ports::ObjectStore& object_store, base::Clock& clock, base::Rng& rng,
       base::Offload& offload, EngineOptions options)
      : core{kv, object_store, clock, rng, offload, std::move(options)},
        repositories(core),
        refs(core),
        protection(core),
        snapshots(core),
        staging(core, refs, snapshots),
        objects(core, refs, snapshots, staging, protection),
        commits(core, refs, snapshots, staging, protection),
        merges(core, refs, snapshots, staging),
        uploads(core),
        dumps(core, snapshots),
        imports(core, repositories, refs, snapshots, staging) {}

  Core core;
  Repositories repositories;
  Refs refs;
  Protection protection;
  Snapshots snapshots;
  Staging staging;
  Objects objects;
  Commits commits;
  Merges merges;
  Uploads uploads;
  RefsDumps dumps;
  Imports imports;
};

Engine::Engine(ports::KvStore& kv, ports::ObjectStore& objects, base::Clock& clock, base::Rng& rng,
               base::Offload& offload, EngineOptions options)
    : impl_(std::make_unique<Impl>(kv, objects, clock, rng, offload, std::move(options))) {}
Engine::~Engine() = default;

Repositories& Engine::repositories() { return impl_->repositories; }
Refs& Engine::refs() { return impl_->refs; }
Objects& Engine::objects() { return impl_->objects; }
Commits& Engine::commits() { return impl_->commits; }
Merges& Engine::merges() { return impl_->merges; }
Uploads& Engine::uploads() { return impl_->uploads; }
RefsDumps& Engine::dumps() { return impl_->dumps; }
Imports& Engine::imports() { return impl_->imports; }
Protection& Engine::protection() { return impl_->protection; }
Staging& Engine::staging() { return impl_->staging; }
Snapshots& Engine::snapshots() { return impl_->snapshots; }

const ports::ObjectStoreCapabilities& Engine::storage() const {
  return impl_->core.objects.capabilities();
}

}  // namespace varve::engine
