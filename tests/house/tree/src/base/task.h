// Stands for the real one.
#pragma once

#include <boost/asio/awaitable.hpp>
