// ListMultipartUploads: GET /bucket?uploads (reference 3.15).

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "engine/uploads/uploads.h"
#include "model/limits.h"
#include "s3/address.h"
#include "s3/call.h"
#include "s3/errors.h"
#include "s3/exchange.h"
#include "s3/object_properties.h"
#include "s3/upload_page.h"

namespace varve::s3 {
namespace {

// The engine orders uploads by path, S3 by ref and path, so a page needs them all. Whoever has more
// open than this sees the first of them.
constexpr std::size_t OpenUploadsMax = 100000;

}  // namespace

Reply Exchange::list_uploads() {
  VARVE_CO_TRY(const UploadQuery query, read_upload_query(query_, address_.repository));
  const auto split = split_key(query.prefix);
  const std::string path_prefix = split ? split->path : std::string();
  std::vector<UploadRow> rows;
  std::string after_path;
  std::string after_id;
  for (bool has_more = true; has_more && rows.size() < OpenUploadsMax;) {
    VARVE_CO_TRY(auto page,
                 from_engine(Asked::Read, co_await with_.engine.uploads().list_multiparts(
                                              context_, repository_, path_prefix, after_path,
                                              after_id, model::PageMax)));
    has_more = page.has_more && !page.rows.empty();
    for (engine::MultipartUpload& upload : page.rows) {
      after_path = upload.path.str();
      after_id = upload.id.str();
      // An upload another front end began has no ref to show it under.
      const std::string ref = upload_note(upload.metadata).ref;
      if (ref.empty()) continue;
      std::string key = ref + "/" + upload.path.str();
      if (!key.starts_with(query.prefix)) continue;
      // There may be very many of them, and each may carry as much as a request's headers.
      keep_listed_properties(upload.metadata);
      rows.push_back(UploadRow{std::move(key), std::move(upload)});
    }
  }
  co_return xml_response(s3::render(query, select_uploads(query, std::move(rows)), user_->name));
}

}  // namespace varve::s3
