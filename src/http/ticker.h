// Ticker: coarse timeouts for everything on one loop, at the price of one timer.
//
// A timeout is a tick number; arming one is a store. Each tick walks the entries, a few nanoseconds
// apiece, and no timer runs while there are none. An entry expires between its timeout and one tick
// later. Belongs to one loop: nothing here may be called from another.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>

#include "base/task.h"
#include "base/time.h"

namespace varve::http {

class Ticker {
 public:
  // Something with a timeout. Linked from construction to destruction.
  class Entry {
   public:
    explicit Entry(Ticker& ticker);
    virtual ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    void arm(base::milliseconds timeout) { due_ = ticker_.tick_after(timeout); }
    void arm_at(std::uint64_t tick) { due_ = tick; }
    void disarm() { due_ = Never; }

   protected:
    Ticker& ticker() const { return ticker_; }

   private:
    friend class Ticker;
    virtual void on_due() = 0;   // once for each arming
    virtual void on_tick() = 0;  // every tick; must not destroy an entry, nor must on_due
    Ticker& ticker_;
    Entry* previous_ = nullptr;
    Entry* next_ = nullptr;
    std::uint64_t due_ = Never;
  };

  static constexpr std::uint64_t Never = std::numeric_limits<std::uint64_t>::max();

  // `on_stall` is told when a tick came this much too late, because something kept the loop from
  // running: blocking work that belongs in base::Offload.
  static constexpr base::milliseconds StallMin{50};
  using OnStall = std::function<void(base::milliseconds)>;

  Ticker(boost::asio::io_context& loop, base::milliseconds tick, base::Clock& clock,
         OnStall on_stall);
  ~Ticker();  // no entry may be left
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

  std::uint64_t tick_after(base::milliseconds timeout) const;
  std::uint64_t now() const { return now_; }
  template <class Visitor>
  void for_each(Visitor visit) {
    for (Entry* entry = first_; entry != nullptr; entry = entry->next_) visit(*entry);
  }

 private:
  using Timer =
      boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                        boost::asio::wait_traits<std::chrono::steady_clock>,
                                        base::LoopExecutor>;

  void start_timer();
  void on_timer();

  // An expired timer's handler may be queued already when we go; it holds this weakly to find out.
  const std::shared_ptr<char> life_ = std::make_shared<char>();
  Timer timer_;
  const base::milliseconds tick_;
  base::Clock& clock_;
  const OnStall on_stall_;  // may be empty
  base::MonotonicTime expected_;
  std::uint64_t now_ = 0;
  bool is_running_ = false;
  Entry* first_ = nullptr;
};

}  // namespace varve::http
