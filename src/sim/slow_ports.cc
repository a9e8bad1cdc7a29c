#include "sim/slow_ports.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "ports/kv_store.h"
#include "ports/object_types.h"

namespace varve::sim {
namespace {

constexpr std::uint64_t PerMille = 1000;

base::Error struck() { return {base::Code::Unavailable, "simulated fault: the store is away"}; }
base::Error reply_lost() {
  return {base::Code::OutcomeUnknown, "simulated fault: the reply was lost"};
}

}  // namespace

bool SlowKv::strikes(std::uint32_t rate) {
  if (is_dead_) return true;
  if (rate == 0) return false;
  const bool hit = scheduler_.rng().below(PerMille) < rate;
  if (hit) ++faults_;
  return hit;
}

base::Task<base::Result<std::optional<base::Bytes>>> SlowKv::get(base::Context context,
                                                                 ports::KvKey key) {
  co_await scheduler_.turn();
  if (strikes(rates_.unavailable)) co_return struck();
  auto answer = co_await inner_.get(std::move(context), std::move(key));
  co_await scheduler_.turn();
  co_return answer;
}

base::Task<base::Result<std::vector<std::optional<base::Bytes>>>> SlowKv::multi_get(
    base::Context context, std::vector<ports::KvKey> keys) {
  co_await scheduler_.turn();
  if (strikes(rates_.unavailable)) co_return struck();
  auto answer = co_await inner_.multi_get(std::move(context), std::move(keys));
  co_await scheduler_.turn();
  co_return answer;
}

base::Task<base::Result<void>> SlowKv::write(base::Context context, ports::KvWrite write) {
  co_await scheduler_.turn();
  if (strikes(rates_.unavailable)) co_return struck();
  auto answer = co_await inner_.write(std::move(context), std::move(write));
  co_await scheduler_.turn();
  if (strikes(rates_.lost_reply)) co_return reply_lost();
  co_return answer;
}

base::Task<base::Result<ports::KvPage>> SlowKv::scan(base::Context context, ports::KvScan scan) {
  co_await scheduler_.turn();
  if (strikes(rates_.unavailable)) co_return struck();
  auto answer = co_await inner_.scan(std::move(context), std::move(scan));
  co_await scheduler_.turn();
  co_return answer;
}

base::Task<base::Result<void>> SlowKv::delete_range(base::Context context, std::string partition,
                                                    std::string from, std::string until) {
  co_await scheduler_.turn();
  if (strikes(rates_.unavailable)) co_return struck();
  auto answer = co_await inner_.delete_range(std::move(context), std::move(partition),
                                             std::move(from), std::move(until));
  co_await scheduler_.turn();
  if (strikes(rates_.lost_reply)) co_return reply_lost();
  co_return answer;
}

bool SlowObjects::strikes(std::uint32_t rate) {
  if (is_dead_) return true;
  return rate > 0 && scheduler_.rng().below(PerMille) < rate;
}

base::Task<base::Result<std::unique_ptr<ports::ObjectWriter>>> SlowObjects::put(
    base::Context context, ports::ObjectAddress address, ports::PutMode mode) {
  co_await scheduler_.turn();
  if (strikes(rates_.unavailable)) co_return struck();
  co_return co_await inner_.put(std::move(context), std::move(address), mode);
}

base::Task<base::Result<ports::ObjectInfo>> SlowObjects::put_bytes(base::Context context,
                                                                   ports::ObjectAddress address,
                                                                   base::SharedBytes bytes,
                                                                   ports::PutMode mode) {
  co_await scheduler_.turn();
  if (strikes(rates_.unavailable)) co_return struck();
  auto answer =
      co_await inner_.put_bytes(std::move(context), std::move(address), std::move(bytes), mode);
  co_await scheduler_.turn();
  if (strikes(rates_.lost_reply)) co_return reply_lost();
  co_return answer;
}

base::Task<base::Result<std::unique_ptr<ports::ObjectReader>>> SlowObjects::get(
    base::Context context, ports::ObjectAddress address, ports::ByteRange range) {
  co_await scheduler_.turn();
  if (strikes(rates_.unavailable)) co_return struck();
  co_return co_await inner_.get(std::move(context), std::move(address), range);
}

base::Task<base::Result<ports::ObjectInfo>> SlowObjects::stat(base::Context context,
                                                              ports::ObjectAddress address) {
  co_await scheduler_.turn();
  if (strikes(rates_.unavailable)) co_return struck();
  co_return co_await inner_.stat(std::move(context), std::move(address));
}

base::Task<base::Result<void>> SlowObjects::erase(base::Context context,
                                                  ports::ObjectAddress address) {
  co_await scheduler_.turn();
  if (strikes(rates_.unavailable)) co_return struck();
  co_return co_await inner_.erase(std::move(context), std::move(address));
}

base::Task<base::Result<ports::ObjectInfo>> SlowObjects::copy(base::Context context,
                                                              ports::ObjectAddress source,
                                                              ports::ObjectAddress destination) {
  co_await scheduler_.turn();
  if (strikes(rates_.unavailable)) co_return struck();
  co_return co_await inner_.copy(std::move(context), std::move(source), std::move(destination));
}

base::Task<base::Result<ports::ListObjectsPage>> SlowObjects::list(base::Context context,
                                                                   ports::ObjectAddress prefix,
                                                                   ports::ObjectAddress after,
                                                                   std::size_t limit) {
  co_await scheduler_.turn();
  if (strikes(rates_.unavailable)) co_return struck();
  co_return co_await inner_.list(std::move(context), std::move(prefix), std::move(after), limit);
}

base::Task<base::Result<std::string>> SlowObjects::create_multipart(base::Context context,
                                                                    ports::ObjectAddress address) {
  co_await scheduler_.turn();
  if (strikes(rates_.unavailable)) co_return struck();
  co_return co_await inner_.create_multipart(std::move(context), std::move(address));
}

base::Task<base::Result<std::unique_ptr<ports::ObjectWriter>>> SlowObjects::put_part(
    base::Context context, ports::ObjectAddress address, std::string upload_id, int number) {
  co_await scheduler_.turn();
  if (strikes(rates_.unavailable)) co_return struck();
  co_return co_await inner_.put_part(std::move(context), std::move(address), std::move(upload_id),
                                     number);
}

base::Task<base::Result<ports::ObjectInfo>> SlowObjects::complete_multipart(
    base::Context context, ports::ObjectAddress address, std::string upload_id,
    std::vector<ports::CompletedPart> parts) {
  co_await scheduler_.turn();
  if (strikes(rates_.unavailable)) co_return struck();
  auto answer = co_await inner_.complete_multipart(std::move(context), std::move(address),
                                                   std::move(upload_id), std::move(parts));
  co_await scheduler_.turn();
  co_return answer;
}

base::Task<base::Result<void>> SlowObjects::abort_multipart(base::Context context,
                                                            ports::ObjectAddress address,
                                                            std::string upload_id) {
  co_await scheduler_.turn();
  if (strikes(rates_.unavailable)) co_return struck();
  co_return co_await inner_.abort_multipart(std::move(context), std::move(address),
                                            std::move(upload_id));
}

base::Task<base::Result<std::vector<ports::PartInfo>>> SlowObjects::list_parts(
    base::Context context, ports::ObjectAddress address, std::string upload_id, int after,
    std::size_t limit) {
  co_await scheduler_.turn();
  if (strikes(rates_.unavailable)) co_return struck();
  co_return co_await inner_.list_parts(std::move(context), std::move(address), std::move(upload_id),
                                       after, limit);
}

}  // namespace varve::sim
