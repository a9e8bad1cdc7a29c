#include "s3/signing_keys.h"

#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "kernel/sigv4.h"

namespace varve::s3 {

base::Bytes SigningKeys::get(std::string_view access_key_id, std::string_view secret,
                             const kernel::SigV4Scope& scope) {
  std::string name;
  name.reserve(access_key_id.size() + 64);
  name.append(access_key_id).append("/").append(scope.text());
  {
    const std::scoped_lock lock(mutex_);
    const auto found = entries_.find(name);
    if (found != entries_.end() && base::equal_constant_time(found->second.secret, secret)) {
      return found->second.key;
    }
  }
  base::Bytes key = kernel::sigv4_signing_key(secret, scope);
  const std::scoped_lock lock(mutex_);
  if (entries_.size() >= EntriesMax) entries_.clear();
  entries_.insert_or_assign(std::move(name), Entry{std::string(secret), key});
  return key;
}

}  // namespace varve::s3
