#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/result.h"
#include "format/block_cursor.h"
#include "format/identity.h"
#include "format/table_cursor_impl.h"
#include "format/table_format.h"
#include "format/table_impl.h"
#include "format/table_reader.h"

namespace varve::format {

base::Result<void> TableCursor::Impl::open_partition(std::size_t ordinal) {
  partition = ordinal;
  VARVE_TRY(const BlockBuffer* const opened, inside().partition(ordinal));
  if (!index.open(opened->payload)) return bad_index();
  return {};
}

// Reads the data block that `index` points at.
base::Result<void> TableCursor::Impl::open_block() {
  BlockHandle handle;
  std::string_view value = index.value();
  if (!index.has_suffix() || !take_handle(value, handle)) return bad_index();
  block_handle = handle;
  const TableWindow& from = window.has_value() ? *window : inside().bytes;
  VARVE_CHECK(inside().load_from(from, handle, use, block));
  if (!data.open(block.payload)) return bad_block();
  ++blocks_opened;
  return {};
}

base::Result<bool> TableCursor::Impl::has_block() const {
  if (!window.has_value()) return true;
  BlockHandle handle;
  std::string_view value = index.value();
  if (!index.has_suffix() || !take_handle(value, handle)) return bad_index();
  VARVE_CHECK(inside().check_handle(handle));
  return window->stretch().holds(stretch_of(handle));
}

base::Result<bool> TableCursor::Impl::advance() {
  valid = false;
  is_cut = false;
  // No key up to here is above this one, and all after are.
  if (window.has_value()) cut_at = index.user_key();
  if (!index.next()) return bad_index();
  while (!index.valid()) {
    if (partition + 1 == inside().index.size()) return false;
    VARVE_CHECK(open_partition(partition + 1));
    if (!index.seek_first()) return bad_index();
  }
  VARVE_TRY(const bool is_here, has_block());
  is_cut = !is_here;
  if (is_cut) cut_at.push_back('\0');
  return is_here;
}

base::Result<void> TableCursor::Impl::enter() {
  VARVE_CHECK(open_block());
  if (!data.seek_first()) return bad_block();
  return settle();
}

std::string_view TableCursor::Impl::stored() const {
  BlockHandle handle;
  if (!index.valid() || window.has_value()) return {};
  std::string_view value = index.value();
  const std::string_view file = inside().whole();
  if (!take_handle(value, handle) || handle.offset > file.size()) return {};
  const std::string_view rest = file.substr(handle.offset);
  if (rest.size() < BlockTrailerBytes || handle.size > rest.size() - BlockTrailerBytes) return {};
  return rest.substr(0, handle.size + BlockTrailerBytes);
}

// Opens the block after the current one; false at the end of the table.
base::Result<bool> TableCursor::Impl::next_block() {
  VARVE_TRY(const bool more, advance());
  if (!more) return false;
  VARVE_CHECK(open_block());
  if (!data.seek_first()) return bad_block();
  return true;
}

// From wherever `data` is to the next record, if any, which must be a plain one.
base::Result<void> TableCursor::Impl::settle() {
  while (!data.valid()) {
    VARVE_TRY(const bool more, next_block());
    if (!more) return {};
  }
  if (!data.has_suffix() || data.suffix() != RecordSuffix) {
    return inside().corrupt(block_handle, "a record that is no plain set");
  }
  valid = true;
  return {};
}

base::Result<void> TableCursor::Impl::skip_block() {
  valid = false;
  VARVE_TRY(const bool more, next_block());
  if (!more) return {};
  return settle();
}

base::Result<void> TableCursor::Impl::seek_first() {
  valid = false;
  VARVE_CHECK(open_partition(0));
  if (!index.seek_first()) return bad_index();
  if (!index.valid()) return bad_index();
  VARVE_TRY(const bool is_here, has_block());
  is_cut = !is_here;
  cut_at.clear();
  if (is_cut) return {};
  return enter();
}

base::Result<void> TableCursor::Impl::seek_ge(std::string_view key) {
  valid = false;
  is_cut = false;
  VARVE_CHECK(open_partition(inside().partition_of(key)));
  if (!index.seek_ge(key)) return bad_index();
  if (!index.valid()) {  // above every key of the table
    if (partition + 1 != inside().index.size()) return bad_index();
    return {};
  }
  VARVE_TRY(const bool is_here, has_block());
  if (!is_here) {
    is_cut = true;
    cut_at = key;
    return {};
  }
  VARVE_CHECK(open_block());
  if (!data.seek_ge(key)) return bad_block();
  VARVE_CHECK(settle());
  if (valid && data.user_key() < key) {
    valid = false;
    return inside().corrupt(block_handle, "keys out of order");
  }
  return {};
}

base::Result<void> TableCursor::Impl::next() {
  VARVE_ASSERT(valid);
  valid = false;
  previous = data.user_key();
  if (!data.next()) return bad_block();
  VARVE_CHECK(settle());
  if (valid && data.user_key() <= previous) {
    valid = false;
    return inside().corrupt(block_handle, "keys out of order");
  }
  return {};
}

TableCursor Table::cursor(Caching caching) const {
  auto impl = std::make_unique<TableCursor::Impl>();
  impl->table = shared_from_this();
  impl->use = caching == Caching::Keep ? Impl::Cached::Yes : Impl::Cached::FindOnly;
  return TableCursor(std::move(impl));
}

TableCursor Table::cursor(TableWindow window) const {
  TableCursor made = cursor(Caching::Bypass);
  made.impl_->window = std::move(window);
  made.impl_->use = Impl::Cached::No;
  return made;
}

TableCursor::TableCursor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TableCursor::TableCursor(TableCursor&&) noexcept = default;
TableCursor& TableCursor::operator=(TableCursor&&) noexcept = default;
TableCursor::~TableCursor() = default;

base::Result<void> TableCursor::seek_first() { return impl_->seek_first(); }
base::Result<void> TableCursor::seek_ge(std::string_view key) { return impl_->seek_ge(key); }
base::Result<void> TableCursor::next() { return impl_->next(); }

bool TableCursor::is_at_block_start() const { return impl_->at_block_start(); }

bool TableCursor::is_at_same_block(const TableCursor& other) const {
  if (!is_at_block_start() || !other.is_at_block_start()) return false;
  const std::string_view mine = impl_->stored();
  return !mine.empty() && mine == other.impl_->stored();
}

// That keys ascend from one block to the next is not looked at: it was when the table's id was
// verified, or it was written here.
base::Result<void> TableCursor::skip_same_blocks(TableCursor& other) {
  if (!is_at_same_block(other)) return {};
  bool more = false;
  bool others_more = false;
  do {
    VARVE_TRY(more, impl_->advance());
    VARVE_TRY(others_more, other.impl_->advance());
  } while (more && others_more && impl_->stored() == other.impl_->stored() &&
           !impl_->stored().empty());
  if (more) VARVE_CHECK(impl_->enter());
  if (others_more) VARVE_CHECK(other.impl_->enter());
  return {};
}

bool TableCursor::is_cut() const { return impl_->is_cut; }
std::string_view TableCursor::cut_at() const { return impl_->cut_at; }

bool TableCursor::valid() const { return impl_->valid; }

std::string_view TableCursor::key() const {
  VARVE_DASSERT(impl_->valid);
  return impl_->data.user_key();
}

std::string_view TableCursor::value() const {
  VARVE_DASSERT(impl_->valid);
  return impl_->data.value();
}

base::Result<FramedValue> TableCursor::framed() const { return parse_value(value()); }

}  // namespace varve::format
