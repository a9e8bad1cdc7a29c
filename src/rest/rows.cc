#include "rest/rows.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "http/message.h"
#include "model/ids.h"
#include "model/records.h"
#include "rest/json_writer.h"
#include "rest/response.h"
#include "services/auth/principal.h"

namespace varve::rest {
namespace {

constexpr std::string_view DefaultContentType = "application/octet-stream";

}  // namespace

void write_pagination(JsonWriter& json, const PageInfo& page) {
  json.key("pagination");
  json.begin_object();
  json.field("has_more", page.has_more);
  json.field("max_per_page", page.rows_max);
  json.field("next_offset", page.has_more ? page.last : std::string_view());
  json.field("results", static_cast<std::int64_t>(page.rows));
  json.end_object();
}

void write_repository(JsonWriter& json, const model::Repository& repository, RepositoryForm form) {
  json.begin_object();
  json.field("id", repository.id.view());
  json.field("creation_date", repository.creation_date.seconds);
  json.field("default_branch", repository.default_branch.view());
  json.field("storage_id", repository.storage_id.view());
  json.field("storage_namespace", repository.storage_namespace.view());
  if (form == RepositoryForm::Whole) json.field("read_only", repository.read_only);
  json.end_object();
}

void write_ref(JsonWriter& json, std::string_view id, const model::CommitId& commit_id) {
  json.begin_object();
  json.field("id", id);
  json.field("commit_id", commit_id.view());
  json.end_object();
}

void write_commit(JsonWriter& json, const model::Commit& commit) {
  json.begin_object();
  json.field("id", commit.id.view());
  json.key("parents");
  json.begin_list();
  for (const model::CommitId& parent : commit.parents) json.text(parent.view());
  json.end_list();
  json.field("committer", std::string_view(commit.committer));
  json.field("message", std::string_view(commit.message));
  json.field("creation_date", commit.creation_date.seconds);
  json.field("meta_range_id", commit.meta_range_id.view());
  json.field("metadata", commit.metadata);
  json.field("generation", static_cast<std::int64_t>(commit.generation));
  json.field("version", static_cast<std::int64_t>(commit.version));
  json.end_object();
}

void write_user(JsonWriter& json, const services::User& user) {
  json.begin_object();
  json.field("id", std::string_view(user.name));
  json.field("creation_date", user.created_at.seconds);
  json.field("friendly_name", std::string_view(user.friendly_name));
  json.field("email", std::string_view(user.email));
  json.end_object();
}

std::string_view content_type_of(const model::Entry& entry) {
  return entry.content_type.empty() ? DefaultContentType : std::string_view(entry.content_type);
}

std::string content_type_or_default(std::string given) {
  return given.empty() ? std::string(DefaultContentType) : std::move(given);
}

void write_object(JsonWriter& json, const ObjectView& object) {
  json.begin_object();
  json.field("path", object.path);
  json.field("path_type", "object");
  json.field("physical_address", object.physical_address);
  json.field("checksum", std::string_view(object.entry.etag));
  json.field("size_bytes", object.entry.size);
  json.field("mtime", object.entry.last_modified.seconds);
  json.field("content_type", content_type_of(object.entry));
  if (object.metadata != nullptr) json.field("metadata", *object.metadata);
  json.end_object();
}

void write_common_prefix(JsonWriter& json, std::string_view path) {
  json.begin_object();
  json.field("path", path);
  json.field("path_type", "common_prefix");
  json.field("physical_address", "");
  json.field("checksum", "");
  json.field("mtime", 0);
  json.end_object();
}

http::Response ref_response(std::string_view id, const model::CommitId& commit_id, int status) {
  base::Bytes body;
  JsonWriter json(body);
  write_ref(json, id, commit_id);
  return json_response(std::move(body), status);
}

http::Response commit_response(const model::Commit& commit, int status) {
  base::Bytes body;
  JsonWriter json(body);
  write_commit(json, commit);
  return json_response(std::move(body), status);
}

http::Response object_response(const ObjectView& object, int status) {
  base::Bytes body;
  JsonWriter json(body);
  write_object(json, object);
  return json_response(std::move(body), status);
}

}  // namespace varve::rest
