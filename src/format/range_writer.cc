#include "format/range_writer.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "format/content_id.h"
#include "format/identity.h"
#include "format/range_writer_impl.h"
#include "format/table_reader.h"
#include "format/table_writer.h"
#include "model/limits.h"
#include "model/records.h"

namespace varve::format {

bool should_break(const RangeParams& params, std::uint64_t estimated_size, std::string_view key) {
  if (estimated_size < params.bytes_min) return false;
  if (estimated_size >= params.bytes_max) return true;
  return base::fnv1a64(key) % params.raggedness == 0;
}

base::Result<void> RangeWriter::Impl::check(std::string_view key) const {
  if (table.count() == 0 || key > last_key) return {};
  return base::Error(base::Code::InvalidArgument, "keys should be written in ascending order");
}

void RangeWriter::Impl::add(std::string_view key, std::string_view value) {
  if (table.count() == 0) first_key = key;
  last_key = key;
  content.record(key, value);
  table.add(key, value);
}

RangeWriter::Impl::Impl(RangeParams p, Properties extra)
    : params(p), properties(std::move(extra)), content(ContentKind::Range) {
  VARVE_ASSERT(params.raggedness > 0);
}

RangeWriter::RangeWriter(RangeParams params, Properties extra)
    : impl_(std::make_unique<Impl>(params, std::move(extra))) {}
RangeWriter::RangeWriter(RangeWriter&&) noexcept = default;
RangeWriter& RangeWriter::operator=(RangeWriter&&) noexcept = default;
RangeWriter::~RangeWriter() = default;

base::Result<void> RangeWriter::add(std::string_view key, std::string_view identity,
                                    std::string_view data) {
  VARVE_CHECK(impl_->check(key));
  if (identity.size() > model::ValueComponentBytesMax ||
      data.size() > model::ValueComponentBytesMax) {
    return base::Error(base::Code::InvalidArgument, "record too large");
  }
  impl_->framed.clear();
  append_frame(impl_->framed, identity, data);
  impl_->add(key, impl_->framed);
  return {};
}

base::Result<void> RangeWriter::add_framed(std::string_view key, std::string_view value) {
  VARVE_CHECK(impl_->check(key));
  impl_->add(key, value);
  return {};
}

bool RangeWriter::should_break() const {
  return format::should_break(impl_->params, impl_->table.estimated_size(), impl_->last_key);
}

bool RangeWriter::empty() const { return impl_->table.count() == 0; }

std::uint64_t RangeWriter::estimated_size() const { return impl_->table.estimated_size(); }

EncodedRange RangeWriter::finish() {
  const std::unique_ptr<Impl> ended = std::exchange(impl_, nullptr);
  EncodedRange range;
  range.info.id = model::RangeId(ended->content.finish(ended->properties));
  range.info.min_key = std::move(ended->first_key);
  range.info.max_key = std::move(ended->last_key);
  range.info.estimated_size = ended->table.estimated_size();
  range.info.count = static_cast<std::int64_t>(ended->table.count());
  range.bytes =
      finish_table(ended->table, ContentKind::Range, std::move(ended->properties), range.info);
  return range;
}

base::Result<void> verify_range_id(const model::RangeId& id, std::string_view bytes) {
  return verify_content_id(ContentKind::Range, id.view(), bytes);
}

}  // namespace varve::format
