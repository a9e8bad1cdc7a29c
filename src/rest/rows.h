// The objects that answers are made of, written once each (rest-operations.json, "schemas").
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"
#include "model/records.h"
#include "rest/json_writer.h"
#include "services/auth/principal.h"

namespace varve::rest {

struct PageInfo {
  bool has_more = false;
  std::string_view last;  // id or path of the last row
  std::size_t rows = 0;
  int rows_max = 1000;
};
// The member "pagination".
void write_pagination(JsonWriter& json, const PageInfo& page);

enum class RepositoryForm { Whole, WithoutReadOnly };
void write_repository(JsonWriter& json, const model::Repository& repository,
                      RepositoryForm form = RepositoryForm::Whole);
void write_ref(JsonWriter& json, std::string_view id, const model::CommitId& commit_id);
void write_commit(JsonWriter& json, const model::Commit& commit);
void write_user(JsonWriter& json, const services::User& user);

// An ObjectStats. `metadata` null: the member is left out.
struct ObjectView {
  std::string_view path;
  std::string_view physical_address;
  const model::Entry& entry;
  const model::Metadata* metadata = nullptr;
};
void write_object(JsonWriter& json, const ObjectView& object);
void write_common_prefix(JsonWriter& json, std::string_view path);

// The stored content type, or what stands for none.
std::string_view content_type_of(const model::Entry& entry);
// What is stored of an object that is written without one: only imported objects have none, and an
// entry's identity covers it.
std::string content_type_or_default(std::string given);

// Answers of one object each.
http::Response ref_response(std::string_view id, const model::CommitId& commit_id, int status);
http::Response commit_response(const model::Commit& commit, int status);
http::Response object_response(const ObjectView& object, int status);

}  // namespace varve::rest
