// DeleteObject: DELETE /bucket/branch/path (reference 3.11). Deleting what is not there succeeds.

#include <utility>

#include "base/result.h"
#include "base/task.h"
#include "engine/objects/objects.h"
#include "http/message.h"
#include "model/ids.h"
#include "model/records.h"
#include "s3/call.h"
#include "s3/delete_conditions.h"
#include "s3/errors.h"
#include "s3/exchange.h"

namespace varve::s3 {

Reply Exchange::delete_object() {
  if (repository_->read_only) co_return Error(Code::ReadOnlyRepository);
  VARVE_CO_CHECK(check_version());
  VARVE_CO_TRY(const DeleteConditions conditions, delete_conditions(request_.headers));
  VARVE_CO_CHECK(co_await erase_one(address_.ref, address_.path, conditions));
  co_return http::Response(204);
}

// A ref that is no branch has nothing that could be deleted.
base::Task<Outcome<void>> Exchange::erase_one(std::string ref, std::string path,
                                              DeleteConditions conditions) {
  auto branch = model::parse_branch_id(ref);
  auto object = model::parse_object_path(path);
  if (!branch || !object) co_return Outcome<void>();
  std::string etag;
  if (!conditions.is_empty()) {
    Outcome<model::Entry> entry = co_await find_entry_in(repository_, ref, path, Asked::Delete);
    if (!entry) {
      if (entry.error().code() == Code::NoSuchKey) co_return Outcome<void>();
      co_return std::move(entry).error();
    }
    VARVE_CO_CHECK(check_delete(conditions, *entry));
    etag = entry->etag;
  }
  engine::Objects& objects = with_.engine.objects();
  base::Result<void> erased;
  if (etag.empty()) {
    erased = co_await objects.erase(context_, repository_, *std::move(branch), *std::move(object),
                                    false);
  } else {
    erased = co_await objects.erase_if_match(context_, repository_, *std::move(branch),
                                             *std::move(object), etag);
  }
  if (erased) co_return Outcome<void>();
  Error error = translate(Asked::Delete, erased.error());
  if (error.code() == Code::NoSuchKey) co_return Outcome<void>();
  co_return error;
}

}  // namespace varve::s3
