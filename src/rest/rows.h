// The objects that answers are made of, written once each (rest-operations.json, "schemas").
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "http/message.h"
#include "model/records.h"
#include "rest/json_writer.h"
#include "rest/response.h"
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

// The answer of a listing: the page, and what `write(json, row)` makes of each row. About
// `row_bytes` a row are reserved.
template <class Rows, class Write>
http::Response page_response(const Rows& rows, const PageInfo& page, std::size_t row_bytes,
                             const Write& write) {
  base::Bytes body;
  body.reserve(rows.size() * row_bytes + 128);
  JsonWriter json(body);
  json.begin_object();
  write_pagination(json, page);
  json.key("results");
  json.begin_list();
  for (const auto& row : rows) write(json, row);
  json.end_list();
  json.end_object();
  return json_response(std::move(body));
}

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
