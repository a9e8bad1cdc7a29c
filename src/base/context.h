// Context: what every operation needs to know about the request it serves. Passed by value, first.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/time.h"

namespace varve::base {

// One per request, shared by everything the request started: the frames of a fan-out may outlive
// the parent's statement, so the count decides when it goes.
struct RequestScope {
  std::string request_id;
  std::string principal;  // user name; becomes the committer
  // What was asked for: an OpenAPI operation id or an S3 operation name. The front end that routes
  // the request writes it; the access log reads it when the response is made.
  std::string operation;
  MonotonicTime deadline = MonotonicTime::max();
  std::atomic<bool> cancelled{false};
};

class Context {
 public:
  Context() : scope_(std::make_shared<RequestScope>()) {}
  explicit Context(std::shared_ptr<RequestScope> scope) : scope_(std::move(scope)) {}

  const std::string& request_id() const { return scope_->request_id; }
  const std::string& principal() const { return scope_->principal; }
  MonotonicTime deadline() const { return scope_->deadline; }
  bool is_cancelled() const { return scope_->cancelled.load(std::memory_order_relaxed); }
  void cancel() { scope_->cancelled.store(true, std::memory_order_relaxed); }

 private:
  std::shared_ptr<RequestScope> scope_;
};

}  // namespace varve::base
