#include "format/range_writer.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "format/block_builder.h"
#include "format/content_id.h"
#include "format/identity.h"
#include "format/range_trace.h"
#include "format/range_writer_impl.h"
#include "format/table_reader.h"
#include "format/table_writer.h"
#include "model/limits.h"
#include "model/records.h"

namespace varve::format {

namespace {

bool should_break_at(const RangeParams& params, std::uint64_t estimated_size,
                     std::uint64_t key_hash) {
  if (estimated_size < params.bytes_min) return false;
  if (estimated_size >= params.bytes_max) return true;
  return key_hash % params.raggedness == 0;
}

}  // namespace

bool should_break(const RangeParams& params, std::uint64_t estimated_size, std::string_view key) {
  return should_break_at(params, estimated_size, base::fnv1a64(key));
}

base::Result<void> RangeWriter::Impl::check(std::string_view key) const {
  if (table.count() == 0 || key > last_key) return {};
  return base::Error(base::Code::InvalidArgument, "keys should be written in ascending order");
}

void RangeWriter::Impl::add(std::string_view key, std::string_view value) {
  if (table.count() == 0) first_key = key;
  has_passed_end = has_passed_end || is_at_end;
  std::optional<RangeTrace::Point> point;
  if (is_point_due() && table.begins_block(key.size(), value.size())) point = point_here();
  const std::size_t shared = common_prefix(last_key, key);
  last_key.resize(shared);
  last_key.append(key.substr(shared));
  content.record(key, value);
  table.add(key, value);
  if (point.has_value()) keep_point(*std::move(point));
  key_hash = hashes.next(key, shared);
  judge_end();
}

void RangeWriter::Impl::judge_end() {
  is_at_end = should_break_at(params, table.estimated_size(), key_hash);
}

RangeTrace::Point RangeWriter::Impl::point_here() {
  auto state = std::make_shared<const base::Hasher>(content.state());
  return {table.progress(), content.bytes(), std::move(state)};
}

void RangeWriter::Impl::keep_point(RangeTrace::Point point) {
  point.before.offset = table.block_offset();
  next_point_bytes = point.content_bytes + RangeTrace::StepBytes;
  trace.points.push_back(std::move(point));
}

RangeWriter::Impl::Impl(RangeParams p, Properties extra)
    : params(p), properties(std::move(extra)), content(ContentKind::Range) {
  VARVE_ASSERT(params.raggedness > 0);
  trace.params = params;
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

bool RangeWriter::should_break() const { return impl_->is_at_end; }

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
  range.trace = std::make_shared<const RangeTrace>(std::move(ended->trace));
  range.bytes =
      finish_table(ended->table, ContentKind::Range, std::move(ended->properties), range.info);
  return range;
}

base::Result<void> verify_range_id(const model::RangeId& id, std::string_view bytes) {
  return verify_content_id(ContentKind::Range, id.view(), bytes);
}

}  // namespace varve::format
