// Decodes arbitrary bytes as each persistent message. Input: u8 message, then its bytes. What
// decodes encodes, and that encoding is canonical: it decodes and encodes to itself.  [I-2]
// links: varve_format
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/result.h"
#include "format/actions.h"
#include "format/auth.h"
#include "format/catalog.h"
#include "format/graveler.h"
#include "format/identity.h"
#include "format/kv_keys.h"
#include "format/pulls.h"
#include "format/refs_dump.h"
#include "format/tasks.h"

namespace varve::fuzz {
namespace {

using Bytes = base::Result<base::Bytes>;

template <auto Decode, auto Encode>
Bytes recode(std::string_view bytes) {
  VARVE_TRY(const auto value, Decode(bytes));
  Bytes encoded = Encode(value);
  VARVE_ASSERT(encoded.has_value());
  return encoded;
}

Bytes encode_staged(const format::StagedEntry& staged) {
  return format::encode_staged_entry(staged.key, staged.record.identity.view(), staged.record.data);
}

Bytes view_entry(std::string_view bytes) {
  VARVE_CHECK(format::view_entry(bytes));
  return base::Bytes();
}

Bytes parse_value(std::string_view bytes) {
  VARVE_TRY(const format::FramedValue value, format::parse_value(bytes));
  return format::frame_value(value.identity, value.data);
}

using Recode = Bytes (*)(std::string_view);

constexpr Recode Messages[] = {
    recode<format::decode_repository, format::encode_repository>,
    recode<format::decode_branch, format::encode_branch>,
    recode<format::decode_tag, format::encode_tag>,
    recode<format::decode_commit, format::encode_commit>,
    recode<format::decode_staged_entry, encode_staged>,
    recode<format::decode_gc_rules, format::encode_gc_rules>,
    recode<format::decode_branch_protection, format::encode_branch_protection>,
    recode<format::decode_repository_metadata, format::encode_repository_metadata>,
    recode<format::decode_import_status, format::encode_import_status>,
    recode<format::decode_entry, format::encode_entry>,
    recode<format::decode_range_data, format::encode_range_data>,
    recode<format::decode_multipart_upload, format::encode_multipart_upload>,
    recode<format::decode_task, format::encode_task>,
    recode<format::decode_dump_status, format::encode_dump_status>,
    recode<format::decode_gc_prepare_status, format::encode_gc_prepare_status>,
    recode<format::decode_commit_status, format::encode_commit_status>,
    recode<format::decode_merge_status, format::encode_merge_status>,
    recode<format::decode_heartbeat, format::encode_heartbeat>,
    recode<format::decode_user, format::encode_user>,
    recode<format::decode_group, format::encode_group>,
    recode<format::decode_policy, format::encode_policy>,
    recode<format::decode_credential, format::encode_credential>,
    recode<format::decode_token, format::encode_token>,
    recode<format::decode_run, format::encode_run>,
    recode<format::decode_hook_run, format::encode_hook_run>,
    recode<format::decode_pull, format::encode_pull>,
    recode<format::keys::decode_index, format::keys::encode_index>,
    recode<format::decode_refs_manifest, format::encode_refs_manifest>,
    view_entry,
    parse_value,
};

void check(std::string_view input) {
  if (input.empty()) return;
  const Recode recode_one = Messages[static_cast<unsigned char>(input[0]) % std::size(Messages)];
  const Bytes once = recode_one(input.substr(1));
  if (!once.has_value()) {
    VARVE_ASSERT(once.error().code() == base::Code::Corruption);
    return;
  }
  if (recode_one == view_entry) return;
  const Bytes twice = recode_one(*once);
  VARVE_ASSERT(twice.has_value());
  VARVE_ASSERT(*twice == *once);
}

}  // namespace
}  // namespace varve::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  varve::fuzz::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
