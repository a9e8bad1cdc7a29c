// Task<T>: an Asio coroutine, named once. Sole home of awaitable.
//
// A task runs on the event loop of whoever awaits it and resumes there after every suspension. It
// takes its arguments by value (style.md 6.1). Only engine/, ports/, services/, http/, the front
// ends and adapters see this header; kernel/ and format/ never suspend.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace varve::base {

using LoopExecutor = boost::asio::io_context::executor_type;

template <class T>
using Task = boost::asio::awaitable<T, LoopExecutor>;

}  // namespace varve::base
