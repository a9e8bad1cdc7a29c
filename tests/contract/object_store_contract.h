// What an ObjectStore is: one suite, run for every adapter. A new adapter adds a file that
// instantiates it (see object_memory_test.cc) and nothing else.
//
// How a store differs from the rest is a predicate of its subject, never a skipped test.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "ports/object_store.h"

namespace varve::contract {

// A store under test, empty at first.
class ObjectSubject {
 public:
  virtual ~ObjectSubject() = default;
  virtual ports::ObjectStore& store() = 0;
  // What every address begins with: "mem://b/".
  virtual std::string base() const = 0;

  // Closes the store and opens it again, as a process that ends and starts.
  virtual void restart() = 0;
  virtual bool survives_restart() const { return true; }
  // Whether objects have an etag without being multipart.
  virtual bool keeps_etags() const { return true; }
  // Whether keys are paths of a file system: no empty segments, and no object below an object.
  virtual bool keys_are_paths() const { return false; }
  // What is left in the store that no address names.
  virtual std::size_t leftovers() const { return 0; }
};

struct ObjectCase {
  std::string name;
  std::function<std::unique_ptr<ObjectSubject>()> make;
};

inline void PrintTo(const ObjectCase& subject, std::ostream* out) { *out << subject.name; }

inline std::string object_case_name(const testing::TestParamInfo<ObjectCase>& info) {
  return info.param.name;
}

class ObjectStoreContract : public testing::TestWithParam<ObjectCase> {
 protected:
  using Address = ports::ObjectAddress;

  ObjectStoreContract() : subject_(GetParam().make()) {}

  ports::ObjectStore& store() { return subject_->store(); }
  Address at(const std::string& key) const { return Address(subject_->base() + key); }

  // The port without coroutines.
  base::Result<ports::ObjectInfo> put(const std::string& key, base::Bytes bytes,
                                      ports::PutMode mode = ports::PutMode::Overwrite);
  // A streamed put in pieces.
  base::Result<ports::ObjectInfo> stream(const std::string& key, std::vector<base::Bytes> pieces,
                                         ports::PutMode mode = ports::PutMode::Overwrite);
  base::Result<base::Bytes> get(const std::string& key, ports::ByteRange range = {});
  base::Result<ports::ObjectInfo> stat(const std::string& key);
  base::Result<void> erase(const std::string& key);
  // The keys of a listing, and a "+" if it has more.
  std::vector<std::string> list(const std::string& prefix, const std::string& after,
                                std::size_t limit);

  std::string create_upload(const std::string& key);
  base::Result<ports::ObjectInfo> put_part(const std::string& key, const std::string& upload,
                                           int number, base::Bytes bytes);
  base::Result<ports::ObjectInfo> complete(const std::string& key, const std::string& upload,
                                           std::vector<ports::CompletedPart> parts);
  base::Result<std::vector<ports::PartInfo>> parts(const std::string& key,
                                                   const std::string& upload, int after,
                                                   std::size_t limit);

  std::unique_ptr<ObjectSubject> subject_;
};

}  // namespace varve::contract
