// Engine: the versioned store as one object. Made by the composition root over ports; front ends
// and services take it by reference. Start with its parts:
//
//   repositories()  engine/repo/repo.h        create, find, list, delete
//   refs()          engine/refs/refs.h        branches, tags, ref expressions, commit records
//   objects()       engine/objects/objects.h  read, list, stage, delete, reset
//   commits()       engine/commits/commits.h  commit, log
//   merges()        engine/merge/merge.h      diff, merge, revert, cherry-pick
//   uploads()       engine/uploads/uploads.h  object data
//   dumps()         engine/dump/dump.h        refs dump and restore
//   imports()       engine/imports/imports.h  objects of the store into a branch
//   protection()    engine/refs/protection.h  branch protection rules
//   staging()       engine/staging/staging.h  uncommitted data; the sweep of dropped tokens
//   snapshots()     engine/tree/tree.h        committed trees
//
// Reaches the world only through ports: the same object code runs under sim/.
#pragma once

#include <memory>

#include "engine/core/core.h"

namespace varve::engine {

class Repositories;
class Refs;
class Objects;
class Commits;
class Merges;
class Uploads;
class Snapshots;
class Protection;
class Staging;
class RefsDumps;
class Imports;

class Engine {
 public:
  Engine(ports::KvStore& kv, ports::ObjectStore& objects, base::Clock& clock, base::Rng& rng,
         base::Offload& offload, EngineOptions options);
  ~Engine();

  Repositories& repositories();
  Refs& refs();
  Objects& objects();
  Commits& commits();
  Merges& merges();
  Uploads& uploads();
  Protection& protection();
  Staging& staging();
  Snapshots& snapshots();
  RefsDumps& dumps();
  Imports& imports();
  const ports::ObjectStoreCapabilities& storage() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace varve::engine
