// uploadObject: a raw body or a form, streamed to the store and staged. rest-semantics.md 16.3.
//
// What can be refused before the body is read is refused then.
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/core/core.h"
#include "engine/engine.h"
#include "engine/objects/objects.h"
#include "engine/refs/refs.h"
#include "engine/uploads/uploads.h"
#include "http/body.h"
#include "http/headers.h"
#include "http/message.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/records.h"
#include "rest/call.h"
#include "rest/conditions.h"
#include "rest/handlers.h"
#include "rest/json_writer.h"
#include "rest/media_type.h"
#include "rest/multipart_form.h"
#include "rest/object_access.h"
#include "rest/response.h"
#include "rest/rows.h"

namespace varve::rest {
namespace {

class RawSource final : public engine::ByteSource {
 public:
  explicit RawSource(http::BodyStream body) : body_(std::move(body)) {}
  base::Task<base::Result<base::Bytes>> read(std::size_t bytes_max) override {
    return body_.read(bytes_max);
  }

 private:
  http::BodyStream body_;
};

class PartSource final : public engine::ByteSource {
 public:
  explicit PartSource(std::unique_ptr<MultipartForm> form) : form_(std::move(form)) {}
  base::Task<base::Result<base::Bytes>> read(std::size_t bytes_max) override {
    return form_->read(bytes_max);
  }

 private:
  std::unique_ptr<MultipartForm> form_;
};

// What is uploaded, and as what.
struct Upload {
  std::unique_ptr<engine::ByteSource> source;
  std::string content_type;
};

base::Error bad_content(std::string_view why) {
  return {base::Code::InvalidArgument, std::string(why)};
}

base::Task<base::Result<Upload>> open_form(http::BodyStream body, std::string boundary) {
  auto form = std::make_unique<MultipartForm>(std::move(body), boundary);
  auto part = co_await form->find_part("content");
  if (!part) {
    if (part.error().code() != base::Code::NotFound) co_return std::move(part).error();
    // 500, as lakeFS: its clients' tests look for it.
    co_return base::Error(base::Code::Internal,
                          "multipart upload missing key 'content': http: no such file");
  }
  Upload upload;
  upload.content_type = content_type_or_default(std::move(part->content_type));
  upload.source = std::make_unique<PartSource>(std::move(form));
  co_return upload;
}

base::Task<base::Result<Upload>> open_upload(http::BodyStream body, std::string content_type) {
  content_type = content_type_or_default(std::move(content_type));
  const auto media = parse_media_type(content_type);
  if (!media) co_return bad_content("mime: no media type");
  if (media->type == "multipart/form-data") {
    const std::string* boundary = media->find("boundary");
    if (boundary == nullptr || boundary->empty() || boundary->size() > BoundaryBytesMax) {
      co_return bad_content("no multipart boundary param in Content-Type");
    }
    co_return co_await open_form(std::move(body), *boundary);
  }
  Upload upload;
  upload.source = std::make_unique<RawSource>(std::move(body));
  upload.content_type = std::move(content_type);
  co_return upload;
}

// `x-lakefs-meta-<k>` gives `<k>`, `x-lakefs-internal-<k>` gives `::lakefs::<k>`; names without
// case, the first of repeated ones.
model::Metadata metadata_of(const http::Headers& headers) {
  struct Family {
    std::string_view header;
    std::string_view key;
  };
  constexpr Family Families[] = {{"x-lakefs-meta-", ""}, {"x-lakefs-internal-", "::lakefs::"}};
  model::Metadata out;
  for (const http::Headers::Field field : headers) {
    for (const Family& family : Families) {
      if (!http::equal_ignoring_case(field.name.substr(0, family.header.size()), family.header)) {
        continue;
      }
      std::string key(family.key);
      for (const char c : field.name.substr(family.header.size())) {
        key.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
      }
      out.emplace(std::move(key), with_valid_utf8(field.value));
    }
  }
  return out;
}

base::Error stage_error(base::Error error) {
  if (error.code() != base::Code::PreconditionFailed) return error;
  return model::make_error(base::Code::PreconditionFailed, model::Detail::PathExists,
                           "path already exists");
}

}  // namespace

base::Task<Answer> upload_object(CallPtr call) {
  const std::string branch_text = call->argument("branch");
  VARVE_CO_TRY(const model::BranchId branch, branch_id(branch_text, "name"));
  VARVE_CO_TRY(const model::ObjectPath path, object_path(call->argument("path")));
  VARVE_CO_TRY(const engine::RepositoryRef repository, co_await repository_of(*call));
  auto asked = stage_options(*call, call->arguments.flag("force"));
  if (!asked) {  // a branch that is not there is told first
    auto found = co_await call->engine().refs().get_branch(call->context(), repository, branch);
    co_return missing_branch(found ? std::move(asked).error() : std::move(found).error(),
                             branch_text);
  }
  engine::StageOptions options = *std::move(asked);
  engine::Objects& objects = call->engine().objects();
  auto allowed =
      co_await objects.check_writable(call->context(), repository, branch, path, options);
  if (!allowed) {
    co_return missing_branch(stage_error(std::move(allowed).error()), branch_text);
  }
  model::Entry entry;
  entry.metadata = metadata_of(call->request.headers);
  std::string content_type(call->request.headers.get_or_empty("Content-Type"));
  VARVE_CO_TRY(Upload upload,
               co_await open_upload(std::move(call->request.body), std::move(content_type)));
  entry.content_type = std::move(upload.content_type);
  VARVE_CO_TRY(engine::Uploaded stored, co_await call->engine().uploads().upload(
                                            call->context(), repository, std::move(upload.source)));
  entry.address = std::move(stored.address);
  entry.size = stored.size;
  entry.etag = std::move(stored.etag);
  entry.last_modified = stored.last_modified;
  auto staged =
      co_await objects.stage(call->context(), repository, branch, path, entry, std::move(options));
  if (!staged) co_return missing_branch(stage_error(std::move(staged).error()), branch_text);
  const std::string address = call->engine().uploads().physical_address(*repository, entry);
  co_return object_response({.path = path.view(),
                             .physical_address = address,
                             .entry = entry,
                             .metadata = &entry.metadata},
                            201);
}

base::Task<Answer> permitted(CallPtr call) {
  static_cast<void>(call);
  co_return empty_response();
}

}  // namespace varve::rest
