#include "engine/core/kv_write.h"

#include <utility>

#include "base/bytes.h"
#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "ports/kv_store.h"

namespace varve::engine {

base::Task<base::Result<void>> write_settled(ports::KvStore* kv, base::Context context,
                                             ports::KvWrite write, ports::KvKey witness,
                                             base::Bytes value) {
  auto written = co_await kv->write(context, std::move(write));
  if (written.has_value() || written.error().code() != base::Code::OutcomeUnknown) {
    co_return written;
  }
  auto row = co_await kv->get(context, std::move(witness));
  if (row.has_value() && row->has_value() && **row == value) co_return base::Result<void>();
  co_return written;
}

}  // namespace varve::engine
