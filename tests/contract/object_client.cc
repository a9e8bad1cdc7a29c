#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/run.h"
#include "base/task.h"
#include "ports/object_store.h"
#include "tests/contract/object_store_contract.h"

namespace varve::contract {

using base::Bytes;
using base::Context;
using base::Result;
using base::run;
using base::Task;
using ports::ObjectAddress;
using ports::ObjectInfo;
using ports::ObjectStore;
using ports::PutMode;

namespace {

constexpr std::size_t ReadStep = 100'000;

Task<Result<ObjectInfo>> write_all(std::unique_ptr<ports::ObjectWriter> writer,
                                   std::vector<Bytes> pieces) {
  for (Bytes& piece : pieces) VARVE_CO_CHECK(co_await writer->write(std::move(piece)));
  co_return co_await writer->finish();
}

Task<Result<ObjectInfo>> stream_put(ObjectStore* store, ObjectAddress address,
                                    std::vector<Bytes> pieces, PutMode mode) {
  VARVE_CO_TRY(auto writer, co_await store->put(Context(), std::move(address), mode));
  co_return co_await write_all(std::move(writer), std::move(pieces));
}

Task<Result<ObjectInfo>> stream_part(ObjectStore* store, ObjectAddress address, std::string upload,
                                     int number, std::vector<Bytes> pieces) {
  VARVE_CO_TRY(auto writer,
               co_await store->put_part(Context(), std::move(address), std::move(upload), number));
  co_return co_await write_all(std::move(writer), std::move(pieces));
}

Task<Result<Bytes>> read_all(ObjectStore* store, ObjectAddress address, ports::ByteRange range) {
  VARVE_CO_TRY(const auto reader, co_await store->get(Context(), std::move(address), range));
  Bytes all;
  for (;;) {
    VARVE_CO_TRY(const Bytes piece, co_await reader->read(ReadStep));
    if (piece.empty()) co_return all;
    EXPECT_LE(piece.size(), ReadStep);
    all += piece;
  }
}

}  // namespace

Result<ObjectInfo> ObjectStoreContract::put(const std::string& key, Bytes bytes, PutMode mode) {
  return run(store().put_bytes(Context(), at(key), std::move(bytes), mode));
}

Result<ObjectInfo> ObjectStoreContract::stream(const std::string& key, std::vector<Bytes> pieces,
                                               PutMode mode) {
  return run(stream_put(&store(), at(key), std::move(pieces), mode));
}

Result<Bytes> ObjectStoreContract::get(const std::string& key, ports::ByteRange range) {
  return run(read_all(&store(), at(key), range));
}

Result<ObjectInfo> ObjectStoreContract::stat(const std::string& key) {
  return run(store().stat(Context(), at(key)));
}

Result<void> ObjectStoreContract::erase(const std::string& key) {
  return run(store().erase(Context(), at(key)));
}

std::vector<std::string> ObjectStoreContract::list(const std::string& prefix,
                                                   const std::string& after, std::size_t limit) {
  ObjectAddress start = after.empty() ? ObjectAddress() : at(after);
  const auto page = run(store().list(Context(), at(prefix), std::move(start), limit));
  if (!page) return {"error: " + page.error().message()};
  std::vector<std::string> keys;
  for (const ObjectInfo& info : page->objects) {
    keys.push_back(info.address.str().substr(subject_->base().size()));
  }
  if (page->has_more) keys.push_back("+");
  return keys;
}

std::string ObjectStoreContract::create_upload(const std::string& key) {
  return run(store().create_multipart(Context(), at(key))).value();
}

Result<ObjectInfo> ObjectStoreContract::put_part(const std::string& key, const std::string& upload,
                                                 int number, Bytes bytes) {
  std::vector<Bytes> pieces;
  pieces.push_back(std::move(bytes));
  return run(stream_part(&store(), at(key), upload, number, std::move(pieces)));
}

Result<ObjectInfo> ObjectStoreContract::complete(const std::string& key, const std::string& upload,
                                                 std::vector<ports::CompletedPart> listed) {
  return run(store().complete_multipart(Context(), at(key), upload, std::move(listed)));
}

Result<std::vector<ports::PartInfo>> ObjectStoreContract::parts(const std::string& key,
                                                                const std::string& upload,
                                                                int after, std::size_t limit) {
  return run(store().list_parts(Context(), at(key), upload, after, limit));
}

}  // namespace varve::contract
