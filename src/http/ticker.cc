#include "http/ticker.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/assert.h"
#include "base/time.h"

namespace varve::http {

Ticker::Entry::Entry(Ticker& ticker) : ticker_(ticker), next_(ticker.first_) {
  if (next_ != nullptr) next_->previous_ = this;
  ticker.first_ = this;
  if (!ticker.is_running_) ticker.start_timer();
}

Ticker::Entry::~Entry() {
  if (next_ != nullptr) next_->previous_ = previous_;
  (previous_ != nullptr ? previous_->next_ : ticker_.first_) = next_;
}

Ticker::Ticker(boost::asio::io_context& loop, base::milliseconds tick, base::Clock& clock,
               OnStall on_stall)
    : timer_(loop.get_executor()), tick_(tick), clock_(clock), on_stall_(std::move(on_stall)) {
  VARVE_ASSERT(tick_.count() > 0);
}

Ticker::~Ticker() { VARVE_ASSERT(first_ == nullptr); }

std::uint64_t Ticker::tick_after(base::milliseconds timeout) const {
  // One more, because the current tick has partly passed: never early.
  const auto ticks = static_cast<std::uint64_t>((timeout + tick_ - base::milliseconds(1)) / tick_);
  return now_ + ticks + 1;
}

void Ticker::start_timer() {
  is_running_ = true;
  expected_ = clock_.monotonic() + tick_;
  timer_.expires_after(tick_);
  timer_.async_wait(
      [this, life = std::weak_ptr<char>(life_)](const boost::system::error_code& error) {
        if (!error && !life.expired()) on_timer();
      });
}

void Ticker::on_timer() {
  ++now_;
  const auto late = std::chrono::duration_cast<base::milliseconds>(clock_.monotonic() - expected_);
  if (late >= StallMin && on_stall_) on_stall_(late);
  for (Entry* entry = first_; entry != nullptr; entry = entry->next_) {
    entry->on_tick();
    if (entry->due_ <= now_) {
      entry->due_ = Never;
      entry->on_due();
    }
  }
  if (first_ == nullptr) {
    is_running_ = false;
    return;
  }
  start_timer();
}

}  // namespace varve::http
