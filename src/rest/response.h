// The shapes of answers (rest-semantics.md 3).
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "http/message.h"

namespace varve::rest {

// What a handler gives: a response, or the Error that becomes one.
using Answer = base::Result<http::Response>;

// 200 with the JSON value in `body`.
http::Response json_response(base::Bytes body, int status = 200);
http::Response empty_response(int status = 204);
http::Response error_response(int status, std::string_view message);
http::Response error_response(const base::Error& error);

// A task that has failed already: for functions that check before they start one.
template <class T>
base::Task<base::Result<T>> failed(base::Error error) {
  co_return std::move(error);
}

}  // namespace varve::rest
