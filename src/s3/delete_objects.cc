// DeleteObjects: POST /bucket?delete (reference 3.12). Each key fails or succeeds by itself; the
// engine is asked once for all the keys of a branch.

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/objects/objects.h"
#include "model/ids.h"
#include "model/limits.h"
#include "s3/address.h"
#include "s3/call.h"
#include "s3/delete_conditions.h"
#include "s3/errors.h"
#include "s3/exchange.h"
#include "s3/payload.h"
#include "s3/xml_reader.h"
#include "s3/xml_writer.h"
#include "services/auth/authorizer.h"

namespace varve::s3 {
namespace {

base::Bytes render(const DeleteRequest& request, const std::vector<std::optional<Error>>& errors) {
  XmlWriter xml;
  xml.reserve(256 + request.targets.size() * 64);
  xml.open_root("DeleteResult");
  for (std::size_t i = 0; i < request.targets.size(); ++i) {
    const std::string_view key = request.targets[i].key;
    if (!errors[i]) {
      if (request.is_quiet) continue;
      xml.open("Deleted");
      xml.element("Key", key);
      xml.close("Deleted");
      continue;
    }
    std::string message("error deleting object: ");
    xml.open("Error");
    xml.element("Code", info(errors[i]->code()).name);
    xml.element("Key", key);
    xml.element("Message", std::string_view(errors[i]->code() == Code::AccessDenied
                                                ? "Access Denied"
                                                : message.append(errors[i]->message())));
    xml.close("Error");
  }
  xml.close("DeleteResult");
  return xml.take();
}

// What cannot be a key of a bucket.
std::optional<Error> key_fault(const DeleteTarget& target) {
  if (!split_key(target.key)) return Error(Code::DeletingKey, "malformed key");
  const auto version = std::string_view(target.version_id);
  if (!version.empty() && version != "null") {
    return invalid_argument("VersionId", target.version_id, "Invalid version id specified");
  }
  return std::nullopt;
}

}  // namespace

Reply Exchange::delete_objects() {
  if (repository_->read_only) co_return Error(Code::ReadOnlyRepository);
  VARVE_CO_TRY(base::Bytes xml, co_await read_document(ChecksumHeaders::AboutBody));
  VARVE_CO_TRY(DeleteRequest request, read_delete_request(std::move(xml)));
  constexpr std::size_t KeysMax = model::DeletePathsMax;
  const std::size_t count = request.targets.size();
  if (count == 0 || count > KeysMax) {
    co_return Error(Code::MalformedXml, std::string(info(Code::MalformedXml).message) +
                                            ": it has " + std::to_string(count) + " keys, 1 to " +
                                            std::to_string(KeysMax) + " are allowed");
  }
  std::vector<std::optional<Error>> errors(count);
  std::map<model::BranchId, std::vector<model::ObjectPath>> groups;
  std::map<std::pair<model::BranchId, std::string>, std::vector<std::size_t>> places;
  for (std::size_t i = 0; i < count; ++i) {
    Outcome<std::optional<Target>> placed = co_await place_target(request.targets[i]);
    if (!placed) {
      errors[i] = std::move(placed).error();
    } else if (placed->has_value()) {
      Target target = **std::move(placed);
      auto& indexes = places[{target.branch, target.path.str()}];
      if (indexes.empty()) groups[target.branch].push_back(std::move(target.path));
      indexes.push_back(i);
    }
  }
  for (auto& [branch, paths] : groups) {
    for (const auto& [path, error] : co_await erase_group(branch, std::move(paths))) {
      for (const std::size_t i : places[{branch, path}]) errors[i] = error;
    }
  }
  co_return xml_response(render(request, errors));
}

// Where a key is to be deleted; nothing if that is done, or has no effect: a branch's root, a ref
// that is no branch, a key with conditions, which are decided one by one.
base::Task<Outcome<std::optional<Target>>> Exchange::place_target(DeleteTarget request) {
  if (auto fault = key_fault(request)) co_return *std::move(fault);
  const SplitKey key = *split_key(request.key);
  std::vector<services::Permission> permissions;
  permissions.emplace_back("fs:DeleteObject", services::object_arn(address_.repository, key.path));
  VARVE_CO_CHECK(co_await authorise(std::move(permissions)));
  if (key.path.empty()) co_return std::optional<Target>();
  auto path = model::parse_object_path(key.path);
  if (!path) co_return translate(Asked::Write, path.error());
  VARVE_CO_TRY(DeleteConditions conditions, delete_conditions(request));
  if (!conditions.is_empty()) {
    VARVE_CO_CHECK(co_await erase_one(key.ref, key.path, std::move(conditions)));
    co_return std::optional<Target>();
  }
  auto branch = model::parse_branch_id(key.ref);
  if (!branch) co_return std::optional<Target>();
  Target target;
  target.branch = *std::move(branch);
  target.path = *std::move(path);
  co_return std::optional<Target>(std::move(target));
}

// The paths of one branch that could not be deleted.
base::Task<std::map<std::string, Error>> Exchange::erase_group(
    model::BranchId branch, std::vector<model::ObjectPath> paths) {
  std::map<std::string, Error> failures;
  const auto erased = co_await with_.engine.objects().erase_many(context_, repository_,
                                                                 std::move(branch), paths, false);
  if (erased) {
    for (const engine::EraseError& one : *erased) {
      failures.emplace(one.path, translate(Asked::Delete, one.error));
    }
    co_return failures;
  }
  const Error error = translate(Asked::Delete, erased.error());
  // A branch that does not exist has nothing to delete.
  if (error.code() == Code::NoSuchKey) co_return failures;
  for (const model::ObjectPath& path : paths) failures.emplace(path.str(), error);
  co_return failures;
}

}  // namespace varve::s3
