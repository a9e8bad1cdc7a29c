#include "server/metered_objects.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "ports/object_types.h"

namespace varve::server {

using base::Context;
using base::Result;
using base::Task;
using ports::ObjectAddress;
using ports::ObjectInfo;
using ports::ObjectReader;
using ports::ObjectWriter;

// `operation` is a literal at every call, so it outlives the suspension.
template <class T>
Task<Result<T>> MeteredObjects::counted(std::string_view operation, Task<Result<T>> work) {
  metrics_.blockstore_running(operation, 1);
  Result<T> result = co_await std::move(work);
  metrics_.blockstore_running(operation, -1);
  co_return result;
}

const ports::ObjectStoreCapabilities& MeteredObjects::capabilities() const {
  return inner_.capabilities();
}

Task<Result<std::unique_ptr<ObjectWriter>>> MeteredObjects::put(Context context,
                                                                ObjectAddress address,
                                                                ports::PutMode mode) {
  return counted("put", inner_.put(std::move(context), std::move(address), mode));
}

Task<Result<ObjectInfo>> MeteredObjects::put_bytes(Context context, ObjectAddress address,
                                                   base::SharedBytes bytes, ports::PutMode mode) {
  return counted("put",
                 inner_.put_bytes(std::move(context), std::move(address), std::move(bytes), mode));
}

Task<Result<std::unique_ptr<ObjectReader>>> MeteredObjects::get(Context context,
                                                                ObjectAddress address,
                                                                ports::ByteRange range) {
  return counted(range.first == 0 && range.count < 0 ? "get" : "get_range",
                 inner_.get(std::move(context), std::move(address), range));
}

Task<Result<ObjectInfo>> MeteredObjects::stat(Context context, ObjectAddress address) {
  return counted("get_properties", inner_.stat(std::move(context), std::move(address)));
}

Task<Result<void>> MeteredObjects::erase(Context context, ObjectAddress address) {
  return counted("remove", inner_.erase(std::move(context), std::move(address)));
}

Task<Result<ObjectInfo>> MeteredObjects::copy(Context context, ObjectAddress source,
                                              ObjectAddress destination) {
  return counted("copy",
                 inner_.copy(std::move(context), std::move(source), std::move(destination)));
}

Task<Result<ports::ListObjectsPage>> MeteredObjects::list(Context context, ObjectAddress prefix,
                                                          ObjectAddress after, std::size_t limit) {
  return counted("list",
                 inner_.list(std::move(context), std::move(prefix), std::move(after), limit));
}

Task<Result<std::string>> MeteredObjects::create_multipart(Context context, ObjectAddress address) {
  return counted("create_multipart_upload",
                 inner_.create_multipart(std::move(context), std::move(address)));
}

Task<Result<std::unique_ptr<ObjectWriter>>> MeteredObjects::put_part(Context context,
                                                                     ObjectAddress address,
                                                                     std::string upload_id,
                                                                     int number) {
  return counted("upload_part", inner_.put_part(std::move(context), std::move(address),
                                                std::move(upload_id), number));
}

Task<Result<ObjectInfo>> MeteredObjects::complete_multipart(
    Context context, ObjectAddress address, std::string upload_id,
    std::vector<ports::CompletedPart> parts) {
  return counted("complete_multipart_upload",
                 inner_.complete_multipart(std::move(context), std::move(address),
                                           std::move(upload_id), std::move(parts)));
}

Task<Result<void>> MeteredObjects::abort_multipart(Context context, ObjectAddress address,
                                                   std::string upload_id) {
  return counted(
      "abort_multipart_upload",
      inner_.abort_multipart(std::move(context), std::move(address), std::move(upload_id)));
}

Task<Result<std::vector<ports::PartInfo>>> MeteredObjects::list_parts(
    Context context, ObjectAddress address, std::string upload_id, int after, std::size_t limit) {
  return counted("list_parts", inner_.list_parts(std::move(context), std::move(address),
                                                 std::move(upload_id), after, limit));
}

}  // namespace varve::server
